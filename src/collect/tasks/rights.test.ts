import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { type TestProject, testProject } from '../../../test/project.ts'

let at: TestProject
let http: TestHttp
beforeAll(async () => {
  at = await testProject({ tasks: 4, annotators: 1 })
  http = await testHttp(at)
})
afterAll(() => at.database.close())

const call = (method: string, path: string, body: object = {}) =>
  http.call(method, path, { key: at.annotators[0]!.key, body, headers: { 'idempotency-key': path } })
const claim = async () =>
  ((await call('POST', `/projects/${at.project}/claim`)).body as { assignment: { id: string } }).assignment.id
const answers = { annotations: [{ step: 'compare', payload: { strength: 1 } }], activeMs: 5 }

it('a draft has a revision that its column holds, with room for those that undo and review add', async () => {
  const draft = async (revision: number) => call('PUT', `/assignments/${await claim()}/draft`, { draft: [], revision })
  expect((await draft(2 ** 31)).body).toMatchObject({ code: 'bad_input', where: 'revision' })
  expect((await draft(1_000_000_000)).status).toBe(200)
})

it('whoever is a viewer by now can do nothing more with what they hold, or take back what they sent', async () => {
  const [sent, held] = [await claim(), await claim()]
  const { submission } = (await call('POST', `/assignments/${sent}/submit`, answers)).body
  await sql`UPDATE memberships SET role = 'viewer' WHERE person_id = ${at.annotators[0]!.id}`.execute(at.db)
  const refused = await Promise.all([
    call('POST', `/assignments/${held}/submit`, answers),
    call('POST', `/submissions/${submission}/withdraw`),
    call('PUT', `/assignments/${held}/draft`, { draft: [], revision: 1 }),
    call('POST', `/assignments/${held}/renew`),
    call('POST', `/assignments/${held}/skip`, { reason: 'no' }),
    call('POST', `/assignments/${held}/release`),
    call('POST', `/assignments/${held}/flag`, { reason: 'no' }),
  ])
  expect(refused.map(({ body }) => body.code)).toEqual(refused.map(() => 'forbidden'))
})
