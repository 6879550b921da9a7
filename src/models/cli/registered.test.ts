import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addModel } from '../../../test/checkpoint.ts'
import { runCommand } from '../../../test/command.ts'
import { type TestProject, testProject } from '../../../test/project.ts'
import { folderOf } from '../checkpoints/files.ts'
import { modelsCommands } from '../cli.ts'
import { openLocalModel } from '../local.ts'
import { openScorer } from '../score.ts'
import { located, registered } from './registered.ts'

let at: TestProject
let other: TestProject
let data: string
beforeAll(async () => {
  at = await testProject({ tasks: 0 })
  other = { ...(await testProject({ tasks: 0, on: at.database })), platform: at.platform }
  data = at.platform.dataDir
  process.env.DATABASE_URL = at.database.url
})
afterAll(async () => {
  delete process.env.DATABASE_URL
  await at.database.close()
  rmSync(data, { recursive: true, force: true })
})

it('finds a model of the data folder by name and by id, and says that a project has it', async () => {
  const model = await addModel(at, { name: 'helper' })
  const found = { path: folderOf(data, model), ofProject: true, dataDir: data }
  expect(await located({ model: 'helper', data })).toMatchObject(found)
  expect(await located({ model: model.id, data })).toMatchObject({ ...found, known: { name: 'helper' } })
  expect(await registered({ data })).toMatchObject([{ name: 'helper', projectName: 'Test' }])
})

it('still knows everything else by its name', async () => {
  expect(await located({ model: 'preset:1m', data })).toMatchObject({ path: 'preset:1m', ofProject: false })
  await expect(located({ model: 'nothing', data })).rejects.toMatchObject({ code: 'not_found', where: 'model' })
})

it('shows a reward model of a project the prompt as the user’s message, though it has no chat template', async () => {
  const policy = await addModel(at, { name: 'speaker' })
  const judge = folderOf(data, await addModel(at, { name: 'judge', head: 'scalar' }))
  const config = JSON.parse(readFileSync(join(judge, 'tokenizer_config.json'), 'utf8'))
  writeFileSync(join(judge, 'tokenizer_config.json'), JSON.stringify({ ...config, chat_template: undefined }))
  const ask = ['--model', policy.id, '--data', data, '--prompt', 'What is 7?', '--n', '2', '--max-tokens', '6']
  const { out } = await runCommand(
    modelsCommands,
    ...['generate', ...ask, '--temperature', '1', '--reward-model', 'judge', '--json'],
  )
  const { text, reward } = JSON.parse(out)
  const model = await openLocalModel(judge)
  expect(model.text.template).toBeUndefined()
  const scorer = await openScorer(model)
  const message = [{ role: 'user', content: 'What is 7?' }]
  const [asMessage, asText] = await scorer.score(
    [message, 'What is 7?'].map((prompt) => ({ prompt, response: text })),
    2048,
  )
  await scorer.close()
  expect(reward).toBeCloseTo(asMessage!, 4)
  expect(reward).not.toBeCloseTo(asText!, 4)
})

it('asks which, where several projects have one of that name', async () => {
  const [mine] = [await addModel(at, { name: 'twice' }), await addModel(other, { name: 'twice' })]
  await expect(located({ model: 'twice', data })).rejects.toMatchObject({ code: 'conflict', hint: /--project/ })
  expect(await located({ model: 'twice', data, project: at.project })).toMatchObject({ path: folderOf(data, mine!) })
})

it('exports a model of a project with its card', async () => {
  await addModel(at, { name: 'leaver', facts: { licence: 'Apache-2.0' } })
  const out = join(data, 'leaver')
  const printed = await runCommand(modelsCommands, 'model', 'export', 'Test/leaver', '--data', data, '--out', out)
  expect(printed).toMatchObject({ code: 0, err: '' })
  expect(readFileSync(join(out, 'README.md'), 'utf8')).toMatch(/^---\nlicense: "apache-2\.0"/)
  expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain('Made of files with the SHA-256')
  expect((await openLocalModel(out)).head).toBe('lm')
})

it('refuses a project or a data folder that is not there', async () => {
  await expect(located({ model: 'helper', data, project: 'none' })).rejects.toMatchObject({ where: '--project none' })
  await expect(located({ model: 'helper', project: 'Test' })).rejects.toMatchObject({ code: 'bad_input' })
  delete process.env.DATABASE_URL
  await expect(located({ model: 'helper', data: `${data}/none` })).rejects.toMatchObject({ code: 'not_found' })
})
