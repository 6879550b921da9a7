/** What is computed off the server's thread: everything here reads the database itself and answers with plain data. */
import type { Db } from '../../platform/sql.ts'
import { refitNext } from '../consensus/refit.ts'
import * as quality from '../quality/measure.ts'

export const work = { refit: (db: Db, _: null) => refitNext(db), ...quality }

/** Each piece of work says itself what it takes. */
type Works = Record<string, (db: Db, input: never) => Promise<unknown>>

/** Does one piece of work: here, or in a thread of its own. */
export type MeasureOf<W extends Works> = <K extends keyof W>(kind: K, input: Parameters<W[K]>[1]) => ReturnType<W[K]>

export type Measure = MeasureOf<typeof work>

/** In the caller's own thread: for commands and tests. */
export const inThisThread =
  <W extends Works>(works: W) =>
  (db: Db): MeasureOf<W> =>
  (kind, input) =>
    works[kind]!(db, input as never) as ReturnType<W[typeof kind]>
