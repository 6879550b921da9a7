import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { addMember, type TestPerson } from '../../../test/project.ts'
import { formatNamed } from '../../formats/index.ts'
import { one } from '../../platform/sql.ts'
import type { ShownDataset } from './contract.ts'
import { datasetFormats, openDataset } from './export.ts'
import { findSnapshot } from './read.ts'
import { datasetExportJob, datasetJob } from './server.ts'

let at: JudgedProject
let http: TestHttp
let engineer: TestPerson
beforeAll(async () => {
  at = await judgedProject({ tasks: 60 })
  http = await testHttp(at)
  engineer = await addMember(at, 'engineer', 'engineer')
  http.platform.jobs.handle('dataset', datasetJob(http.platform))
  http.platform.jobs.handle('dataset-export', datasetExportJob(http.platform))
  await http.platform.jobs.run()
})
afterAll(async () => {
  await http.platform.jobs.stop()
  await at.database.close()
})

const call = (method: string, path: string, body?: unknown) =>
  http.call(method, `/projects/${at.project}/datasets${path}`, { key: engineer.key, body })
async function ended(job: unknown) {
  const state = () =>
    one(at.db, sql<{ state: string; problem: object }>`SELECT state, problem FROM jobs WHERE id = ${job}`)
  await expect.poll(async () => (await state()).state, { timeout: 20_000 }).not.toMatch(/waiting|running/)
  return state()
}
async function taken(wanted: object): Promise<ShownDataset> {
  const { body } = await call('POST', '', wanted)
  expect(await ended(body.job)).toMatchObject({ state: 'done' })
  return (await call('GET', `/${body.job}`)).body as unknown as ShownDataset
}

it('is taken by a job, listed, shown and read row by row', async () => {
  const { body: counted } = await call('POST', '/preview', { kind: 'preference', filters: { minAgreement: 0.9 } })
  const dataset = await taken({ name: 'first', kind: 'preference', filters: { minAgreement: 0.9 } })
  expect(dataset).toMatchObject({ name: 'first', rows: counted.rows, simulated: true })
  expect(dataset.card).toMatch(/^---\npretty_name: "first"\n/)
  expect(dataset.card).toContain('100% of the judgements are by simulated annotators')
  const { body: list } = await call('GET', '')
  expect(list).toMatchObject({ rows: [{ name: 'first', hash: dataset.hash }], next: null })
  const { body: page } = await call('GET', '/first/rows?limit=20')
  const { body: rest } = await call('GET', `/first/rows?limit=100&after=${page.next}`)
  expect((page.rows as unknown[]).length).toBe(20)
  expect((rest.rows as unknown[]).length).toBe(dataset.rows - 20)
  const { body: held } = await call('GET', '/first/rows?limit=100&split=test')
  expect((held.rows as unknown[]).length).toBe(dataset.test)
})

it('refuses what is wrong, by its field', async () => {
  expect((await call('POST', '', { kind: 'preference', name: 'first' })).body).toMatchObject({ code: 'conflict' })
  expect((await call('POST', '', { kind: 'songs' })).status).toBe(400)
  expect((await call('POST', '', { kind: 'preference', filters: { minVotes: -1 } })).status).toBe(400)
  expect((await call('GET', '/nothing')).body).toMatchObject({ code: 'not_found' })
  expect((await call('GET', '/first/diff?from=nothing')).body).toMatchObject({ code: 'not_found' })
  expect((await call('POST', '/first/exports', { format: 'xml' })).body).toMatchObject({
    code: 'bad_input',
    where: 'format',
  })
  const { body } = await call('POST', '', { kind: 'preference', filters: { tags: ['none'] } })
  expect(await ended(body.job)).toMatchObject({ state: 'failed', problem: { code: 'bad_input', where: 'filters' } })
})

it('is compared with an earlier one', async () => {
  await taken({ name: 'second', kind: 'preference' })
  const { body } = await call('GET', '/second/diff?from=first')
  expect(body).toMatchObject({ from: { name: 'first' }, to: { name: 'second' }, removed: { rows: 0 } })
  expect((body.added as { filters: number }).filters).toBeGreaterThan(0)
})

it('is written by a job and fetched as an export', async () => {
  const { body } = await call('POST', '/second/exports', { format: 'trl-preference', split: 'train' })
  expect(await ended(body.job)).toMatchObject({ state: 'done' })
  const { body: files } = await call('GET', '/second/exports')
  expect(files.rows).toMatchObject([
    { id: body.job, name: expect.stringMatching(/^second-train-trl-preference-.*jsonl$/) },
  ])
  const part = await http.app.request(`http://127.0.0.1/api/projects/${at.project}/exports/${body.job}/parts/0`, {
    headers: { authorization: `Bearer ${engineer.key}` },
  })
  expect((await part.text()).trim().split('\n').length).toBe((files.rows as { rows: number }[])[0]!.rows)
  expect((await call('GET', '/first/exports')).body.rows).toEqual([])
})

describe('a file', () => {
  const lines = async (dataset: string, format: string, split?: 'train' | 'test') => {
    const snapshot = (await findSnapshot(at.db, at.project, dataset))!
    const { bytes, rows, unwritten } = openDataset(at.db, snapshot, { format, split })
    let text = ''
    for await (const chunk of bytes) text += Buffer.from(chunk).toString()
    const written = text.split('\n').filter(Boolean)
    expect(written.length).toBe(rows())
    return { rows: written.map((line) => JSON.parse(line)), unwritten: unwritten(), text, snapshot }
  }

  it('of preferences has a row a pair, with strength and share, and can be imported again', async () => {
    for (const format of datasetFormats.preference.filter((name) => /^(trl-preference|hh)/.test(name))) {
      const { rows, text, snapshot } = await lines('second', format)
      expect(rows.length, format).toBe(snapshot.counts.rows)
      expect(rows[0].soft, format).toBeGreaterThan(0.5)
      const source = async function* () {
        yield Buffer.from(text)
      }
      for await (const item of formatNamed(format.startsWith('hh') ? 'hh' : 'trl-preference').parse(source()))
        expect(item, format).toMatchObject({ judgement: { kind: 'preference' } })
    }
  })

  it('has a side each for KTO, what was chosen for tuning, and everything in our own', async () => {
    const { counts } = (await findSnapshot(at.db, at.project, 'second'))!
    const kto = await lines('second', 'kto')
    expect(kto.rows.length).toBe(2 * counts.rows)
    expect(kto.rows.filter(({ label }) => label).length).toBe(counts.rows)
    expect((await lines('second', 'trl-prompt-completion', 'test')).rows.length).toBe(counts.splits.test.rows)
    const { rows } = await lines('second', 'jsonl')
    expect(rows[0]).toMatchObject({
      responses: [{}, {}],
      metadata: { split: expect.any(String), soft: expect.any(Number) },
    })
  })

  it('of annotators has a row a judgement: what this person chose, and an id for who it is', async () => {
    const { rows, snapshot } = await lines('second', 'annotators')
    expect(rows.length).toBe(snapshot.counts.annotations.all)
    const people = new Set(Object.values(at.people).map(({ id }) => id))
    for (const row of rows) expect(row).toMatchObject({ simulated: true, prompt: [{ role: 'user' }] })
    expect(rows.every(({ person }) => people.has(person))).toBe(true)
    const [first] = rows
    const ofRow = rows.filter(({ row }) => row === first.row)
    expect(ofRow.length).toBe(3)
    const texts = new Set(ofRow.flatMap(({ chosen, rejected }) => [chosen, rejected]))
    expect(texts.size).toBe(2)
  })

  it('says how many ties it has no words for', async () => {
    // Two against one, and one of the two thinks again.
    const contested = (await lines('second', 'jsonl')).rows.find(({ metadata }) => metadata.soft < 1)
    const said = (await lines('second', 'annotators')).rows.filter(({ row }) => row === contested.metadata.row)
    const leading = said.find(({ chosen }) => chosen === contested.responses[0].content)
    await sql`
      UPDATE submissions SET withdrawn_at = now()
      WHERE id = (SELECT submission_id FROM annotations WHERE id = ${leading.annotation})`.execute(at.db)
    const left = await taken({ kind: 'preference' })
    expect(left.counts.leftOut.tie).toBe(1)
    expect((await taken({ name: 'ties', kind: 'preference', filters: { ties: 'half' } })).rows).toBe(left.rows + 1)
    expect((await lines('ties', 'trl-preference')).unwritten).toBe(1)
    expect((await lines('ties', 'kto')).unwritten).toBe(2)
    expect((await lines('ties', 'jsonl')).unwritten).toBe(0)
  })
})
