import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addModel, writeModel } from '../../../test/checkpoint.ts'
import { type TestProject, testProject } from '../../../test/project.ts'
import { one } from '../../platform/sql.ts'
import { readFolder } from '../../trainer/checkpoint/folder.ts'
import { countParameters } from '../../trainer/model/parameters.ts'
import { addPolicy, findPolicy } from '../policies/store.ts'
import { describeFolder, folderOf } from './files.ts'
import { findCheckpoint, findCheckpoints, listCheckpoints } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'checkpoints-'))
let at: TestProject
beforeAll(async () => {
  at = await testProject({ tasks: 0 })
})
afterAll(async () => {
  await at.database.close()
  rmSync(folder, { recursive: true })
  rmSync(at.platform.dataDir, { recursive: true, force: true })
})

describe('the files of a model', () => {
  it('tell its size, parameters and head, and a hash that does not depend on where they lie', async () => {
    const [one, copy] = [join(folder, 'one'), join(folder, 'copy')]
    await writeModel(one)
    cpSync(one, copy, { recursive: true })
    const { parameters, head, bytes, hash } = await describeFolder(one)
    const weights = [...readFolder(one).weights.values()]
    expect(parameters).toBe(countParameters(weights.map(({ shape }) => shape)))
    expect(head).toBe('lm')
    expect(bytes).toBeGreaterThan(4 * parameters)
    expect((await describeFolder(copy)).hash).toEqual(hash)
    writeFileSync(join(copy, 'generation_config.json'), '{}')
    expect((await describeFolder(copy)).hash).not.toEqual(hash)
  })

  it('of a reward model, say so', async () => {
    const path = join(folder, 'reward')
    await writeModel(path, { head: 'scalar' })
    expect(await describeFolder(path)).toMatchObject({ head: 'scalar' })
  })

  it('that are none are refused by name', async () => {
    await expect(describeFolder(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not_found' })
    await expect(describeFolder(folder)).rejects.toMatchObject({ code: 'not_found', where: /config\.json/ })
    const text = join(folder, 'model.gguf')
    writeFileSync(text, 'no model at all')
    await expect(describeFolder(text)).rejects.toMatchObject({ code: 'bad_input', where: /model\.gguf/ })
  })
})

describe('a registered model', () => {
  it('is found by id and by name, with all that is known of it, and is a policy', async () => {
    const model = await addModel(at, { name: 'sft', facts: { algorithm: 'sft', measured: { accuracy: 0.7 } } })
    expect(model).toMatchObject({ name: 'sft', head: 'lm', base: 'preset:1m', run: null, archived: false })
    expect(model.facts).toEqual({ algorithm: 'sft', measured: { accuracy: 0.7 } })
    expect(model.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(await findCheckpoint(at.db, at.project, 'sft')).toEqual(model)
    expect(await findCheckpoint(at.db, at.project, 'other')).toBeUndefined()
    expect(folderOf(at.platform.dataDir, model)).toBe(join(at.platform.dataDir, 'models', model.id))
    expect(await findPolicy(at.db, at.project, model.policy!)).toMatchObject({
      name: 'sft',
      kind: 'checkpoint',
      checkpointId: model.id,
    })
  })

  it('takes a name that is free for it and for its policy', async () => {
    const endpoint = { kind: 'endpoint' as const, url: 'http://x', model: 'm', secret: null, parameters: {}, price: {} }
    await addPolicy(at.db, at.project, { ...endpoint, name: 'dpo' })
    const names = [await addModel(at, { name: 'dpo' }), await addModel(at, { name: 'dpo' })].map(({ name }) => name)
    expect(names).toEqual(['dpo-2', 'dpo-3'])
  })

  it('that gives scores is no policy', async () => {
    const { policy, id } = await addModel(at, { name: 'reward', head: 'scalar' })
    expect(policy).toBeNull()
    expect(await one(at.db, sql`SELECT count(*) AS n FROM policies WHERE checkpoint_id = ${id}`)).toEqual({ n: 0 })
  })

  it('inherits the licence of what it was trained from', async () => {
    const first = await addModel(at, { name: 'tuned', base: 'smollm2-135m' })
    expect(first.facts.licence).toBe('Apache-2.0')
    const second = await addModel(at, { name: 'tuned again', base: first.name, baseId: first.id })
    expect(second.facts.licence).toBe('Apache-2.0')
    expect((await listCheckpoints(at.db, at.project))[0]).toEqual(second)
  })

  it('may share its name with one of another project: both are told', async () => {
    const other = await testProject({ tasks: 0, on: at.database })
    await addModel({ ...other, platform: at.platform }, { name: 'shared' })
    const { id } = await addModel(at, { name: 'shared' })
    expect(await findCheckpoints(at.db, { name: 'shared' })).toHaveLength(2)
    expect(await findCheckpoints(at.db, { name: 'shared', projects: [at.project] })).toMatchObject([{ id }])
    expect(await findCheckpoints(at.db, { name: 'Test/shared' })).toHaveLength(2)
    expect(await findCheckpoints(at.db, { name: id })).toMatchObject([{ id, projectName: 'Test' }])
  })
})
