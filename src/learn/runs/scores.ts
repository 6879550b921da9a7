/** Scores of samples by the reward that learns while people work, as it stands when the run begins. */
import { sql } from 'kysely'
import type { Db } from '../../platform/sql.ts'
import type { RewardFunction } from '../../trainer/schedule/learner.ts'
import { featuresOf } from '../reward/features.ts'
import { predict } from '../reward/model.ts'
import { learnerOf } from '../reward/read.ts'

/** So many texts before others have their turn on this thread: a few milliseconds. */
const atOnce = 16

export async function onlineScores(db: Db, run: { id: string; project: string }): Promise<RewardFunction> {
  const { model, seq } = await learnerOf(db, run.project)
  // A resumed run is scored by a reward that has learned more; lineage must know of all of it.
  await sql`UPDATE runs SET reward_seq = greatest(reward_seq, ${seq}::int) WHERE id = ${run.id}`.execute(db)
  // What the process remembers goes on learning in place; a run needs one measure from its first step to its last.
  const fixed = { ...model, mean: model.mean.slice(), variance: model.variance.slice() }
  return async (items) => {
    const scores: number[] = []
    for (const [i, { response }] of items.entries()) {
      if (i % atOnce === atOnce - 1) await new Promise((go) => setImmediate(go))
      scores.push(predict(fixed, featuresOf(response)).logit)
    }
    return scores
  }
}
