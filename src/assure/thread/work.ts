/** What is computed off the server's thread: everything here reads the database itself and answers with plain data. */
import type { Db } from '../../platform/sql.ts'
import { refitNext } from '../consensus/refit.ts'
import * as quality from '../quality/measure.ts'

export const work = { refit: (db: Db, _: null) => refitNext(db), ...quality }

type Work = typeof work
type Kind = keyof Work

/** Does one piece of work: here, or in a thread of its own. */
export type Measure = <K extends Kind>(kind: K, input: Parameters<Work[K]>[1]) => ReturnType<Work[K]>

/** In the caller's own thread: for commands and tests. */
export const measureHere =
  (db: Db): Measure =>
  (kind, input) =>
    // biome-ignore lint/complexity/noBannedTypes: the pairing of kind and input is what `Measure` says
    (work[kind] as Function)(db, input)
