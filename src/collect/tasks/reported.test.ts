import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { addMember, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'

let at: TestProject
let http: TestHttp
let lead: TestPerson
beforeAll(async () => {
  at = await testProject({ tasks: 4, annotators: 1 })
  http = await testHttp(at)
  lead = await addMember(at, 'Lena', 'lead')
})
afterAll(() => at.database.close())

const annotator = (method: string, path: string, body?: unknown) =>
  http.call(method, path, { key: at.annotators[0]!.key, body })
const claim = async () =>
  (await annotator('POST', `/projects/${at.project}/claim`, {})).body as { assignment: { id: string; task: string } }

it('finds for the lead what people flagged, and what they skipped', async () => {
  const first = (await claim()).assignment
  await annotator('POST', `/assignments/${first.id}/flag`, { reason: 'names a real person' })
  await annotator('POST', `/assignments/${first.id}/skip`, { reason: 'it upsets me' })
  const second = (await claim()).assignment
  await annotator('POST', `/assignments/${second.id}/skip`, { reason: 'not my language' })
  const found = async (query: string) =>
    (await http.call('GET', `/projects/${at.project}/tasks${query}`, { key: lead.key })).body.rows as { id: string }[]
  expect(await found('')).toHaveLength(4)
  expect(await found('?reported=flagged')).toHaveLength(1)
  expect(await found('?reported=skipped')).toHaveLength(2)
})
