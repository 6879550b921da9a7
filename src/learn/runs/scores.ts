/**
 * Scores of samples by the reward that learns while people work, as it stands when the run begins, but for the prompts that the
 * run's dataset holds out: had it learned those, the policy would be evaluated on what it was trained by.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/sql.ts'
import type { RewardFunction } from '../../trainer/schedule/learner.ts'
import { learnerWithout, scoreTexts } from '../reward/read.ts'

export async function onlineScores(
  db: Db,
  run: { id: string; project: string; snapshotId: string },
): Promise<RewardFunction> {
  const { model, seq } = await learnerWithout(db, run.project, run.snapshotId)
  // A resumed run is scored by a reward that has learned more; lineage must know of all of it.
  await sql`UPDATE runs SET reward_seq = greatest(reward_seq, ${seq}::int) WHERE id = ${run.id}`.execute(db)
  return (items) =>
    scoreTexts(
      model,
      items.map(({ response }) => response),
    )
}
