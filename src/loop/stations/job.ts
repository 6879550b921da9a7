/** Work of a station that takes longer than a moment is a job: it survives a crash, and people see how far it is. */
import { sql } from 'kysely'
import type { Problem } from '../../platform/errors.ts'
import { cancelJob, retryJob } from '../../platform/jobs/store.ts'
import { type Db, one } from '../../platform/sql.ts'
import type { StationName } from '../rules.ts'
import type { StationRow } from '../store.ts'
import type { RoundStation, Turn } from './station.ts'

export const roundJob = 'round'
export interface RoundJobInput {
  round: string
  station: StationName
}

export const startJob = ({ trx, platform, round }: Turn, station: StationName, title: string): Promise<string> =>
  platform.jobs.start(trx, {
    kind: roundJob,
    title: `Round ${round.number}: ${title}`,
    project: round.project,
    input: { round: round.id, station } satisfies RoundJobInput,
    createdBy: round.createdBy ?? undefined,
  })

interface JobState<Result> {
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  done: number
  total: number | null
  problem: Problem | null
  result: Result | null
}

export const jobOf = <Result>(db: Db, job: string): Promise<JobState<Result>> =>
  one(db, sql<JobState<Result>>`SELECT state, done, total, problem, result FROM jobs WHERE id = ${job}`)

/** Why a job that has ended without a result did so; undefined while it goes on or has one. */
export function endOf({ state, problem }: JobState<unknown>): Problem | undefined {
  if (state === 'cancelled')
    return { code: 'conflict', message: 'The job was cancelled.', hint: 'Try again, or close the round.' }
  if (state === 'failed') return problem ?? { code: 'internal', message: 'The job failed.' }
  return undefined
}

/** How a station whose work is a job tries it again, and ends it. */
export const overJob: Pick<RoundStation, 'again' | 'stop'> = {
  async again({ trx, round }: Turn, { subject }: StationRow) {
    if (subject === null) return false
    const { state } = await jobOf(trx, subject)
    // What goes on by itself is not begun a second time: it was a look at it that failed.
    return state === 'waiting' || state === 'running' || (await retryJob(trx, round.project, subject)) !== undefined
  },
  async stop({ trx, round }, { subject }) {
    if (subject) await cancelJob(trx, round.project, subject)
  },
}
