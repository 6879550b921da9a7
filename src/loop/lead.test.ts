/** What a lead does where a run of a round has failed; no job runs here but what a test says of it. */
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../test/http.ts'
import { type JudgedProject, judgedProject } from '../../test/judged.ts'
import { addMember, type TestPerson } from '../../test/project.ts'
import { takeSnapshot } from '../learn/datasets/store.ts'
import { registerCheckpoint } from '../models/checkpoints/store.ts'
import { all, json, one } from '../platform/sql.ts'
import { roundsMover } from './advance.ts'
import type { Foresight, Round } from './contract.ts'
import { keepStation, moveRound } from './store.ts'

let at: JudgedProject
let http: TestHttp
let lead: TestPerson
let policy: string
let snapshot: string
let round: string
const files = { head: 'lm' as const, base: 'preset:1m', parameters: 1e6, bytes: 1, hash: Buffer.alloc(32) }

beforeAll(async () => {
  at = await judgedProject({ tasks: 40 })
  http = await testHttp(at)
  lead = await addMember(at, 'Ada', 'lead')
  policy = (await registerCheckpoint(at.db, { project: at.project, name: 'base', ...files })).policy!
  const filters = { split: { test: 0.2 } }
  snapshot = (await takeSnapshot(at.db, { project: at.project, kind: 'preference', filters }, at.clock.read())).id
})
afterAll(() => at.database.close())

const call = async (method: string, path: string, body?: unknown) => {
  const { status, body: answered } = await http.call(method, `/projects/${at.project}/rounds${path}`, {
    key: lead.key,
    body,
  })
  return { status, body: answered as unknown as Round & { code: string; where: string } }
}
const shown = async () => (await call('GET', `/${round}`)).body
const own = async () => (await shown()).stations.find(({ station }) => station === 'policy')!
const move = () => roundsMover(http.platform)()
const runs = () =>
  all(
    at.db,
    sql<{ id: string; spec: object }>`SELECT id, spec FROM runs WHERE round_id = ${round} ORDER BY created_at, id`,
  )
/** As its job would leave it. */
async function diverge(checkpoint: string | null): Promise<void> {
  const [run] = (await runs()).slice(-1)
  const problem = { code: 'diverged', message: 'The loss leapt to 1e9 at step 12.' }
  await sql`
    UPDATE runs SET state = 'failed', problem = ${json(problem)}, checkpoint_id = ${checkpoint} WHERE id = ${run!.id}`.execute(
    at.db,
  )
  await sql`UPDATE jobs SET state = 'failed' WHERE id = (SELECT job_id FROM runs WHERE id = ${run!.id})`.execute(at.db)
  await move()
}

beforeEach(async () => {
  const training = { algorithm: 'dpo', settings: { learningRate: 0.5, steps: 20 } }
  round = (await call('POST', '', { plan: { policy, reward: { source: 'online' }, training } })).body.id
  await keepStation(at.db, round, 'dataset', { state: 'done', subject: snapshot, facts: {} }, at.clock.read())
  await moveRound(at.db, round, 'policy')
  await move()
})
afterEach(() => call('POST', `/${round}/close`, { why: 'the test is over' }))

it('tries a run again with other settings, which take the place of those in the plan', async () => {
  await diverge(null)
  expect(await own()).toMatchObject({ state: 'failed', problem: { code: 'diverged' } })
  const again = (settings: object) => call('POST', `/${round}/retry`, { settings })
  expect(await again({ training: { learningRate: 5 } })).toMatchObject({
    status: 400,
    body: { where: 'plan.training.settings.learningRate' },
  })
  expect((await again({ reward: { steps: 5 } })).body).toMatchObject({ code: 'conflict', where: 'settings.reward' })
  const training = { learningRate: 1e-5, steps: 20 }
  expect((await again({ training })).body).toMatchObject({ state: 'open', plan: { training: { settings: training } } })
  await move()
  expect((await runs()).map(({ spec }) => spec)).toEqual([{ learningRate: 0.5, steps: 20 }, training])
  expect((await own()).subject).toBe((await runs())[1]!.id)
  const audited = sql<{ actor: string }>`
    SELECT actor FROM audit WHERE action = 'round.retry' AND subject = ${`round ${round}`}`
  expect(await all(at.db, audited)).toEqual([{ actor: lead.id }])
})

it('goes on with the last good model of a run that diverged, and says who let it', async () => {
  const accept = () => call('POST', `/${round}/go-on`, { station: 'policy', why: 'it had learned enough' })
  expect((await accept()).body).toMatchObject({ code: 'conflict' })
  const good = await registerCheckpoint(at.db, { project: at.project, name: 'good so far', ...files })
  await diverge(good.checkpoint)
  expect(await own()).toMatchObject({ state: 'failed', facts: { lastGood: 'good so far' } })
  expect((await accept()).body).toMatchObject({ state: 'open' })
  await move()
  expect(await own()).toMatchObject({
    state: 'done',
    facts: { name: 'good so far', policy: good.policy },
    accepted: { by: 'Ada', why: 'it had learned enough' },
    seconds: expect.any(Number),
  })
  expect((await shown()).at).toBe('evaluation')
})

it('foresees how much a plan could tell', async () => {
  const { body } = await call('POST', '/foresee', { plan: { policy, evaluation: { overlap: 2 } } })
  const { heldOut, comparisons, ...rest } = body as unknown as Foresight
  expect(rest).toEqual({ prompts: 40, needed: 30, threshold: 0.5, leastWinRate: expect.any(Number) })
  // Those that the dataset has held out stay so: no prompt is new.
  const { n } = await one(
    at.db,
    sql<{ n: number }>`SELECT count(DISTINCT prompt_id) AS n FROM snapshot_rows WHERE split = 'test'`,
  )
  expect([heldOut, comparisons]).toEqual([n, 2 * n])
})
