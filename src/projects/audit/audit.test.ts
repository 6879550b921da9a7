/** The audit log as leads read it. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { addMember, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'
import { seal } from '../../platform/audit.ts'
import { addProject } from '../store.ts'
import type { AuditRow } from './contract.ts'
import { verifyAuditJob } from './server.ts'

let at: TestProject
let http: TestHttp
let ada: TestPerson
let rita: TestPerson
beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 0 })
  http = await testHttp(at)
  ada = await addMember(at, 'Ada', 'lead')
  rita = await addMember(at, 'Rita', 'lead')
  for (const [by, name] of [
    [ada, 'One'],
    [rita, 'Two'],
    [ada, 'Three'],
  ] as const) {
    at.clock.advance(1)
    await call('PATCH', '', by, { name })
  }
  await call('PUT', '/guideline/draft', rita, { clauses: [], revision: 0 })
  await seal(at.db)
  http.platform.jobs.handle('verify-audit', verifyAuditJob(http.platform))
  await http.platform.jobs.run()
})
afterAll(async () => {
  await http.platform.jobs.stop()
  await at.database.close()
})

const call = (method: string, path: string, by: TestPerson, body?: object, project = at.project) =>
  http.call(method, `/projects/${project}${path}`, { key: by.key, body })
const list = async (query = '') => {
  const { body } = await call('GET', `/audit${query}`, ada)
  return body as unknown as { rows: AuditRow[]; next: string | null }
}

it('says who did what, newest first, page by page', async () => {
  const { rows, next } = await list()
  expect(next).toBeNull()
  expect(rows.map(({ actor, action }) => `${actor.name} ${action}`)).toEqual([
    'Rita guideline.draft',
    'Ada project.change',
    'Rita project.change',
    'Ada project.change',
  ])
  expect(rows.map(({ sequence }) => sequence)).toEqual([4, 3, 2, 1])
  const first = await list('?limit=3')
  const rest = await list(`?limit=3&after=${first.next}`)
  expect([...first.rows, ...rest.rows]).toEqual(rows)
})

it('is narrowed to an action, and to a person', async () => {
  expect((await list('?action=guideline')).rows).toHaveLength(1)
  expect((await list(`?person=${ada.id}`)).rows.map(({ actor }) => actor.name)).toEqual(['Ada', 'Ada'])
  expect((await list(`?person=${ada.id}&person=${rita.id}`)).rows).toHaveLength(4)
  expect((await list('?action=%25')).rows).toEqual([])
})

it('holds nothing of another project', async () => {
  const other = await addProject(at.db, { name: 'Other' }, ada.id)
  expect((await call('GET', '/audit', ada, undefined, other)).body.rows).toEqual([])
})

async function verified(): Promise<unknown> {
  const { body } = await call('POST', '/audit/verify', ada, {})
  const job = async () => (await call('GET', `/jobs/${body.job}`, ada)).body
  await expect.poll(async () => (await job()).state, { timeout: 20_000 }).toBe('done')
  return (await job()).result
}

it('is verified by a job, which finds what was changed', async () => {
  expect(await verified()).toMatchObject({ ok: true, rows: 4 })
  await sql`UPDATE audit SET action = 'project.read' WHERE action = 'guideline.draft'`.execute(at.db)
  expect(await verified()).toMatchObject({ ok: false, firstBroken: { sequence: 4, why: 'the row was changed' } })
})
