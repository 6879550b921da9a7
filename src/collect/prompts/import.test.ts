import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestProject, testProject } from '../../../test/project.ts'
import { formatNamed } from '../../formats/index.ts'
import type { JobRun } from '../../platform/jobs.ts'
import { all, one } from '../../platform/sql.ts'
import { addProject } from '../../projects/store.ts'
import { checkFile, type ImportOptions, importFile } from './import.ts'
import { importJob } from './server.ts'
import { discardUpload, putPart, uploadBytes } from './uploads.ts'

let at: TestProject
let project: string
beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 0 })
})
afterAll(() => at.database.close())
beforeEach(async () => {
  project = await addProject(at.db, { name: 'Import' }, undefined)
})

const load = (text: string | Uint8Array, more: Partial<ImportOptions> = {}) =>
  importFile(at.db, {
    project,
    format: formatNamed('trl-preference'),
    async *open() {
      yield Buffer.from(text as string)
    },
    onProblem: 'keep-the-rest',
    actor: 'operator',
    clock: at.clock.read,
    ...more,
  })
const line = (i: number, more = {}) =>
  JSON.stringify({ prompt: `Question ${i}`, chosen: `good ${i}`, rejected: `bad ${i}`, ...more })
const count = async (table: string) =>
  (await one(at.db, sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)} WHERE project_id = ${project}`)).n
const asTasks = { tasks: { overlap: 2 } }

it('writes prompts, responses, tasks and the judgement that came along, and nothing at all the second time', async () => {
  const text = [line(1), line(2), line(3, { prompt: 'Question 1' })].join('\n')
  expect(await load(text, asTasks)).toMatchObject({
    prompts: 2,
    responses: 6,
    tasks: 3,
    judgements: 3,
    skipped: 0,
    failedCount: 0,
  })
  const before = await Promise.all(['messages', 'prompts', 'tasks', 'queue', 'annotations'].map(count))
  expect(await load(text, asTasks)).toMatchObject({ prompts: 0, responses: 0, tasks: 0, judgements: 0, skipped: 3 })
  expect(await Promise.all(['messages', 'prompts', 'tasks', 'queue', 'annotations'].map(count))).toEqual(before)
})

it('adds the new responses of a prompt that is there already', async () => {
  await load(line(1))
  expect(await load(line(1, { rejected: 'another' }))).toMatchObject({ prompts: 0, responses: 1, skipped: 0 })
})

describe('a broken line', () => {
  const text = [line(1), '{"prompt": "half', line(2), '{"prompt": "p", "chosen": 7, "rejected": "r"}', line(3)].join(
    '\n',
  )

  it('is named by its number, and the rest is kept', async () => {
    const result = await load(text)
    expect(result).toMatchObject({ prompts: 3, failedCount: 2 })
    expect(result.failed.map(({ line }) => line)).toEqual([2, 4])
  })

  it('stops everything before anything is written, where the user chose so', async () => {
    await expect(load(text, { onProblem: 'take-nothing', fileName: 'rows.jsonl' })).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringMatching(/^2 rows cannot be taken, so nothing was/),
      where: 'rows.jsonl, line 2',
      details: {
        failed: [{ line: 2 }, { line: 4, reason: 'chosen must be a text or a list of messages' }],
        failedCount: 2,
      },
    })
    expect(await count('prompts')).toBe(0)
  })

  it('is found before anything is taken, where the whole file is checked', async () => {
    async function* open() {
      yield Buffer.from(`${line(0)}\n`.repeat(1200) + text + '\n{'.repeat(1200))
    }
    const checked = await checkFile({ format: formatNamed('trl-preference'), open, asTasks: true })
    expect(checked).toMatchObject({ rows: 1203, failedCount: 1202 })
    expect(checked.failed).toHaveLength(1000)
    expect(checked.failed[0]).toMatchObject({ line: 1202 })
    expect(await count('prompts')).toBe(0)
  })

  it('is one of which no task can be made, too, where tasks are wanted', async () => {
    const single = { format: formatNamed('trl-prompt-completion'), ...asTasks }
    const rows = JSON.stringify({ prompt: 'Question', completion: 'answer' })
    await expect(load(rows, { ...single, onProblem: 'take-nothing' })).rejects.toMatchObject({ code: 'bad_input' })
    expect(await load(rows, single)).toMatchObject({ prompts: 0, failedCount: 1 })
  })
})

it('leaves an audit row for each batch, with the batch', async () => {
  const cut = new AbortController()
  const text = Array.from({ length: 5000 }, (_, i) => line(i)).join('\n')
  const progress = () => cut.abort()
  await expect(load(text, { signal: cut.signal, progress })).rejects.toThrow()
  const batches = (await count('prompts')) / 2000
  expect(batches).toBeGreaterThan(0)
  expect(await count('audit')).toBe(batches)
})

describe('the job of an import', () => {
  const job = async (parts: string[]) => {
    const { id: upload } = await one(
      at.db,
      sql<{ id: string }>`
        INSERT INTO uploads (id, project_id, name) VALUES (gen_random_uuid(), ${project}, 'rows.jsonl') RETURNING id`,
    )
    for (const [part, text] of parts.entries()) await putPart(at.db, upload, part, Buffer.from(text))
    const input = { upload, name: 'rows.jsonl', format: 'trl-preference', tags: [], onProblem: 'keep-the-rest' }
    let checkpoint: unknown
    const save = async (saved: unknown) => void (checkpoint = saved)
    const run = () => importJob(at.platform)({ project, input, checkpoint, save, progress() {} } as unknown as JobRun)
    return { upload, run }
  }

  it('fails where its upload has gone, before it began or while it was read', async () => {
    const { upload, run } = await job(['one', 'two'])
    const bytes = uploadBytes(at.db, upload, 2)
    expect(String((await bytes.next()).value)).toBe('one')
    await discardUpload(at.db, upload)
    await expect(bytes.next()).rejects.toMatchObject({ code: 'gone' })
    await expect(run()).rejects.toMatchObject({ code: 'gone' })
  })

  it('has its result still where the process dies between discarding the upload and the end', async () => {
    const { run } = await job([line(1)])
    const result = await run()
    expect(result).toMatchObject({ prompts: 1, responses: 2 })
    expect(await run()).toEqual(result)
  })
})

it('takes ties, and two bad answers, for the comparisons that they are', async () => {
  const table = 'prompt,response_1,response_2,preferred\nq1,x,y,tie\nq2,x,y,both-bad\nq3,x,y,2\n'
  await load(table, { format: formatNamed('csv'), fileName: 'rows.csv', ...asTasks })
  const judged = await all(
    at.db,
    sql<{ payload: object }>`
      SELECT a.payload FROM annotations a JOIN tasks t ON t.id = a.task_id JOIN prompts p ON p.id = t.prompt_id
      WHERE a.project_id = ${project} ORDER BY p.opening`,
  )
  expect(judged.map(({ payload }) => payload)).toEqual([{ strength: 0 }, { bothBad: true }, { strength: -1 }])
})

it('keeps imported judgements apart from people’s: no person, no submission, and out of what is in force for consensus', async () => {
  await load(line(1), asTasks)
  const [row] = await all(
    at.db,
    sql<{ source: string; person_id: null; submission_id: null; payload: object }>`
      SELECT source, person_id, submission_id, payload FROM annotations WHERE project_id = ${project}`,
  )
  expect(row).toEqual({ source: 'import', person_id: null, submission_id: null, payload: { strength: -1 } })
})

it('does not tell by the stored order which response was the chosen one', async () => {
  await load(Array.from({ length: 400 }, (_, i) => line(i)).join('\n'), asTasks)
  const { first } = await one(
    at.db,
    sql<{ first: number }>`
      SELECT count(*) AS first FROM tasks t JOIN messages m ON m.id = t.targets[1]
      WHERE t.project_id = ${project} AND m.text LIKE 'good%'`,
  )
  expect(first).toBeGreaterThan(150)
  expect(first).toBeLessThan(250)
})

it('ends a batch of long rows early and loses none', async () => {
  const long = 'x'.repeat(3_000_000)
  expect(await load([1, 2, 3, 4].map((i) => line(i, { chosen: `${long}${i}` })).join('\n'))).toMatchObject({
    prompts: 4,
    responses: 8,
  })
})

const hh = fileURLToPath(new URL('../../../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz', import.meta.url))
it.skipIf(!existsSync(hh))(
  `reads the 1,800 real HH pairs${existsSync(hh) ? '' : ' (SKIPPED: ../shared/data is not there)'}`,
  async () => {
    const result = await load(readFileSync(hh), { format: formatNamed('hh'), ...asTasks, fileName: 'hh.jsonl.gz' })
    expect(result.failedCount).toBe(0)
    expect(result.tasks + result.skipped).toBe(1800)
    expect(result.tasks).toBeGreaterThan(1790)
  },
)
