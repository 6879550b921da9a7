import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../../test/http.ts'
import { addMember, type TestPerson, type TestProject, testProject } from '../../../../test/project.ts'
import { one } from '../../../platform/sql.ts'
import { saltOf } from '../../../projects/store.ts'
import { writePromptBatch } from '../write.ts'
import { duplicatesJob } from './server.ts'

let at: TestProject
let http: TestHttp
let lead: TestPerson
const long = (word: string) =>
  `Please tell me in detail where my parcel with the ${word} lamp is at the moment, it was due last week and nobody answers the phone`

beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 0 })
  http = await testHttp(at)
  http.platform.jobs.handle('duplicates', duplicatesJob(http.platform))
  await http.platform.jobs.run()
  lead = await addMember(at, 'Lead', 'lead')
  await add(
    'Where is it?',
    'where is it',
    'WHERE is... it',
    long('red'),
    `${long('red')}!`,
    `${long('red')} today`,
    'Hello',
    'What is tea?',
  )
})
afterAll(async () => {
  await http.platform.jobs.stop()
  await at.database.close()
})

const add = async (...texts: string[]) => {
  const salt = await saltOf(at.db, at.project)
  const prompts = texts.map((text) => ({ turns: [{ role: 'user' as const, text }], responses: [], metadata: {} }))
  await at.db
    .transaction()
    .execute((trx) => writePromptBatch(trx, { project: at.project, salt, at: new Date() }, prompts))
}
interface Page {
  report: object | null
  job: string | null
  rows: {
    id: string
    size: number
    kind: string
    examples: { id: string; text: string; alike: number; cut: boolean }[]
  }[]
  next: string | null
}
const path = () => `/projects/${at.project}/prompt-duplicates`
const get = async (query = '') => {
  const { status, body } = await http.call('GET', `${path()}${query}`, { key: lead.key })
  expect(status).toBe(200)
  return body as unknown as Page
}
const look = async () => {
  const { body } = await http.call('POST', path(), { key: lead.key, body: {} })
  const state = () => one(at.db, sql<{ state: string }>`SELECT state FROM jobs WHERE id = ${body.job as string}`)
  await expect.poll(async () => (await state()).state, { timeout: 20_000 }).toBe('done')
}

it('says that nobody has looked, then which prompts are alike and which of them are the same', async () => {
  expect(await get()).toEqual({ report: null, job: null, rows: [], next: null })
  await look()
  const { report, rows, job } = await get()
  expect(report).toMatchObject({
    prompts: 8,
    newer: 0,
    same: { groups: 1, prompts: 3 },
    near: { groups: 1, prompts: 3 },
  })
  expect(job).toBeNull()
  const [same, near] = [rows.find(({ kind }) => kind === 'same')!, rows.find(({ kind }) => kind === 'near')!]
  expect(same.examples.map(({ text, alike }) => [text, alike])).toEqual([
    ['Where is it?', 3],
    ['where is it', 3],
    ['WHERE is... it', 3],
  ])
  // Of different words first, with how many share them.
  expect(near.examples.map(({ text, alike }) => [text, alike])).toEqual([
    [long('red'), 2],
    [`${long('red')} today`, 1],
    [`${long('red')}!`, 2],
  ])
})

it('pages the largest first, and filters by kind', async () => {
  const first = await get('?limit=1')
  const second = await get(`?limit=1&after=${encodeURIComponent(first.next!)}`)
  expect([first.rows.length, second.rows.length, second.next]).toEqual([1, 1, null])
  expect(first.rows[0]!.id).not.toBe(second.rows[0]!.id)
  expect((await get('?kind=near')).rows.map(({ kind }) => kind)).toEqual(['near'])
  const wrong = await http.call('GET', `${path()}?after=x`, { key: lead.key })
  expect([wrong.status, wrong.body.where]).toEqual([400, 'after'])
})

it('lists the prompts of a group', async () => {
  const { rows } = await get('?kind=same')
  const { body } = await http.call('GET', `/projects/${at.project}/prompts?alike=${rows[0]!.id}`, { key: lead.key })
  expect((body.rows as { opening: string }[]).map(({ opening }) => opening)).toEqual([
    'WHERE is... it',
    'where is it',
    'Where is it?',
  ])
})

it('counts what was added since, and takes it in when asked to look again; a long text says that it is cut', async () => {
  await add('hello!', `${'word '.repeat(400)}one`, `${'word '.repeat(400)}one.`)
  expect((await get()).report).toMatchObject({ prompts: 8, newer: 3 })
  await look()
  const { report, rows } = await get()
  expect(report).toMatchObject({
    prompts: 11,
    newer: 0,
    same: { groups: 3, prompts: 7 },
    near: { groups: 1, prompts: 3 },
  })
  expect(rows.find(({ examples }) => examples[0]!.text.startsWith('word'))!.examples[0]).toMatchObject({ cut: true })
})
