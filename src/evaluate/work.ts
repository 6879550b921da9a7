/** What evaluation has computed in the thread of statistics, beside what quality has. */
import { inThisThread, type MeasureOf, work as ofQuality } from '../assure/thread/work.ts'
import { leaderboard } from './leaderboard/read.ts'

export const work = { ...ofQuality, leaderboard }

export type Measure = MeasureOf<typeof work>

/** In the caller's own thread: for commands and tests. */
export const measureHere = inThisThread(work)
