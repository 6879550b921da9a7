import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { runCommand } from '../../../test/command.ts'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { trainCommands } from '../runs/cli.ts'
import { datasetCommands } from './cli.ts'
import type { ListedDataset } from './contract.ts'

let at: JudgedProject
const folder = mkdtempSync(join(tmpdir(), 'plumbline-dataset-cli-'))
beforeAll(async () => {
  at = await judgedProject({ tasks: 40 })
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await at.database.close()
})
afterEach(() => void vi.unstubAllEnvs())

/** Runs a command in this process, on the database of the test. */
function dataset(...args: string[]) {
  vi.stubEnv('DATABASE_URL', at.database.connection.connectionString)
  return runCommand(datasetCommands, 'dataset', ...args, '--project', at.project)
}

it('makes, lists, shows and compares', async () => {
  const all = JSON.parse((await dataset('make', '--name', 'all', '--rule', 'soft', '--json')).out)
  expect(all).toMatchObject({
    name: 'all',
    kind: 'preference',
    rows: 40,
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  const strict = ['make', '--min-votes', '3', '--min-agreement', '1', '--without-person', at.people.careless!.id]
  expect((await dataset(...strict)).out).toMatch(/^preference-2 {2}preference {2}\d+ rows/)
  const list = JSON.parse((await dataset('list', '--json')).out) as ListedDataset[]
  expect(list.map(({ name }) => name)).toEqual(['preference-2', 'all'])
  expect((await dataset('show', 'all')).out).toContain('# all\n')
  const { out } = await dataset('diff', 'all', 'preference-2')
  expect(out).toMatch(/0 rows added[\s\S]*by the filters/)
})

it('writes a folder that load_dataset opens, or one split as a file', async () => {
  const whole = join(folder, 'whole')
  const { files } = JSON.parse(
    (await dataset('export', 'all', '--format', 'trl-preference', '--out', whole, '--json')).out,
  )
  expect(files).toMatchObject([{ split: 'train' }, { split: 'test' }])
  expect(files[0].rows + files[1].rows).toBe(40)
  expect(readFileSync(join(whole, 'README.md'), 'utf8')).toMatch(/^---\n/)
  expect(readFileSync(join(whole, 'train.jsonl'), 'utf8').trim().split('\n')).toHaveLength(files[0].rows)
  const one = join(folder, 'test.parquet')
  await dataset('export', 'all', '--format', 'kto', '--packing', 'parquet', '--split', 'test', '--out', one)
  expect(readFileSync(one).subarray(0, 4).toString()).toBe('PAR1')
})

it('is trained on as it was written: the share of votes counts, and the strength where it is a margin', async () => {
  const losses = async (name: string, change: (row: Record<string, unknown>) => object, ...flags: string[]) => {
    const pairs = join(folder, name)
    await dataset('export', 'all', '--format', 'trl-preference', ...flags, '--split', 'train', '--out', pairs)
    const lines = readFileSync(pairs, 'utf8').trim().split('\n')
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    writeFileSync(pairs, rows.map((row) => JSON.stringify(change(row))).join('\n'))
    const to = ['--out', `${pairs}-run`, '--steps', '4', '--batch-size', '8', '--max-length', '64', '--json']
    const { out } = await runCommand(trainCommands, 'train', 'reward', '--model', 'preset:1m', '--data', pairs, ...to)
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    return { rows, losses: events.filter(({ event }) => event === 'step').map(({ loss }) => loss as number) }
  }
  const soft = await losses('soft.jsonl', (row) => row)
  expect(soft.rows.some(({ soft }) => Number(soft) < 1)).toBe(true)
  const named = await losses('label.jsonl', ({ soft: label, ...row }) => ({ ...row, label }))
  expect(named.losses).toEqual(soft.losses)
  const hard = await losses('hard.jsonl', ({ soft: _, ...row }) => row)
  expect(hard.losses).not.toEqual(soft.losses)
  const margin = await losses('margin.jsonl', (row) => row, '--margin')
  expect(margin.rows.map((row) => row.margin)).toEqual(soft.rows.map(({ strength }) => strength ?? 0))
  expect(margin.losses[0]).toBeGreaterThan(soft.losses[0]!)
  const [format, out] = ['kto', join(folder, 'no-margin')]
  expect(await dataset('export', 'all', '--format', format, '--margin', '--out', out)).toMatchObject({
    code: 2,
    err: /where: margin/,
  })
})

it('says what is wrong, and where', async () => {
  expect(await dataset('make', '--name', 'all')).toMatchObject({ code: 2, err: /where: name/ })
  expect(await dataset('make', '--min-agreement', '7')).toMatchObject({ code: 2, err: /filters.minAgreement/ })
  expect(await dataset('make', '--no-simulated')).toMatchObject({ code: 2, err: /No row is left/ })
  expect(await dataset('show', 'none')).toMatchObject({ code: 2, err: /dataset none/ })
  expect(await dataset('export', 'all', '--format', 'xml', '--out', join(folder, 'x'))).toMatchObject({
    code: 2,
    err: /where: format/,
  })
  expect(existsSync(join(folder, 'x'))).toBe(false)
})
