/** Begins a head to head, asks again for what failed, and closes one early; each inside the caller's transaction, and audited. */
import type { z } from 'zod'
import type { Measure } from '../../assure/thread/work.ts'
import { startSampling } from '../../collect/sampling/start.ts'
import { raiseOverlap, setWithdrawn } from '../../collect/tasks/queue.ts'
import { findSnapshot } from '../../learn/datasets/read.ts'
import { findCheckpoint } from '../../models/checkpoints/store.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { cancelJob } from '../../platform/jobs/store.ts'
import type { Db } from '../../platform/sql.ts'
import { endHeadToHead } from './advance.ts'
import { newHeadToHead, plan as planShape } from './contract.ts'
import {
  addRow,
  askAgain,
  askedOf,
  cutShort,
  drawPrompts,
  lockRow,
  type Row,
  reopenSamples,
  samplingJobs,
  setOverlap,
  setState,
} from './store.ts'

export type NewHeadToHead = z.input<typeof newHeadToHead> & {
  project: string
  roundId?: string
  createdBy?: string
  /** Whom the project's quality suspects now: what they will say of it is left out. */
  withoutPeople?: readonly string[]
  /** Who stands in the audit log where nobody is known by an id; `system` unless told. */
  actor?: string
}

/** Whom the project's quality suspects at this moment. */
export async function suspectsNow(measure: Measure, project: string): Promise<string[]> {
  const { rows } = await measure('suspects', { project })
  return [...new Set(rows.map(({ person }) => person.id))]
}

const audited = (
  trx: Db,
  { clock }: Pick<Platform, 'clock'>,
  act: 'start' | 'retry' | 'finish' | 'stop' | 'ask-more',
  { project, id, actor = 'system', after }: { project: string; id: string; actor?: string; after: unknown },
) =>
  recordAudit(trx, [{ actor, action: `head-to-head.${act}`, subject: `head-to-head ${id}`, project, after }], clock())

/** What was found is kept, by its id: something else may be called like the id that was asked for. */
async function checkedReward(trx: Db, project: string, reward: string | null): Promise<string | null> {
  if (reward === null || reward === 'online') return reward
  const found = await findCheckpoint(trx, project, reward)
  return found?.head === 'scalar' ? found.id : fail('not_found', 'There is no such reward model.', { where: 'reward' })
}

/** Draws the prompts, begins the sampling job and notes the pairs; returns its id. Nothing has happened where it throws. */
export async function startHeadToHead(
  trx: Db,
  platform: Pick<Platform, 'jobs' | 'clock'>,
  { project, roundId, createdBy, actor = createdBy, withoutPeople = [], ...given }: NewHeadToHead,
): Promise<string> {
  const { candidate, baseline, reward: scoredBy = null } = newHeadToHead.parse(given)
  const plan = planShape.parse({ ...given, withoutPeople })
  if (candidate === baseline)
    fail('bad_input', 'A policy cannot be set against itself.', { where: 'baseline', hint: 'Choose another baseline.' })
  const { heldOutOf } = plan.prompts
  if (heldOutOf && !(await findSnapshot(trx, project, heldOutOf)))
    fail('not_found', 'There is no such dataset in this project.', { where: 'prompts.heldOutOf' })
  const reward = await checkedReward(trx, project, scoredBy)
  const prompts = await drawPrompts(trx, { project, candidate, plan })
  if (!prompts.length)
    fail('bad_input', heldOutOf ? 'Nothing of this dataset was held out.' : 'No prompt matches.', { where: 'prompts' })
  const { job } = await startSampling(
    trx,
    platform,
    project,
    { prompts, policies: [candidate, baseline], responses: 1, parameters: plan.parameters, seed: plan.seed },
    { createdBy, actor },
  )
  const id = newId()
  await addRow(trx, job, {
    id,
    project,
    candidate,
    baseline,
    plan,
    reward,
    round: roundId ?? null,
    createdBy: createdBy ?? null,
    at: platform.clock(),
  })
  await audited(trx, platform, 'start', { project, id, actor, after: { ...given, withoutPeople } })
  return id
}

async function locked(trx: Db, project: string, id: string): Promise<Row> {
  const row = await lockRow(trx, id)
  return row?.project === project ? row : fail('not_found', 'There is no such head to head.', { where: 'headToHead' })
}

/** Asks again for answers that failed or were cancelled; what is judged already stays. Returns how many are asked for. */
export async function retryHeadToHead(
  trx: Db,
  platform: Pick<Platform, 'jobs' | 'clock'>,
  { project, id, createdBy }: { project: string; id: string; createdBy?: string },
): Promise<number> {
  const row = await locked(trx, project, id)
  if (row.state === 'sampling') fail('conflict', 'The answers are still being drawn.', { where: 'headToHead' })
  const title = 'Sample what failed again'
  const job = await platform.jobs.start(trx, { kind: 'sample', title, project, input: {}, createdBy })
  const asked = await reopenSamples(trx, id, job)
  if (!asked) fail('conflict', 'No answer is missing.', { where: 'headToHead' })
  await setState(trx, row, 'sampling')
  await audited(trx, platform, 'retry', { project, id, actor: createdBy, after: { asked } })
  return asked
}

/** Takes what nobody has judged out of the queue, so that it ends with what is there; returns how many tasks. */
export async function finishHeadToHead(
  trx: Db,
  platform: Pick<Platform, 'clock'>,
  { project, id, by }: { project: string; id: string; by?: string },
): Promise<number> {
  const { state } = await locked(trx, project, id)
  if (state !== 'judging')
    fail('conflict', state === 'sampling' ? 'The answers are still being drawn.' : 'It has ended already.', {
      where: 'headToHead',
    })
  const tasks = await cutShort(trx, id)
  await setWithdrawn(trx, project, tasks, true)
  await audited(trx, platform, 'finish', { project, id, actor: by, after: { tasks: tasks.length } })
  return tasks.length
}

/** Has more people judge each pair of one that has ended; what was taken out of the queue when it ended is asked again. */
export async function askMorePeople(
  trx: Db,
  platform: Pick<Platform, 'clock'>,
  { project, id, overlap, by }: { project: string; id: string; overlap: number; by?: string },
): Promise<void> {
  const row = await locked(trx, project, id)
  if (row.state !== 'done') fail('conflict', 'It has not ended yet.', { where: 'headToHead' })
  if (overlap <= row.plan.overlap)
    fail('bad_input', `Each pair is judged by ${row.plan.overlap} already.`, { where: 'overlap' })
  const { tasks } = await askedOf(trx, id)
  await raiseOverlap(trx, tasks, overlap)
  await setWithdrawn(trx, project, await askAgain(trx, id), false)
  await setOverlap(trx, id, overlap)
  await setState(trx, row, 'judging')
  await audited(trx, platform, 'ask-more', { project, id, actor: by, after: { overlap } })
}

/** Ends it while its answers are still being drawn: nobody waits for them any more. Asked again, it goes on from there. */
export async function stopHeadToHead(
  trx: Db,
  platform: Pick<Platform, 'clock'>,
  { project, id }: { project: string; id: string },
): Promise<void> {
  const row = await locked(trx, project, id)
  if (row.state !== 'sampling') fail('conflict', 'Its answers are drawn already.', { where: 'headToHead' })
  for (const job of await samplingJobs(trx, id)) await cancelJob(trx, project, job)
  const hint = 'Ask for its answers again where it is wanted after all.'
  const problem = { code: 'conflict', message: 'It was stopped before its answers were drawn.', hint }
  await endHeadToHead(trx, platform, row, 'failed', problem)
  await audited(trx, platform, 'stop', { project, id, after: {} })
}
