/** A round from its plan to its promotion, with real jobs, a real trainer and people who answer through the queue. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../test/http.ts'
import { addMember, addPerson, join, type TestPerson, type TestProject, testProject } from '../../test/project.ts'
import { consensusFollower } from '../assure/consensus/store.ts'
import { writePromptBatch } from '../collect/prompts/write.ts'
import { claim } from '../collect/tasks/queue.ts'
import { messagesOf, taskOf } from '../collect/tasks/read.ts'
import { submit } from '../collect/tasks/work.ts'
import { advanceHeadToHeads } from '../evaluate/head-to-head/advance.ts'
import { measureHere } from '../evaluate/work.ts'
import { takeSnapshot } from '../learn/datasets/store.ts'
import { rewardFollower } from '../learn/reward/store.ts'
import { settleRuns } from '../learn/runs/job.ts'
import { findRun, startRun } from '../learn/runs/read.ts'
import { catchUp } from '../platform/events.ts'
import { inTransaction } from '../platform/sql.ts'
import { saltOf } from '../projects/store.ts'
import { jobHandlers } from '../router.ts'
import { roundsMover } from './advance.ts'
import type { Round } from './contract.ts'

let at: TestProject
let http: TestHttp
let lead: TestPerson
let people: TestPerson[]
let policy: string
let moveRounds: () => Promise<boolean>
const dataDir = mkdtempSync(joinPath(tmpdir(), 'rounds-'))

const topics = ['refund', 'delivery', 'invoice', 'password', 'exchange', 'address']
const settings = { batchSize: 8, maxLength: 64, seed: 3 }

beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 0 })
  http = await testHttp({ ...at, platform: { ...at.platform, dataDir } })
  const { db, project } = at
  lead = await addMember({ db, project }, 'Ada', 'lead')
  people = await Promise.all(['Bea', 'Cleo'].map((name) => addPerson(db, name)))
  for (const person of people) await join(db, project, person, 'annotator')
  const salt = await saltOf(db, project)
  const prompts = Array.from({ length: 60 }, (_, i) => {
    const topic = topics[i % topics.length]!
    return {
      turns: [{ role: 'user' as const, text: `${topic} question ${i}` }],
      responses: [{ text: `We look at your ${topic}.` }, { text: `The ${topic} is done. Can I help you with more?` }],
      metadata: {},
      tags: ['demo'],
    }
  })
  await db.transaction().execute((trx) => writePromptBatch(trx, { project, salt, at: new Date() }, prompts))
  moveRounds = roundsMover(http.platform)
  const { jobs } = http.platform
  const handlers = jobHandlers(http.platform, http.models, measureHere(db))
  for (const [kind, handler] of Object.entries(handlers)) jobs.handle(kind, handler)
  await jobs.run()
  const snapshot = await takeSnapshot(
    db,
    { project, kind: 'demonstration', filters: { split: { test: 0 } } },
    new Date(),
  )
  const run = await inTransaction(db, (trx) =>
    startRun(trx, http.platform, {
      project,
      algorithm: 'sft',
      snapshot: snapshot.id,
      base: 'preset:1m',
      settings: { ...settings, steps: 40 },
    }),
  )
  await settle(async () => (await findRun(db, project, run))?.state === 'done')
  policy = (await findRun(db, project, run))!.policyId!
})
afterAll(async () => {
  await http.platform.jobs.stop()
  await http.models.close()
  rmSync(dataDir, { recursive: true, force: true })
  await at.database.close()
})

/** Moves everything on until it is so. */
async function settle(isSo: () => Promise<boolean>, seconds = 60): Promise<void> {
  const until = Date.now() + seconds * 1000
  while (!(await isSo())) {
    if (Date.now() > until) throw new Error(`it did not settle: ${JSON.stringify(await newest().catch(() => null))}`)
    http.platform.jobs.wake()
    await settleRuns(http.platform)
    await catchUp(at.db, [consensusFollower, rewardFollower])
    await advanceHeadToHeads(http.platform)
    await moveRounds()
    await sleep(30)
  }
}

const path = (rest = '') => `/projects/${at.project}/rounds${rest}`
const call = (method: string, rest: string, body?: unknown) => http.call(method, path(rest), { key: lead.key, body })
const newest = async () => ((await call('GET', '')).body.rows as Round[])[0]!
const stationOf = (round: Round, name: string) => round.stations.find(({ station }) => station === name)!
const stands =
  (station: string, state = 'working') =>
  async () => {
    const round = await newest()
    return (
      round.at === station &&
      stationOf(round, station).state === state &&
      stationOf(round, station).facts.total !== undefined
    )
  }

/** Everybody answers everything: whoever offers help wins, otherwise the longer one. */
async function answerAll(): Promise<number> {
  let count = 0
  for (const person of people)
    for (;;) {
      const who = { person: person.id, project: at.project, role: 'annotator' as const, skills: [] }
      const lease = await claim(at.db, who, at.clock.read())
      if (!lease) break
      const [first, second] = await messagesOf(at.db, (await taskOf(at.db, lease.task))!.targets)
      const worth = (text: string) => (text.includes('?') ? 100 : 0) + text.length
      const strength = worth(first!.text!) > worth(second!.text!) ? -2 : 2
      const answers = [{ step: 'compare', payload: { strength } }]
      await submit(at.platform, { assignment: lease.id, person: person.id, key: lease.id, answers, activeMs: 5000 })
      at.clock.advance(30)
      count++
    }
  return count
}

const plan = (more: object = {}) => ({
  policy,
  prompts: { tag: 'demo', limit: 40 },
  samples: { responses: 2, parameters: { temperature: 1, maxTokens: 16 } },
  reward: { settings: { ...settings, steps: 10 } },
  training: { algorithm: 'dpo', settings: { ...settings, steps: 5 } },
  evaluation: { limit: 10, overlap: 1, parameters: { temperature: 0.7, maxTokens: 16 } },
  ...more,
})

it('refuses a plan that cannot be carried through', async () => {
  const refused = async (body: object) => {
    const { status, body: problem } = await call('POST', '', body)
    return [status, problem.code, problem.where]
  }
  expect(await refused({ plan: plan({ policy: at.project }) })).toEqual([404, 'not_found', 'plan.policy'])
  expect(await refused({ plan: plan({ samples: { policies: [at.project] } }) })).toEqual([
    404,
    'not_found',
    'plan.samples.policies',
  ])
  expect((await refused({ plan: { ...plan(), repeat: -1 } }))[0]).toBe(400)
  const training = (settings: object) => refused({ plan: plan({ training: { algorithm: 'grpo', settings } }) })
  expect(await training({ learningRate: 5 })).toEqual([400, 'bad_input', 'plan.training.settings.learningRate'])
  expect(await training({ learningrate: 1e-4 })).toEqual([400, 'bad_input', 'plan.training.settings'])
  expect(await training({ schedule: 'sudden' })).toEqual([400, 'bad_input', 'plan.training.settings.schedule'])
  expect(await training({ batchSize: 600, groupSize: 8 })).toEqual([
    400,
    'bad_input',
    'plan.training.settings.groupSize',
  ])
  const reward = (more: object) => refused({ plan: plan({ reward: more }) })
  expect(await reward({ settings: { steps: 0 } })).toEqual([400, 'bad_input', 'plan.reward.settings.steps'])
  expect(await reward({ base: 'no such model' })).toEqual([404, 'not_found', 'plan.reward.base'])
  expect((await call('GET', '')).body.rows).toEqual([])
})

it('says where it failed, and goes on from there', async () => {
  await call('POST', '', { plan: plan({ prompts: { tag: 'no such tag' } }) })
  await settle(async () => (await newest()).state === 'failed')
  const failed = await newest()
  expect(stationOf(failed, 'prompts').problem).toMatchObject({ code: 'bad_input', where: 'plan, prompts' })
  expect((await call('POST', '', { plan: plan() })).body).toMatchObject({ code: 'conflict' })
  await at.database.pool.query(`UPDATE prompts SET tags = tags || ARRAY['no such tag'] WHERE tags @> ARRAY['demo']`)
  expect((await call('POST', `/${failed.id}/retry`)).body).toMatchObject({ state: 'open' })
  await settle(stands('judgements'))
  expect((await call('POST', `/${failed.id}/close`, { why: 'only a try' })).status).toBe(200)
  expect(await newest()).toMatchObject({ state: 'closed', reason: 'only a try', at: 'judgements' })
  // What nobody has judged yet waits behind what was there before, as it is still worth judging.
  const left = await at.database.pool.query(
    `SELECT DISTINCT q.priority, q.recalled FROM round_tasks w JOIN queue q ON q.task_id = w.task_id WHERE w.round_id = $1`,
    [failed.id],
  )
  expect(left.rows).toEqual([{ priority: 0, recalled: false }])
  expect((await call('POST', `/${failed.id}/retry`)).body).toMatchObject({ code: 'conflict' })
  await answerAll()
})

it('turns from prompts to a promotion, and the next round begins with what was promoted', async () => {
  const started = (await call('POST', '', { plan: plan({ quality: { minimumAlpha: 1 } }) })).body as unknown as Round
  expect(started).toMatchObject({ number: 2, state: 'open', at: 'prompts' })
  await settle(stands('judgements'))
  const judging = stationOf(await newest(), 'judgements').facts
  expect(judging.done).toBe(0)
  expect(judging.total).toBeGreaterThan(5)
  const listed = `/projects/${at.project}/tasks?limit=200&round=${(await newest()).id}`
  expect((await http.call('GET', listed, { key: lead.key })).body.rows).toHaveLength(judging.total!)
  expect(await answerAll()).toBe(2 * judging.total!)

  // Two people who follow one rule agree wholly: the highest bar is passed.
  await settle(stands('evaluation'), 120)
  const measured = await newest()
  expect(stationOf(measured, 'judgements').facts).toMatchObject({ done: judging.total, people: 2, simulated: false })
  expect(stationOf(measured, 'quality').facts.alpha).toMatchObject({ value: 1 })
  expect(stationOf(measured, 'dataset').facts.rows).toBeGreaterThan(5)
  const { policy: candidate } = stationOf(measured, 'policy').facts
  await answerAll()
  await settle(async () => ['blocked', 'done'].includes(stationOf(await newest(), 'promotion').state), 60)

  const round = await newest()
  if (stationOf(round, 'promotion').state === 'blocked') {
    // Ten prompts prove nothing: the gates say so, and only a lead's word promotes it.
    expect(stationOf(round, 'promotion').facts.gates!.passed).toBeLessThan(6)
    const { lacks } = stationOf(round, 'promotion').facts
    if (lacks) {
      expect(lacks).toMatchObject({ needed: 30, overlap: 1 })
      const asked = await call('POST', `/${round.id}/ask-more`, { overlap: 2 })
      expect(asked.body).toMatchObject({ at: 'evaluation', state: 'open' })
      expect((await call('POST', `/${round.id}/ask-more`, { overlap: 3 })).body).toMatchObject({ code: 'conflict' })
      expect(await answerAll()).toBe(lacks.pairs)
      await settle(async () => stationOf(await newest(), 'promotion').state === 'blocked', 60)
      expect(stationOf(await newest(), 'promotion').facts.lacks).toMatchObject({ overlap: 2 })
    }
    const override = { policy: candidate, headToHead: stationOf(round, 'evaluation').subject, reason: 'a test' }
    const { status } = await http.call('POST', `/projects/${at.project}/promotions/override`, {
      key: lead.key,
      body: override,
    })
    expect(status).toBe(200)
  }
  await settle(async () => (await newest()).number === 3)
  const { body } = await call('GET', `/${round.id}`)
  expect(body).toMatchObject({ state: 'done', promoted: { id: candidate } })
  const next = await newest()
  expect(next.policy.id).toBe(candidate)
  expect(next.plan.repeat).toBe(0)
  await settle(stands('judgements'))
  const samples = await at.database.pool.query('SELECT DISTINCT policy_id FROM samples WHERE job_id = $1', [
    stationOf(await newest(), 'samples').subject,
  ])
  expect(samples.rows).toEqual([{ policy_id: candidate }])
}, 240_000)

it('waits below the agreement that is asked for, and goes on when a lead says why', async () => {
  const { id, policy: inForce } = await newest()
  await call('POST', `/${id}/close`, { why: 'room for another' })
  await answerAll()
  const refused = await call('POST', '', { plan: plan({}) })
  expect([refused.status, refused.body]).toMatchObject([400, { where: 'plan.policy', message: /is in force/ }])
  await call('POST', '', {
    plan: plan({
      policy: inForce.id,
      quality: { minimumAlpha: 0.99 },
      samples: { responses: 2, parameters: { temperature: 1.2, maxTokens: 12 } },
    }),
  })
  await settle(stands('judgements'))
  // A coin for everybody.
  for (const [i, person] of people.entries())
    for (let n = 0; ; n++) {
      const who = { person: person.id, project: at.project, role: 'annotator' as const, skills: [] }
      const lease = await claim(at.db, who, at.clock.read())
      if (!lease) break
      const answers = [{ step: 'compare', payload: { strength: n % (i + 2) === 0 ? 1 : -1 } }]
      await submit(at.platform, { assignment: lease.id, person: person.id, key: lease.id, answers, activeMs: 5000 })
    }
  await settle(async () => stationOf(await newest(), 'quality').state === 'blocked')
  const waiting = await newest()
  expect(stationOf(waiting, 'quality').problem!.message).toMatch(/Agreement \(alpha .*\) is below the 0.99/)
  expect((await call('POST', `/${waiting.id}/go-on`, { station: 'evaluation', why: 'x' })).body).toMatchObject({
    code: 'conflict',
  })
  await call('POST', `/${waiting.id}/go-on`, { station: 'quality', why: 'coins were asked for' })
  await settle(async () => (await newest()).at !== 'quality')
  expect(stationOf(await newest(), 'quality')).toMatchObject({
    state: 'done',
    accepted: { by: 'Ada', why: 'coins were asked for' },
  })
})
