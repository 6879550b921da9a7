/** Refuses a plan that could not be carried through, before anybody works for it; and foresees what it comes to. */
import { sql } from 'kysely'
import { currentPolicy } from '../evaluate/gates/read.ts'
import { gateSettingsOf } from '../evaluate/gates/store.ts'
import { checkRun } from '../learn/runs/read.ts'
import { findPolicy } from '../models/policies/store.ts'
import { fail, isProblem } from '../platform/errors.ts'
import { type Db, one } from '../platform/sql.ts'
import { leastShareTold } from '../stats/planning/design.ts'
import type { Foresight, Plan } from './contract.ts'
import { promptsFor } from './stations/collecting.ts'

export async function checkPlan(trx: Db, project: string, plan: Plan): Promise<void> {
  const { policy, samples, promotion } = plan
  const found = await findPolicy(trx, project, policy)
  if (!found) return fail('not_found', 'There is no such policy.', { where: 'plan.policy' })
  if (!found.checkpointId)
    fail('bad_input', `"${found.name}" is an endpoint of somebody else: it cannot be trained.`, {
      where: 'plan.policy',
      hint: 'Begin with a local model: train one under Learn, Runs, or add one under Learn, Models.',
    })
  const current = await currentPolicy(trx, project)
  if (promotion === 'when-gates-pass' && current && current.id !== policy)
    fail('bad_input', `${current.name} is in force: no gates let what grew from ${found.name} take its place.`, {
      where: 'plan.policy',
      hint: `Begin with ${current.name}; or leave the promotion to a lead, who may override the gates with a reason.`,
    })
  for (const id of samples.policies)
    if (!(await findPolicy(trx, project, id)))
      fail('not_found', 'There is no such policy.', { where: 'plan.samples.policies' })
  await checkSettings(trx, project, plan)
}

/** Holds the settings of both runs, and what the reward begins with, against what the trainer takes. */
export async function checkSettings(trx: Db, project: string, { policy, reward, training }: Plan): Promise<void> {
  const own = (await findPolicy(trx, project, policy))!.checkpointId!
  if (reward.source === 'train')
    await within('plan.reward', () =>
      checkRun(trx, { project, algorithm: 'reward', base: reward.base ?? own, settings: reward.settings }),
    )
  await within('plan.training', () => checkRun(trx, { project, base: own, ...training }))
}

/** What is wrong, with its place in the plan: a run knows only its own. */
async function within(part: string, check: () => Promise<void>): Promise<void> {
  try {
    await check()
  } catch (error) {
    if (!isProblem(error)) throw error
    const field = error.where?.replace(/^run, /, 'settings.')
    fail(error.code, error.message, { where: [part, field].filter(Boolean).join('.'), hint: error.hint })
  }
}

/** How much the judgements of two people on one pair hang together: about what is found where people agree fairly. */
const sameItem = 0.3

/** Prompts that earlier datasets held out stay so; of those that are new to datasets the plan's share is held out. */
export async function foresee(db: Db, project: string, plan: Plan): Promise<Foresight> {
  const asked = await promptsFor(db, { id: project, project, plan })
  const { held, fresh } = await one(
    db,
    sql<{ held: number; fresh: number }>`
      WITH known AS (
        SELECT r.prompt_id, bool_or(r.split = 'test') AS held FROM snapshots s JOIN snapshot_rows r ON r.snapshot_id = s.id
        WHERE s.project_id = ${project} AND s.kind = 'preference' GROUP BY r.prompt_id),
      learned AS (
        SELECT unnest(${asked}::uuid[]) AS prompt_id UNION
        SELECT t.prompt_id FROM consensus c JOIN tasks t ON t.id = c.task_id
        WHERE t.project_id = ${project} AND c.attribute = 'preference')
      SELECT (SELECT count(*) FROM known WHERE held) AS held,
        (SELECT count(*) FROM learned l WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.prompt_id = l.prompt_id)) AS fresh`,
  )
  const { minJudgements, minWinRate } = await gateSettingsOf(db, project)
  const { limit, overlap } = plan.evaluation
  const heldOut = Math.min(limit, Math.round(held + plan.dataset.testShare * fresh))
  return {
    prompts: asked.length,
    heldOut,
    comparisons: heldOut * overlap,
    needed: minJudgements,
    threshold: minWinRate,
    leastWinRate: leastShareTold(minWinRate, { items: heldOut, votesPerItem: overlap, rho: sameItem }),
  }
}
