/** What evaluation has computed in the thread of statistics, beside what quality has. */
import { type Measure as OfQuality, work as ofQuality } from '../assure/thread/work.ts'
import type { Db } from '../platform/sql.ts'
import { leaderboard } from './leaderboard/read.ts'

export const work = { ...ofQuality, leaderboard }

export type Measure = OfQuality &
  ((kind: 'leaderboard', input: Parameters<typeof leaderboard>[1]) => ReturnType<typeof leaderboard>)

/** In the caller's own thread: for commands and tests. */
export const measureHere = (db: Db) =>
  // biome-ignore lint/complexity/noBannedTypes: the pairing of kind and input is what `Measure` says
  ((kind: keyof typeof work, input: unknown) => (work[kind] as Function)(db, input)) as Measure
