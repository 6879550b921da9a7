/** How rounds are moved on, looked at from outside: no job runs here but what a test says of it. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../test/http.ts'
import { addMember, type TestPerson, type TestProject, testProject } from '../../test/project.ts'
import { headToHead, startHeadToHead } from '../evaluate/head-to-head/read.ts'
import { registerCheckpoint } from '../models/checkpoints/store.ts'
import { addPolicy } from '../models/policies/store.ts'
import { all, inTransaction } from '../platform/sql.ts'
import { roundsMover } from './advance.ts'
import type { Round } from './contract.ts'

let at: TestProject
let http: TestHttp
let lead: TestPerson
let policy: string
let round: string
beforeAll(async () => {
  at = await testProject({ tasks: 4, annotators: 0 })
  http = await testHttp(at)
  lead = await addMember(at, 'Ada', 'lead')
  const files = { head: 'lm' as const, parameters: 1, bytes: 1, hash: Buffer.alloc(32) }
  const made = await registerCheckpoint(at.db, { project: at.project, name: 'base', base: 'preset:1m', ...files })
  policy = made.policy!
})
afterAll(() => at.database.close())

const call = async (method: string, path: string, body?: unknown) => {
  const answered = await http.call(method, `/projects/${at.project}/rounds${path}`, { key: lead.key, body })
  expect([answered.status, answered.body]).toEqual([200, answered.body])
  return answered.body as unknown as Round
}
const shown = () => call('GET', `/${round}`)
const samplingJobs = () => all(at.db, sql<{ id: string }>`SELECT id FROM jobs WHERE kind = 'sample' ORDER BY id DESC`)
/** As its runner would leave it. */
const drawn = async (job: string) => {
  await sql`
    WITH said AS (
      INSERT INTO messages (id, project_id, parent_id, role, text, hash, author, author_id)
      SELECT gen_random_uuid(), s.project_id, p.message_id, 'assistant', 'Yes.', ''::bytea, 'policy', s.policy_id
      FROM samples s JOIN prompts p ON p.id = s.prompt_id WHERE s.job_id = ${job} LIMIT 1 RETURNING id)
    UPDATE samples SET state = 'done', message_id = (SELECT id FROM said) WHERE job_id = ${job}`.execute(at.db)
  await sql`UPDATE jobs SET state = 'done' WHERE id = ${job}`.execute(at.db)
}

beforeEach(async () => {
  round = (await call('POST', '', { plan: { policy } })).id
  while ((await shown()).stations[1]!.state !== 'working') await roundsMover(http.platform)()
  return async () => {
    if (['open', 'failed'].includes((await shown()).state))
      await call('POST', `/${round}/close`, { why: 'the test is over' })
  }
})

it('begins nothing twice where a look failed at what still goes on', async () => {
  const before = await samplingJobs()
  await sql`UPDATE rounds SET state = 'failed' WHERE id = ${round}`.execute(at.db)
  await sql`UPDATE round_stations SET state = 'failed' WHERE round_id = ${round} AND station = 'samples'`.execute(at.db)
  await call('POST', `/${round}/retry`)
  await roundsMover(http.platform)()
  expect(await samplingJobs()).toEqual(before)
  expect((await shown()).stations[1]).toMatchObject({ state: 'working', subject: before[0]!.id })
})

it('looks the less often the longer it takes to look', async () => {
  let now = 0
  let lookMs = 1000
  const move = roundsMover(http.platform, () => (now += lookMs))
  await move()
  const [{ id: job }] = (await samplingJobs()) as [{ id: string }]
  await drawn(job)
  lookMs = 1
  await move()
  expect((await shown()).stations[1]!.state).toBe('working')
  now += 5000
  await move()
  expect((await shown()).stations[1]!.state).toBe('done')
})

it('asks nobody for a comparison of a round that was ended before its answers were drawn', async () => {
  const other = await addPolicy(at.db, at.project, {
    name: 'other',
    kind: 'endpoint',
    url: 'https://model.invalid/v1',
    model: 'other',
    secret: null,
    parameters: {},
    price: {},
  })
  const id = await inTransaction(at.db, (trx) =>
    startHeadToHead(trx, http.platform, { project: at.project, candidate: other, baseline: policy, roundId: round }),
  )
  await sql`
    INSERT INTO round_stations (round_id, station, state, subject, began_at)
    VALUES (${round}, 'evaluation', 'working', ${id}, now())`.execute(at.db)
  await sql`UPDATE rounds SET station = 'evaluation' WHERE id = ${round}`.execute(at.db)
  await call('POST', `/${round}/close`, { why: 'not needed any more' })
  expect(await headToHead(at.db, at.project, id)).toMatchObject({ state: 'failed', problem: { code: 'conflict' } })
  const [job] = await all(
    at.db,
    sql<{ state: string }>`SELECT state FROM jobs WHERE kind = 'sample' ORDER BY id DESC LIMIT 1`,
  )
  expect(job!.state).toBe('cancelled')
})
