/** A run whose server is killed without warning: the real program (as built), twice over one database and one data folder. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { createJobs } from '../../platform/jobs/runner.ts'
import { inTransaction } from '../../platform/sql.ts'
import { takeSnapshot } from '../datasets/store.ts'
import { startRun } from './start.ts'
import { findRun } from './store.ts'

const program = fileURLToPath(new URL('../../../dist/server/main.js', import.meta.url))
const dataDir = mkdtempSync(join(tmpdir(), 'killed-run-'))

let at: JudgedProject
const servers: ChildProcess[] = []
beforeAll(async () => {
  at = await judgedProject({ tasks: 24 })
})
afterAll(async () => {
  for (const server of servers) server.kill('SIGKILL')
  rmSync(dataDir, { recursive: true, force: true })
  await at.database.close()
})

async function serve(): Promise<ChildProcess> {
  const server = spawn(process.execPath, [program, 'serve', '--data', dataDir, '--port', '0', '--no-demo'], {
    env: { ...process.env, DATABASE_URL: at.database.url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  servers.push(server)
  let said = ''
  await new Promise<void>((ready, failed) => {
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('ready at')) ready()
    })
    server.once('exit', () => failed(new Error(`The server ended: ${said}`)))
  })
  return server
}

/** Runs a command beside the server and reads what it prints. */
async function command(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, '--data', dataDir, '--json'], {
    env: { ...process.env, DATABASE_URL: at.database.url },
  })
  return JSON.parse(stdout)
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(server, 'exit')
  server.kill(signal)
  await exited
}

const query = async (text: string, ...values: unknown[]) => (await at.database.pool.query(text, values)).rows
/** Losses by step, in the order in which they were recorded. */
const losses = async (run: string): Promise<[number, number][]> =>
  (
    await query(
      `SELECT (event ->> 'step')::int AS step, (event ->> 'loss')::float8 AS loss FROM run_events
       WHERE run_id = $1 AND event ->> 'event' = 'step' ORDER BY seq`,
      run,
    )
  ).map(({ step, loss }) => [step, loss])

describe.skipIf(!existsSync(program))('a run whose server dies (SKIPPED where nothing is built)', () => {
  it('goes on from its last complete state, to the same weights, and registers its model once', async () => {
    const { id: snapshot } = await takeSnapshot(
      at.db,
      { project: at.project, kind: 'preference', filters: {} },
      at.clock.read(),
    )
    const jobs = createJobs({ db: at.db, connection: at.database.connection, log: pino({ level: 'silent' }) })
    const settings = { steps: 60, batchSize: 4, maxLength: 128, saveEvery: 10, seed: 3 }
    const start = () =>
      inTransaction(at.db, (trx) =>
        startRun(
          trx,
          { ...at.platform, jobs },
          { project: at.project, algorithm: 'sft', snapshot, base: 'preset:1m', settings },
        ),
      )
    const state = async (run: string) => (await findRun(at.db, at.project, run))!.state
    const untilStep = (run: string, step: number) =>
      vi.waitFor(async () => expect((await losses(run)).at(-1)?.[0] ?? 0).toBeGreaterThan(step), {
        timeout: 60_000,
        interval: 50,
      })
    const [run, whole] = [await start(), await start()]
    const first = await serve()
    await untilStep(run, 14)
    await end(first, 'SIGKILL')
    expect(await state(run)).toBe('running')
    const killedAt = (await losses(run)).length
    expect(killedAt).toBeLessThan(60)

    // The second server stops in good order, which uses up no try; the third sees it through.
    const second = await serve()
    await vi.waitFor(async () => expect((await losses(run)).length).toBeGreaterThan(killedAt), { timeout: 60_000 })
    await end(second, 'SIGTERM')
    expect(['waiting', 'done']).toContain(await state(run))
    await serve()
    await vi.waitFor(async () => expect([await state(run), await state(whole)]).toEqual(['done', 'done']), {
      timeout: 100_000,
      interval: 100,
    })
    expect(await query('SELECT attempt, state FROM jobs WHERE input ->> $1 = $2', 'run', run)).toEqual([
      { attempt: 2, state: 'done' },
    ])
    // Steps done twice came out the same, and none is missing.
    const uninterrupted = new Map(await losses(whole))
    const taken = await losses(run)
    for (const [step, loss] of taken) expect([step, loss]).toEqual([step, uninterrupted.get(step)])
    expect(new Set(taken.map(([step]) => step)).size).toBe(60)
    const starts = await query(
      `SELECT (event ->> 'resumedFrom')::int AS "from" FROM run_events WHERE run_id = $1 AND event ->> 'event' = 'start' ORDER BY seq`,
      run,
    )
    expect(starts.length).toBeGreaterThan(1)
    expect(starts[1].from).toBeGreaterThanOrEqual(10)
    const models = await query('SELECT run_id, encode(hash, $1) AS hash FROM checkpoints ORDER BY id', 'hex')
    expect(models.map(({ run_id }) => run_id).sort()).toEqual([run, whole].sort())
    expect(models[0].hash).toBe(models[1].hash)
    expect(readdirSync(join(dataDir, 'models')).sort()).toEqual([run, whole].sort())
    expect(readdirSync(join(dataDir, 'runs'))).toEqual([])
    expect(await query(`SELECT 1 FROM events WHERE kind = 'run.ended' AND subject = $1`, run)).toHaveLength(1)

    const line = await command('model', 'lineage', 'sft 1')
    expect(line).toMatchObject({ name: 'sft 1', model: run, runs: [run], snapshots: [snapshot], rounds: [] })
    expect(line.annotations).toHaveLength(72)
    expect(Object.keys(line)).toEqual(expect.arrayContaining(['guidelineVersions']))
    await expect(command('model', 'lineage', 'nobody')).rejects.toThrow(/There is no model 'nobody'/)
  }, 180_000)
})
