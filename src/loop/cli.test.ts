import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { runCommand } from '../../test/command.ts'
import { type TestProject, testProject } from '../../test/project.ts'
import { registerCheckpoint } from '../models/checkpoints/store.ts'
import { roundCommands } from './cli.ts'

let at: TestProject
const folder = mkdtempSync(join(tmpdir(), 'round-'))
beforeAll(async () => {
  at = await testProject({ tasks: 4, annotators: 0 })
  const model = { head: 'lm', base: 'preset:1m', parameters: 1e6, bytes: 1, hash: Buffer.alloc(32) } as const
  await registerCheckpoint(at.db, { project: at.project, name: 'sft 1', ...model })
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await at.database.close()
})
afterEach(() => void vi.unstubAllEnvs())

/** Runs a command in this process, on the database of the test. */
function plumbline(...args: string[]) {
  vi.stubEnv('DATABASE_URL', at.database.connection.connectionString)
  return runCommand(roundCommands, 'round', ...args, '--project', at.project)
}
function planned(plan: unknown): string {
  const path = join(folder, 'plan.json')
  writeFileSync(path, typeof plan === 'string' ? plan : JSON.stringify(plan))
  return path
}

it('begins a round from a plan, shows it, and ends it for a reason', async () => {
  expect(await plumbline('list')).toMatchObject({ code: 0, out: 'No round has begun yet.\n' })
  const begun = await plumbline('start', planned({ policy: 'sft 1', prompts: { limit: 3 } }), '--json')
  expect(begun).toMatchObject({ code: 0, err: '' })
  expect(JSON.parse(begun.out)).toMatchObject({ number: 1, state: 'open', plan: { prompts: { limit: 3 } } })
  expect((await plumbline('show')).out).toMatch(/1 {2}open {4}prompts {5}sft 1\n {6}prompts {4}ahead/)
  expect(await plumbline('retry')).toMatchObject({ code: 2, err: /has failed/ })
  expect(await plumbline('close', '--why', ' ')).toMatchObject({ code: 2, err: /for a reason/ })
  expect((await plumbline('close', '--why', 'only a try')).out).toMatch(/closed .*\(only a try\)/)
  expect(JSON.parse((await plumbline('list', '--json')).out).rows).toMatchObject([{ number: 1, state: 'closed' }])
})

it('refuses a plan by place, and a round that is not there', async () => {
  expect(await plumbline('start', planned('{'))).toMatchObject({ code: 2, err: /no JSON/ })
  expect(await plumbline('start', planned({ policy: 'nobody' }))).toMatchObject({ code: 2, err: /plan.json, policy/ })
  const wrong = { policy: 'sft 1', training: { settings: { learningRate: 5 } } }
  expect(await plumbline('start', planned(wrong))).toMatchObject({
    code: 2,
    err: /plan\.training\.settings\.learningRate/,
  })
  expect(await plumbline('show', '--round', '7')).toMatchObject({ code: 2, err: /no round 7/ })
})
