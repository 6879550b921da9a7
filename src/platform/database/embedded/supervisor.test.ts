import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type DatabaseProcess, databaseProcesses } from '../../../../test/database-process.ts'
import { type Database, openDatabase } from '../connect.ts'
import { runs } from './postmaster.ts'

let processes: Awaited<ReturnType<typeof databaseProcesses>>
beforeAll(async () => {
  processes = await databaseProcesses()
})
afterAll(() => processes.close())

let data: string
let children: DatabaseProcess[]
let opened: Database[]
beforeEach(() => {
  data = mkdtempSync(join(realpathSync(tmpdir()), 'plumbline-supervisor-'))
  chmodSync(data, 0o755)
  children = []
  opened = []
})
afterEach(async () => {
  // Adopts whatever a killed process left and is the last to leave it.
  await Promise.all([...children.map((one) => one.end()), ...opened.map((one) => one.close())])
  await (await open()).close()
  rmSync(data, { recursive: true, force: true })
})

async function open(role: 'serve' | 'command' = 'command', dataDir = data): Promise<Database> {
  const database = await openDatabase({ dataDir, url: '', role })
  opened.push(database)
  return database
}
async function start(role: 'serve' | 'command' = 'command'): Promise<DatabaseProcess> {
  const one = await processes.start(data, role)
  if (one.first.open) children.push(one)
  return one
}
async function end(one: DatabaseProcess, signal: NodeJS.Signals): Promise<number | null> {
  children = children.filter((other) => other !== one)
  return one.end(signal)
}

const lockFile = () => join(data, 'postgres/cluster/postmaster.pid')
const serverPid = () => Number.parseInt(readFileSync(lockFile(), 'utf8'), 10)
const serverRuns = () => existsSync(lockFile())
/** Asks until the server answers again; each refused try is a round trip, so nothing is waited for by the clock. */
async function answers(database: Database, sql: string): Promise<unknown[]> {
  for (;;) {
    try {
      return (await database.pool.query(sql)).rows
    } catch {
      await new Promise((done) => setImmediate(done))
    }
  }
}

it('stops the server when the last process leaves, and not before', async () => {
  const one = await start()
  const two = await start('serve')
  await one.query('CREATE TABLE kept (id int)')
  expect(await end(one, 'SIGTERM')).toBe(0)
  expect(serverRuns()).toBe(true)
  expect(await two.query('INSERT INTO kept VALUES (1) RETURNING id')).toEqual({ rows: [{ id: 1 }] })
  const pid = serverPid()
  expect(await end(two, 'SIGTERM')).toBe(0)
  expect(serverRuns()).toBe(false)
  expect(runs(pid)).toBe(false)
  const again = await open()
  expect((await again.pool.query('SELECT id FROM kept')).rows).toEqual([{ id: 1 }])
  await again.close()
})

it('makes one cluster for processes that start on an empty folder at the same moment', async () => {
  const all = await Promise.all([start('serve'), start(), start(), start()])
  expect(all.map(({ first }) => first)).toEqual(all.map(() => ({ open: true })))
  await all[0]!.query('CREATE TABLE shared_one (id int)')
  for (const one of all)
    expect(await one.query('SELECT count(*)::int AS n FROM shared_one')).toEqual({ rows: [{ n: 0 }] })
})

it('lets processes come and go at the same time', async () => {
  const visit = async () => {
    for (let i = 0; i < 4; i++) {
      const database = await open()
      expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
      await database.close()
    }
  }
  await Promise.all([visit(), visit(), visit()])
  expect(serverRuns()).toBe(false)
})

it('refuses a second serve and says who runs, while commands may join', async () => {
  const first = await start('serve')
  const second = await start('serve')
  expect(second.first.problem).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`serve, pid ${first.child.pid}`),
    where: data,
  })
  const command = await open()
  await command.close()
  expect(await first.query('SELECT 1 AS one')).toEqual({ rows: [{ one: 1 }] })
})

it('adopts the server that a killed serve left running', async () => {
  const killed = await start('serve')
  await killed.query('CREATE TABLE kept AS SELECT 7 AS id')
  const pid = serverPid()
  await end(killed, 'SIGKILL')
  const next = await start('serve')
  expect(await next.query('SELECT id FROM kept')).toEqual({ rows: [{ id: 7 }] })
  expect(serverPid()).toBe(pid)
})

it('starts anew after a crash of everything, with what was committed', async () => {
  const killed = await start('serve')
  await killed.query('CREATE TABLE kept AS SELECT 7 AS id')
  process.kill(serverPid(), 'SIGKILL')
  await end(killed, 'SIGKILL')
  const next = await start('serve')
  expect(await next.query('SELECT id FROM kept')).toEqual({ rows: [{ id: 7 }] })
})

it('brings the server back when it dies under a running process', async () => {
  const database = await open('serve')
  await database.pool.query('CREATE TABLE kept AS SELECT 7 AS id')
  const startTime = 'SELECT pg_postmaster_start_time()::text AS at'
  const before = await answers(database, startTime)
  process.kill(serverPid(), 'SIGKILL')
  // A connection that has not noticed yet may still answer once.
  while (isDeepStrictEqual(await answers(database, startTime), before));
  expect(await answers(database, 'SELECT id FROM kept')).toEqual([{ id: 7 }])
  // It has its seat back as soon as it holds the lock of `serve` again.
  const lock = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 2`
  while (!(await answers(database, lock)).length);
  await expect(open('serve')).rejects.toMatchObject({ code: 'conflict' })
  await database.close()
  expect(serverRuns()).toBe(false)
})

it('survives a Ctrl-C that reaches the whole process group', async () => {
  const one = await start('serve')
  process.kill(-one.child.pid!, 'SIGINT')
  expect(await one.next()).toEqual({ interrupted: true })
  expect(await one.query('SELECT 1 AS one')).toEqual({ rows: [{ one: 1 }] })
})

it('stops the server when a command that listens to no signal is interrupted, unless others are there', async () => {
  const [one, two] = [await start(), await start()]
  await end(one, 'SIGHUP')
  expect(await two.query('SELECT 1 AS one')).toEqual({ rows: [{ one: 1 }] })
  expect(await end(two, 'SIGHUP')).toBe(null)
  expect(serverRuns()).toBe(false)
})

it('leaves no server behind when it is told to end while the server is still starting', async () => {
  const early = processes.spawn(data)
  while (!existsSync(join(data, 'postgres'))) await new Promise((done) => setImmediate(done))
  early.kill('SIGHUP')
  await once(early, 'exit')
  expect(serverRuns()).toBe(false)
})

it('does not trust the pid of a lock file that a crash left', async () => {
  await (await open()).close()
  const owner = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const stranger = spawn('sleep', ['60'], { ...owner, cwd: '/', stdio: 'ignore' })
  const socketDir = join(data, 'postgres/run')
  writeFileSync(
    lockFile(),
    [stranger.pid, join(data, 'postgres/cluster'), 1, 5432, socketDir, '', '', 'ready', ''].join('\n'),
  )
  writeFileSync(join(socketDir, '.s.PGSQL.5432.lock'), `${stranger.pid}\n${socketDir}\n`)
  const database = await open()
  expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  expect(stranger.exitCode).toBe(null)
  await database.close()
  stranger.kill()
})

it('opens a copy of a data folder whose server still runs, as a database of its own', async () => {
  const original = await open()
  await original.pool.query('CREATE TABLE kept AS SELECT 7 AS id; CHECKPOINT')
  const copy = `${data}-copy`
  spawnSync('cp', ['-a', data, copy])
  const second = await open('serve', copy)
  await second.pool.query('DROP TABLE kept')
  expect((await original.pool.query('SELECT id FROM kept')).rows).toEqual([{ id: 7 }])
  await second.close()
  rmSync(copy, { recursive: true })
})
