/** What leads see of tasks: filters of several values, what people report, and changes to many at once. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { addMember, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'
import { all, one } from '../../platform/sql.ts'
import type { TaskFlag, TaskRow } from './contract.ts'

let at: TestProject
let http: TestHttp
let lead: TestPerson
beforeAll(async () => {
  at = await testProject({ tasks: 6, annotators: 2 })
  http = await testHttp(at)
  lead = await addMember(at, 'Lena', 'lead')
})
afterAll(() => at.database.close())

const as = async (person: TestPerson, method: string, path: string, body?: unknown) =>
  http.call(method, path, { key: person.key, body, headers: { 'idempotency-key': path } })
const ask = (method: string, path: string, body?: unknown) => as(lead, method, `/projects/${at.project}${path}`, body)
const claim = async (person: TestPerson) =>
  (await as(person, 'POST', `/projects/${at.project}/claim`, {})).body.assignment as { id: string; task: string }
const answer = async (person: TestPerson) => {
  const held = await claim(person)
  const annotations = [{ step: 'compare', payload: { strength: 1 } }]
  await as(person, 'POST', `/assignments/${held.id}/submit`, { annotations, activeMs: 5 })
  return held
}
const found = async (query: string) => (await ask('GET', `/tasks${query}`)).body.rows as TaskRow[]
const idsOf = (rows: TaskRow[]) => rows.map(({ id }) => id).sort()
const flagsOf = async (task: string) => (await ask('GET', `/tasks/${task}`)).body.flags as TaskFlag[]

it('finds tasks by any of several values, and by who answered them, not by who skipped or only holds them', async () => {
  const [ann, bob] = at.annotators as [TestPerson, TestPerson]
  const answered = await answer(ann)
  const skipped = await claim(ann)
  await as(ann, 'POST', `/assignments/${skipped.id}/skip`, { reason: 'not my language' })
  const held = await claim(ann)
  expect(idsOf(await found(`?person=${ann.id}`))).toEqual([answered.task])
  const byBob = await answer(bob)
  expect(idsOf(await found(`?person=${ann.id},${bob.id}`))).toEqual([answered.task, byBob.task].sort())
  expect(idsOf(await found('?state=answered,handed-out'))).toEqual([answered.task, byBob.task, held.task].sort())
  // As clients of the contract send a list.
  expect(await found('?state[0]=answered&state[1]=handed-out')).toHaveLength(3)
  expect((await ask('GET', '/task-count?state=open,handed-out')).body).toEqual({ tasks: 4 })
  expect((await ask('GET', '/tasks?state=open,gone')).body).toMatchObject({ code: 'bad_input', where: 'state.1' })
  expect(await found(`?reported=skipped,flagged`)).toMatchObject([
    { id: skipped.task, reported: [{ how: 'skipped', person: { name: ann.name }, reason: 'not my language' }] },
  ])
})

it('shows a flag with who and why until somebody resolves it with a note that its author reads', async () => {
  const [, bob] = at.annotators as [TestPerson, TestPerson]
  const { id, task } = await answer(bob)
  await as(bob, 'POST', `/assignments/${id}/flag`, { reason: 'slipped' })
  await as(bob, 'POST', `/assignments/${id}/flag`, { reason: 'names a real person' })
  expect((await ask('GET', '/task-count?reported=flagged')).body).toEqual({ tasks: 1 })
  expect(await found('?reported=flagged')).toMatchObject([
    { id: task, reported: [{ how: 'flagged', person: { id: bob.id }, reason: 'names a real person' }] },
  ])
  expect(await found(`?reported=flagged&person=${bob.id}&search=WHAT&state=answered`)).toHaveLength(1)
  expect(await found(`?reported=flagged&person=${at.annotators[0]!.id}`)).toEqual([])
  const told = await all(at.db, sql<{ topic: string }>`SELECT topic FROM live_events WHERE project_id = ${at.project}`)
  expect(told).toContainEqual({ topic: 'tasks' })

  const [flag] = await flagsOf(task)
  const resolve = (note: string) => ask('POST', `/flags/${flag!.id}/resolve`, { note })
  expect((await resolve(' ')).body.code).toBe('bad_input')
  expect((await resolve('taken out')).status).toBe(200)
  expect((await resolve('again')).body.code).toBe('not_found')
  expect(await flagsOf(task)).toMatchObject([
    { reason: 'names a real person', resolved: { by: 'Lena', note: 'taken out' } },
  ])
  expect(await found('?reported=flagged')).toEqual([])
  const { actions } = await one(
    at.db,
    sql<{ actions: string[] }>`
      SELECT array_agg(action ORDER BY position) AS actions FROM audit WHERE subject = ${`task ${task}`}`,
  )
  expect(actions).toEqual(['task.flag', 'task.flag', 'task.resolve'])
  const { rows } = (await as(bob, 'GET', `/projects/${at.project}/my-answers`)).body as { rows: object[] }
  expect(rows[0]).toMatchObject({ reported: { reason: 'names a real person', outcome: 'taken out' } })
  expect(JSON.stringify(rows)).not.toContain(lead.id)
})

it('changes all that match, those beyond one page too, and leaves one row in the audit log', async () => {
  const open = idsOf(await found('?state=open'))
  expect(open.length).toBeGreaterThan(1)
  const change = (body: object) => ask('POST', '/tasks/change', body)
  expect((await change({ withdrawn: true })).body.code).toBe('bad_input')
  expect((await change({ withdrawn: true, tasks: open, matching: {} })).body.code).toBe('bad_input')
  expect((await change({ matching: { state: ['open'] }, withdrawn: true })).body).toEqual({ changed: open.length })
  expect(idsOf(await found('?state=withdrawn'))).toEqual(open)
  expect((await change({ matching: { state: 'withdrawn' }, withdrawn: false })).body).toEqual({ changed: open.length })
  expect(idsOf(await found('?state=open'))).toEqual(open)
  const { n } = await one(
    at.db,
    sql<{
      n: number
    }>`SELECT count(*) AS n FROM audit WHERE subject = ${`project ${at.project}`} AND action LIKE 'task.%'`,
  )
  expect(n).toBe(2)
})
