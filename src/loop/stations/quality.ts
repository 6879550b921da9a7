/** Quality: what the judgements of this round are worth, before anything is learned from them. */
import { sql } from 'kysely'
import type { Measure } from '../../assure/thread/work.ts'
import { all, type Db } from '../../platform/sql.ts'
import type { Facts } from '../contract.ts'
import type { OpenRound } from '../store.ts'
import { endOf, jobOf, overJob, startJob } from './job.ts'
import type { RoundStation } from './station.ts'

const tasksOf = async (db: Db, round: string): Promise<string[]> =>
  (await all(db, sql<{ task: string }>`SELECT task_id AS task FROM round_tasks WHERE round_id = ${round}`)).map(
    ({ task }) => task,
  )

/** Done by the job, in the thread of statistics: agreement is that of the round's own tasks, suspects are those of the project. */
export async function measureRound(db: Db, { id, project, plan }: OpenRound, measure: Measure): Promise<Facts> {
  const { people, alpha, suspects } = await measure('ofTasks', {
    project,
    tasks: await tasksOf(db, id),
    suspects: plan.quality.withoutSuspects,
  })
  return { people, suspects, ...('undefined' in alpha ? { unknown: alpha.undefined } : { alpha }) }
}

export const quality: RoundStation = {
  ...overJob,
  begin: async (turn) => ({ subject: await startJob(turn, 'quality', 'look at the judgements'), facts: {} }),
  async look({ trx, round }, { subject, facts: known, acceptedWhy }) {
    const job = await jobOf<Facts>(trx, subject!)
    const problem = endOf(job)
    if (problem) return { state: 'failed', facts: known, problem }
    if (!job.result) return { state: 'working', facts: known }
    const facts = job.result
    const { minimumAlpha } = round.plan.quality
    if (acceptedWhy !== null || minimumAlpha === undefined) return { state: 'done', facts }
    const hint = 'Look at Quality for what people disagree on; mend the guideline, or say why the round goes on.'
    if (!facts.alpha) return { state: 'blocked', facts, why: `Agreement cannot be measured: ${facts.unknown}.`, hint }
    return facts.alpha.value >= minimumAlpha
      ? { state: 'done', facts }
      : {
          state: 'blocked',
          facts,
          why: `Agreement (alpha ${facts.alpha.value.toFixed(2)}) is below the ${minimumAlpha} that the plan asks for.`,
          hint,
        }
  },
}
