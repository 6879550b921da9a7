/** Annotations as a table, and everything that was ever written with how it stands. */
import { parquetReadObjects } from 'hyparquet'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addTasks, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'
import { rowsOfTable } from '../../../test/table.ts'
import { claim } from '../../collect/tasks/queue.ts'
import { lockSubmission, withdrawSubmission } from '../../collect/tasks/store.ts'
import { submit } from '../../collect/tasks/work.ts'
import { checkSteps, compareSteps } from '../../collect/templates/rules.ts'
import { compareTemplate, saveTemplate } from '../../collect/templates/store.ts'
import type { Row } from '../../formats/index.ts'
import { catchUp } from '../../platform/events.ts'
import { one } from '../../platform/sql.ts'
import { consensusFollower } from '../consensus/store.ts'
import { type ExportOptions, openExport } from './formats.ts'

let at: TestProject
/** By what became of it. */
const ids: Record<string, string> = {}

beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 2 })
  const { id } = await compareTemplate(at.db, at.project)
  const settings = { aspects: ['safety', 'tone'], askConfidence: true }
  await saveTemplate(at.db, at.project, 'Compare', checkSteps([{ ...compareSteps[0]!, settings }]), id)
  const responses = [{ text: '=cmd|calc' }, { text: 'It is two.' }]
  const ask = (text: string) => ({ role: 'user' as const, text })
  const judgement = { kind: 'compare', targets: [0, 1], payload: { strength: 3 } }
  await addTasks(at.db, at.project, [{ turns: [ask('What is one plus one?')], responses, metadata: {}, judgement }], 2)
  const turns = [ask('Hello'), { role: 'assistant' as const, text: 'Good day.' }, ask('Add one and one.')]
  await addTasks(at.db, at.project, [{ turns, responses, metadata: {} }], 2)
  const [ada, grace] = at.annotators as [TestPerson, TestPerson]

  const said = async (submission: string) =>
    (await one(at.db, sql<{ id: string }>`SELECT id FROM annotations WHERE submission_id = ${submission}`)).id
  const answer = async (person: string, payload: object) => {
    const lease = await claim(at.db, { person, project: at.project, role: 'annotator', skills: [] }, at.clock.read())
    const answers = [{ step: 'compare', payload }]
    const send = (key: string) => submit(at.platform, { assignment: lease!.id, person, key, answers, activeMs: 5 })
    return { lease: lease!.id, submission: await send('once') }
  }
  const kept = await answer(ada.id, {
    strength: 2,
    aspects: { safety: -1, tone: 0 },
    reasons: ['clearer'],
    comment: '=1+1',
    confidence: 4,
  })
  ids.kept = await said(kept.submission)
  const undone = await answer(ada.id, { bothBad: true })
  ids.withdrawn = await said(undone.submission)
  await at.db.transaction().execute(async (trx) => {
    await withdrawSubmission(trx, (await lockSubmission(trx, undone.submission))!, at.clock.read(), at.clock.read())
  })
  const old = await answer(grace.id, { strength: -2 })
  ids.superseded = await said(old.submission)
  await sql`UPDATE assignments SET state = 5 WHERE id = ${old.lease}`.execute(at.db)
  const answers = [{ step: 'compare', payload: { strength: -3 } }]
  ids.correction = await said(
    await submit(at.platform, { assignment: old.lease, person: grace.id, key: 'again', answers, activeMs: 5 }),
  )
  ids.imported = (await one(at.db, sql<{ id: string }>`SELECT id FROM annotations WHERE source = 'import'`)).id
  await catchUp(at.db, [consensusFollower])
})
afterAll(() => at.database.close())

async function bytesOf(options: Omit<ExportOptions, 'project'>): Promise<{ bytes: Buffer; rows: number }> {
  const { bytes, rows } = openExport(at.db, { project: at.project, ...options })
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return { bytes: Buffer.concat(chunks), rows: rows() }
}

/** Rows by id. */
async function tableOf(options: Omit<ExportOptions, 'project'>): Promise<Map<unknown, Row>> {
  const { bytes, rows } = openExport(at.db, { project: at.project, ...options })
  const found = new Map((await rowsOfTable(bytes)).map((row) => [row.id, row]))
  expect(found.size).toBe(rows())
  return found
}

it('has a column for each thing that was said, and the texts it was said of', async () => {
  const table = await tableOf({ format: 'annotations-csv' })
  expect([...table.keys()].sort()).toEqual([ids.kept, ids.correction].sort())
  expect(table.get(ids.kept!)).toMatchObject({
    strength: '2',
    both_bad: 'false',
    aspect_safety: '-1',
    aspect_tone: '0',
    reasons: 'clearer',
    comment: "'=1+1",
    confidence: '4',
    step: 'compare',
  })
  const { first, response_1, prompt } = table.get(ids.kept!)!
  const { text } = await one(at.db, sql<{ text: string }>`SELECT text FROM messages WHERE id = ${first}`)
  expect(response_1).toBe(text.startsWith('=') ? `'${text}` : text)
  expect(prompt).toBe('What is one plus one?')
  expect(table.get(ids.correction!)).toMatchObject({ strength: '-3', aspect_safety: null })
})

it('writes a prompt of several turns with the role of each, and never begins a formula', async () => {
  const { bytes } = await bytesOf({ format: 'annotations-csv', every: true })
  expect(bytes.toString()).toContain('user: Hello\n\nassistant: Good day.\n\nuser: Add one and one.')
  expect(bytes.toString()).toContain("'=cmd|calc")
  for (const cell of bytes.toString().split(/[,\n]/)) expect(cell).not.toMatch(/^"?[=+@]/)
})

it('marks what was imported, superseded and withdrawn, as a table and as lines alike', async () => {
  const table = await tableOf({ format: 'annotations-csv', every: true })
  const { bytes } = await bytesOf({ format: 'annotations', every: true })
  const lines = bytes
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const standing = {
    kept: ['person', null, false, true],
    withdrawn: ['person', null, true, false],
    superseded: ['person', null, false, false],
    correction: ['person', ids.superseded, false, true],
    imported: ['import', null, false, true],
  }
  expect(table.size).toBe(5)
  for (const [name, [source, supersedes, withdrawn, inForce]] of Object.entries(standing)) {
    const line = lines.find(({ id }) => id === ids[name])
    expect(line, name).toMatchObject({ source, supersedes, withdrawn, inForce })
    const row = table.get(ids[name]!)!
    expect(row, name).toMatchObject({ source, supersedes, withdrawn: `${withdrawn}`, inForce: `${inForce}` })
    expect(row.submission === null, name).toBe(source === 'import')
    expect(row.assignment === null, name).toBe(source === 'import')
  }
})

const parquet = async (format: string) => {
  const { bytes } = await bytesOf({ format, packing: 'parquet', every: true })
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  return parquetReadObjects({ file })
}

it('is Parquet where that is asked for', async () => {
  const rows = await parquet('annotations')
  expect(rows).toHaveLength(5)
  const kept = rows.find(({ id }) => id === ids.kept)!
  expect(kept).toMatchObject({ kind: 'compare', simulated: false, activeMs: 5n, inForce: true })
  expect(JSON.parse(String(kept.payload))).toMatchObject({ strength: 2, confidence: 4 })
})

it('has consensus in every kind of file, ties and all', async () => {
  const { bytes, rows } = await bytesOf({ format: 'consensus' })
  const lines = bytes
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rows).toBe(lines.length)
  expect(lines).toContainEqual(
    expect.objectContaining({
      ...{ step: 'compare', attribute: 'preference', purpose: 'label', label: null, tied: true, total: 2 },
      ...{ counts: { first: 1, second: 1 }, soft: { first: 0.5, second: 0.5 }, mean: -0.5 },
    }),
  )
  expect(lines).toContainEqual(
    expect.objectContaining({ attribute: 'safety', label: 'first', tied: false, counts: { first: 1 } }),
  )
  expect(await parquet('consensus')).toHaveLength(rows)
  const csv = (await bytesOf({ format: 'consensus', packing: 'csv' })).bytes.toString()
  expect(csv.split('\r\n')[0]).toBe('task,purpose,targets,step,attribute,label,tied,total,counts,soft,mean')
})

it('says in which kinds of file a format is written when asked for another', () => {
  const open = (format: string, packing: 'csv' | 'parquet') =>
    openExport(at.db, { project: at.project, format, packing })
  expect(() => open('annotations-csv', 'parquet')).toThrowError(
    'The format "annotations-csv" is not written as parquet.',
  )
  expect(() => open('hh', 'csv')).toThrowError('The format "hh" is not written as csv.')
})
