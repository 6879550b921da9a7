import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addModel, isBuilt, writeModel } from '../../../test/checkpoint.ts'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { addMember, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'
import { one } from '../../platform/sql.ts'
import { addProject } from '../../projects/store.ts'
import { addModelJob } from './add.ts'
import { type Checkpoint, findCheckpoint } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'models-'))
let at: TestProject
let http: TestHttp
let lead: TestPerson
let model: Checkpoint
beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 0 })
  http = await testHttp(at)
  lead = await addMember(at, 'lead', 'lead')
  model = await addModel(at, { name: 'first', facts: { algorithm: 'dpo', measured: { accuracy: 0.71234567 } } })
  http.platform.jobs.handle('add-model', addModelJob(http))
  await http.platform.jobs.run()
})
afterAll(async () => {
  await http.platform.jobs.stop()
  await http.models.close()
  await at.database.close()
  for (const path of [folder, at.platform.dataDir]) rmSync(path, { recursive: true, force: true })
})

const call = (method: string, path: string, body?: unknown) =>
  http.call(method, `/projects/${at.project}${path}`, { key: lead.key, body })
const jobState = (job: unknown) =>
  one(
    at.db,
    sql<{ state: string; problem: { message: string; where: string } | null; result: unknown }>`
      SELECT state, problem, result FROM jobs WHERE id = ${String(job)}`,
  )
async function ended(job: unknown) {
  await expect
    .poll(async () => (await jobState(job)).state, { timeout: 30_000, interval: 50 })
    .toMatch(/done|failed|cancelled/)
  return jobState(job)
}

it('lists models and shows one with a card of its facts and what was trained from it', async () => {
  const child = await addModel(at, { name: 'second', base: 'first', baseId: model.id })
  const { body } = await call('GET', '/models')
  expect(body.rows).toMatchObject([{ name: 'second', baseId: model.id }, { name: 'first' }])
  expect(JSON.stringify(body)).not.toContain(at.platform.dataDir)
  const shown = (await call('GET', `/models/${model.id}`)).body
  expect(shown).toMatchObject({ name: 'first', children: [{ id: child.id, name: 'second' }] })
  expect(shown.card).toContain('base_model: "preset:1m"')
  expect(shown.card).toContain(model.hash)
  expect(shown.card).toContain('| accuracy | 0.7123 |')
  expect((await call('GET', `/models/${lead.id}`)).status).toBe(404)
})

it('reaches no model of another project, whatever a model here is called', async () => {
  const elsewhere = { ...at, project: await addProject(at.db, { name: 'Elsewhere' }, undefined) }
  const foreign = await addModel(elsewhere, { name: 'theirs' })
  await addModel(elsewhere, { name: 'their child', base: 'theirs', baseId: foreign.id })
  const namesake = await addModel(at, { name: foreign.id })
  expect((await call('GET', `/models/${foreign.id}`)).body.children ?? []).toEqual([])
  await call('POST', `/models/${foreign.id}/archive`, { archived: true })
  expect((await findCheckpoint(at.db, elsewhere.project, foreign.id))!.archived).toBe(false)
  await call('POST', `/models/${namesake.id}/archive`, { archived: true })
  expect((await findCheckpoint(at.db, at.project, namesake.id))!.archived).toBe(true)
})

it('puts a model away with its policy, and takes both out again', async () => {
  const states = async () => [
    (await findCheckpoint(at.db, at.project, model.id))!.archived,
    ((await call('GET', '/policies')).body.rows as { id: string; archived: boolean }[]).find(
      ({ id }) => id === model.policy,
    )!.archived,
  ]
  await call('POST', `/models/${model.id}/archive`, { archived: true })
  expect(await states()).toEqual([true, true])
  await call('POST', `/models/${model.id}/archive`, { archived: false })
  expect(await states()).toEqual([false, false])
})

it('knows what can be added by name', async () => {
  const { rows } = (await call('GET', '/model-sources')).body as { rows: { name: string }[] }
  expect(rows).toContainEqual(expect.objectContaining({ name: 'smollm2-135m', licence: 'Apache-2.0' }))
})

describe('what is no model', () => {
  const plain = join(folder, 'plain')
  const empty = join(folder, 'empty')
  const pickle = join(folder, 'pickle')
  const cases = {
    'a file of something else': '/etc/passwd',
    'a folder of something else': '/etc',
    'nothing at all': join(folder, 'nowhere'),
    'a relative path': 'runs/dpo',
    'a device': '/dev/zero',
    'a config alone': plain,
    'an empty folder': empty,
    'a preset': 'preset:1m',
    'a pickle': pickle,
  }
  beforeAll(() => {
    for (const path of [plain, empty, pickle]) mkdirSync(path)
    for (const path of [plain, pickle]) writeFileSync(join(path, 'config.json'), '{}')
    writeFileSync(join(pickle, 'pytorch_model.bin'), 'x')
  })

  it.each(Object.entries(cases))('%s is refused with one and the same error', async (_, source) => {
    const { status, body } = await call('POST', '/models', { source })
    expect([status, body]).toEqual([
      400,
      {
        code: 'bad_input',
        message: 'There is no model of that name or at that path.',
        where: 'source',
        hint: expect.stringContaining('absolute path'),
      },
    ])
  })
})

it('refuses a name that is taken', async () => {
  const path = join(folder, 'taken')
  await writeModel(path)
  expect((await call('POST', '/models', { source: path, name: 'first' })).body).toMatchObject({ code: 'conflict' })
})

describe.skipIf(!isBuilt)('a job adds (needs npm run build)', () => {
  it('a folder: its model files are copied, it is opened once, and answers as a policy', async () => {
    const path = join(folder, 'given')
    await writeModel(path, { seed: 3 })
    writeFileSync(join(path, 'secret.txt'), 'not of the model')
    const { job, model: id } = (await call('POST', '/models', { source: path, licence: 'MIT' })).body
    expect(await ended(job)).toMatchObject({ state: 'done', result: { model: id, name: 'given' } })
    const added = (await findCheckpoint(at.db, at.project, String(id)))!
    expect(added).toMatchObject({ name: 'given', base: 'given', facts: { licence: 'MIT', source: 'given' } })
    const place = join(at.platform.dataDir, 'models', added.id)
    expect(existsSync(join(place, 'model.safetensors'))).toBe(true)
    expect(existsSync(join(place, 'secret.txt'))).toBe(false)
    rmSync(path, { recursive: true })
    const { body } = await call('POST', `/policies/${added.policy}/test`, { prompt: 'hi' })
    expect(body).toMatchObject({ text: expect.any(String) })
  })

  it('nothing that does not open: the error names the file that people know, and nothing is left', async () => {
    const path = join(folder, 'broken')
    await writeModel(path)
    const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))
    writeFileSync(join(path, 'config.json'), JSON.stringify({ ...config, num_hidden_layers: 5 }))
    const { job, model: id } = (await call('POST', '/models', { source: path })).body
    const { state, problem } = await ended(job)
    expect(state).toBe('failed')
    expect(problem!.message).toMatch(/missing/)
    expect(problem!.where).toContain(path)
    expect(existsSync(join(at.platform.dataDir, 'models', String(id)))).toBe(false)
    expect(await findCheckpoint(at.db, at.project, String(id))).toBeUndefined()
  })

  it('an adapter, whose base is found again', async () => {
    const [base, path] = [join(folder, 'base'), join(folder, 'adapter')]
    await writeModel(base)
    const { writeAdapter } = await import('../../trainer/checkpoint/adapter.ts')
    const { initialAdapter } = await import('../../trainer/model/parameters.ts')
    const { readFolder } = await import('../../trainer/checkpoint/folder.ts')
    const adapter = { rank: 2, alpha: 4, targets: ['q_proj' as const], dropout: 0 }
    mkdirSync(path)
    writeAdapter(path, adapter, base, initialAdapter(readFolder(base).config, adapter, 1))
    const { job, model: id } = (await call('POST', '/models', { source: path })).body
    expect(await ended(job)).toMatchObject({ state: 'done' })
    expect((await findCheckpoint(at.db, at.project, String(id)))!.parameters).toBe(model.parameters)
  })
})
