import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { runCommand } from '../../../test/command.ts'
import { type TestProject, testProject } from '../../../test/project.ts'
import { all } from '../../platform/sql.ts'
import { promptCommands } from './cli.ts'

let at: TestProject
const folder = mkdtempSync(join(tmpdir(), 'plumbline-import-'))
beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 0 })
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await at.database.close()
})

function run(name: string, text: string, ...args: string[]) {
  vi.stubEnv('DATABASE_URL', at.database.url)
  const file = join(folder, name)
  writeFileSync(file, text)
  return runCommand(promptCommands, 'import', file, '--project', at.project, ...args)
}
const rows = ['q1,x,y,model_a', 'q2,x,y,same', 'q3,x,y,model_c', 'q4,x,,model_a']
const table = `question,left,right,winner\n${rows.join('\n')}\n`
const columns = ['--format', 'csv', '--prompt', 'question', '--response', 'left', 'right', '--preferred', 'winner']
const means = ['--means', 'model_a=1', 'same=tie']

it('says of a whole file which rows fail, taking nothing, and its exit code says no', async () => {
  const { out, code } = await run('rows.csv', table, ...columns, ...means, '--as', 'tasks', '--check')
  expect(out).toMatch(
    /^2 rows can be taken; 2 cannot\n {2}line 4: winner is "model_c".*\n {2}line 5: winner says which/,
  )
  expect(code).toBe(1)
  expect(await all(at.db, sql`SELECT 1 FROM prompts`)).toEqual([])
})

it('takes nothing with --strict, and lists every row that stands against it', async () => {
  const { out, err, code } = await run('rows.csv', table, ...columns, ...means, '--strict')
  expect([out, code]).toEqual(['', 2])
  expect(err).toMatch(/line 4: .*\n {2}line 5: .*\nplumbline: 2 rows cannot be taken, so nothing was/)
})

it('reads winners and ties by a mapping, and gives tags and a priority', async () => {
  const args = [...columns, ...means, '--as', 'tasks', '--tag', 'arena', 'hard', '--priority', '-5', '--json']
  const { out, code } = await run('rows.csv', table, ...args)
  expect([JSON.parse(out), code]).toMatchObject([{ prompts: 2, tasks: 2, judgements: 2, failedCount: 2 }, 0])
  const made = await all(
    at.db,
    sql<{ tags: string[]; priority: number; payload: object }>`
      SELECT p.tags, q.priority, a.payload FROM prompts p JOIN tasks t ON t.prompt_id = p.id JOIN queue q ON q.task_id = t.id
      JOIN annotations a ON a.task_id = t.id ORDER BY p.opening`,
  )
  expect(made).toEqual([
    { tags: ['arena', 'hard'], priority: -5, payload: { strength: -1 } },
    { tags: ['arena', 'hard'], priority: -5, payload: { strength: 0 } },
  ])
})

it.each([
  ['model_a', '"model_a" does not say what a value means.'],
  ['model_a=3', '"model_a=3" does not say what a value means.'],
])('refuses --means %s', async (given, said) => {
  const { err, code } = await run('rows.csv', table, ...columns, '--means', given)
  expect([err.includes(said), code]).toEqual([true, 2])
})
