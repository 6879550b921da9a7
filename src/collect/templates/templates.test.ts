/** What is asked is changed by versions: tasks and answers keep theirs. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import {
  addMember,
  addTasks,
  somePrompts,
  type TestPerson,
  type TestProject,
  testProject,
} from '../../../test/project.ts'
import { one } from '../../platform/sql.ts'
import { addProject } from '../../projects/store.ts'
import type { Template } from './contract.ts'

let at: TestProject
let http: TestHttp
let lead: TestPerson
beforeAll(async () => {
  at = await testProject({ tasks: 1, annotators: 1 })
  http = await testHttp(at)
  lead = await addMember(at, 'Ada', 'lead')
})
afterAll(() => at.database.close())

const call = (method: string, path: string, body?: object, person = lead) =>
  http.call(method, `/projects/${at.project}${path}`, { key: person.key, body })
const newest = async () => ((await call('GET', '/templates')).body.rows as Template[])[0]!
const change = ({ id, version, steps }: Template, settings: object) =>
  call('PUT', `/templates/${id}`, { version, steps: steps.map((step) => ({ ...step, settings })) })
const claimed = async () => (await call('POST', '/claim', {}, at.annotators[0]!)).body
const settingsOf = (work: Record<string, unknown>) => (work.steps as Template['steps'])[0]!.settings

it('is there before anything was imported', async () => {
  const project = await addProject(at.db, { name: 'Empty' }, lead.id)
  const { body } = await http.call('GET', `/projects/${project}/templates`, { key: lead.key })
  expect(body.rows).toMatchObject([{ version: 1, name: 'Compare', steps: [{ key: 'compare', target: 'pair' }] }])
  const again = await http.call('GET', `/projects/${project}/templates`, { key: lead.key })
  expect(again.body).toEqual(body)
})

it('asks new tasks for the newest version, and lets tasks that are there keep theirs', async () => {
  const before = await newest()
  const settings = { aspects: ['safety', 'house style'], descriptions: { 'house style': 'As our guide has it.' } }
  const { status, body } = await change(before, settings)
  expect([status, body.version]).toEqual([200, before.version + 1])
  expect((await newest()).steps[0]!.settings).toMatchObject(settings)
  await addTasks(at.db, at.project, somePrompts(1, 10), 1)

  const old = await claimed()
  expect(settingsOf(old)).toMatchObject({ aspects: ['quality', 'relevance', 'safety'] })
  const own = await claimed()
  expect(settingsOf(own)).toMatchObject(settings)
  const answer = (work: Record<string, unknown>) => {
    const { id } = work.assignment as { id: string }
    const payload = { strength: 1, aspects: { 'house style': 2 } }
    return http.call('POST', `/assignments/${id}/submit`, {
      key: at.annotators[0]!.key,
      body: { annotations: [{ step: 'compare', payload }], activeMs: 1 },
      headers: { 'idempotency-key': id },
    })
  }
  expect((await answer(old)).body.where).toBe('annotations.compare.payload.aspects.house style')
  expect((await answer(own)).status).toBe(200)
  const audited = await one(
    at.db,
    sql<{ n: number }>`SELECT count(*)::int AS n FROM audit WHERE action = 'template.change' AND actor = ${lead.id}`,
  )
  expect(audited.n).toBe(1)
})

it('refuses what an older version was the base of, with what to do', async () => {
  const template = await newest()
  const { status, body } = await change({ ...template, version: template.version - 1 }, {})
  expect([status, body.code, body.where]).toEqual([409, 'conflict', 'version'])
})

it.each([
  ['two aspects of one name', { aspects: ['tone', 'tone'] }, 'steps.0.settings.aspects.1'],
  ['an aspect named like the whole', { aspects: ['preference'] }, 'steps.0.settings.aspects.0'],
  ['an aspect without a name', { aspects: [' '] }, 'steps.0.settings.aspects.0'],
])('refuses %s', async (_, settings, where) => {
  const { status, body } = await change(await newest(), settings)
  expect([status, body.code, body.where]).toEqual([400, 'bad_input', where])
})

it('refuses a comparison that compares nothing, and a template that is not there', async () => {
  const template = await newest()
  const steps = template.steps.map((step) => ({ ...step, required: false }))
  expect((await call('PUT', `/templates/${template.id}`, { version: template.version, steps })).body).toMatchObject({
    code: 'bad_input',
    where: 'steps',
  })
  const foreign = await addProject(at.db, { name: 'Foreign' }, lead.id)
  const path = `/projects/${foreign}/templates/${template.id}`
  const { status, body } = await http.call('PUT', path, { key: lead.key, body: template })
  expect([status, body.where]).toEqual([404, 'template'])
})

it('compares the pair, and once: who is asked twice would count as two people', async () => {
  const { id, version, steps } = await newest()
  const put = async (more: object) => (await call('PUT', `/templates/${id}`, { version, steps: [...steps, more] })).body
  const second = { key: 'again', kind: 'compare', target: 'pair' }
  expect(await put(second)).toMatchObject({ code: 'bad_input', where: 'steps.1.kind' })
  expect(await put({ ...second, target: 'response' })).toMatchObject({ code: 'bad_input', where: 'steps.1.target' })
  expect(await put({ ...second, kind: 'constructor' })).toMatchObject({
    code: 'bad_input',
    message: expect.stringMatching(/no annotation kind/),
  })
  expect((await newest()).version).toBe(version)
})
