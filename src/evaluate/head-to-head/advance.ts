/**
 * What moves a head to head on: sampling -> judging -> done, or failed. Each step is one transaction on what the tables
 * say, so that a step that was cut off is taken again, and one that was taken is not.
 */
import { randomInt } from 'node:crypto'
import { writeTasks } from '../../collect/tasks/write.ts'
import { compareTemplate, routeFor } from '../../collect/templates/store.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { Platform } from '../../platform/context.ts'
import type { Problem } from '../../platform/errors.ts'
import { emit } from '../../platform/events.ts'
import { sha256 } from '../../platform/ids.ts'
import { type Db, inTransaction } from '../../platform/sql.ts'
import { saltOf } from '../../projects/store.ts'
import {
  isBeingJudged,
  jobState,
  lockRow,
  markIdentical,
  openIds,
  type ReadyPair,
  type Responses,
  type Row,
  readyPairs,
  responsesOf,
  setMeasureJob,
  setState,
  setTasks,
} from './store.ts'

/** Above this share of missing answers it fails: what is left would no longer stand for the prompts that were drawn. */
const mostMissing = 0.1

/** Moves every head to head on as far as it goes; answers whether one was moved. Safe to run on every replica. */
export async function advanceHeadToHeads(platform: Pick<Platform, 'db' | 'jobs' | 'clock' | 'log'>): Promise<boolean> {
  let moved = false
  for (const id of await openIds(platform.db))
    try {
      moved = (await inTransaction(platform.db, (trx) => step(trx, platform, id))) || moved
    } catch (error) {
      // It is tried again; those after it, of other projects too, must not wait for that.
      platform.log.error({ err: error, headToHead: id }, 'a head to head could not be moved on')
    }
  return moved
}

type Ground = Pick<Platform, 'jobs' | 'clock'>

async function step(trx: Db, platform: Ground, id: string): Promise<boolean> {
  const row = await lockRow(trx, id, true)
  if (row?.state === 'sampling') return afterSampling(trx, platform, row)
  if (row?.state === 'judging') return afterJudging(trx, platform, row)
  return false
}

async function afterSampling(trx: Db, platform: Ground, row: Row): Promise<boolean> {
  const responses = await responsesOf(trx, row.id)
  const { total, done, failed } = responses
  if (done + failed < total) return false
  if (failed / total > mostMissing || failed === total) {
    await endHeadToHead(trx, platform, row, 'failed', notAnswered(responses))
    return true
  }
  const ready = await readyPairs(trx, row.id)
  const identical = ready.filter((pair) => pair.identical).map(({ prompt }) => prompt)
  await markIdentical(trx, row.id, identical)
  await askPeople(
    trx,
    row,
    platform.clock(),
    ready.filter((pair) => !pair.identical),
  )
  const { id, project } = row
  const title = `Measure ${row.candidate.name} against ${row.baseline.name}`
  const job = await platform.jobs.start(trx, { kind: 'head-to-head', title, project, input: { headToHead: id } })
  await setMeasureJob(trx, id, job)
  await setState(trx, row, 'judging')
  return true
}

function notAnswered({ total, failed, problem }: Responses): Problem {
  const first = problem ? `: ${problem.message}` : '.'
  return {
    code: problem?.code ?? 'unavailable',
    message: `${failed} of ${total} answers are missing${first}`,
    hint: problem?.hint ?? 'Ask for them again.',
    ...(problem?.where ? { where: problem.where } : {}),
  }
}

/** A blind compare task of each pair; which of the two is stored first is drawn, so that it tells nothing. */
async function askPeople(trx: Db, { id, project, plan }: Row, at: Date, pairs: ReadyPair[]): Promise<void> {
  if (!pairs.length) return
  const salt = await saltOf(trx, project)
  const template = await compareTemplate(trx, project)
  const route = await routeFor(trx, project, { skills: plan.skills })
  const source = ({ prompt }: ReadyPair) => sha256(salt, 'head-to-head', id, prompt)
  const tasks = pairs.map((pair) => ({
    prompt: pair.prompt,
    targets: randomInt(2) ? [pair.candidate, pair.baseline] : [pair.baseline, pair.candidate],
    source: source(pair),
  }))
  const { overlap, priority } = plan
  const made = await writeTasks(trx, project, tasks, { template, route, overlap, purpose: 'evaluation', priority })
  const bySource = new Map(made.map((task) => [task.source.toString('hex'), task.id]))
  await setTasks(
    trx,
    id,
    pairs.map((pair) => ({ prompt: pair.prompt, task: bySource.get(source(pair).toString('hex'))! })),
  )
  const subject = `head-to-head ${id}`
  const after = { tasks: made.length }
  await recordAudit(trx, [{ actor: 'system', action: 'task.create', subject, project, after }], at)
}

async function afterJudging(trx: Db, platform: Ground, row: Row): Promise<boolean> {
  if (await isBeingJudged(trx, row.id)) return false
  const measuring = row.measureJob && (await jobState(trx, row.measureJob))
  if (measuring === 'waiting' || measuring === 'running') return false
  await endHeadToHead(trx, platform, row, 'done')
  return true
}

/** Notes that it has ended, and tells followers. */
export async function endHeadToHead(
  trx: Db,
  { clock }: Pick<Platform, 'clock'>,
  { id, project, candidate, baseline, round }: Row,
  state: 'done' | 'failed',
  problem?: Problem,
): Promise<void> {
  await setState(trx, { id, project }, state, { problem, endedAt: clock() })
  await emit(trx, {
    project,
    kind: 'head-to-head.ended',
    subject: id,
    data: { headToHead: id, state, candidate: candidate.id, baseline: baseline.id, ...(round ? { round } : {}) },
  })
}
