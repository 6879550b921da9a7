import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databaseProcesses } from '../../../../test/database-process.ts'
import { type Database, openDatabase } from '../connect.ts'
import { binaries, embeddedPackage } from './binaries.ts'
import { canEnter } from './place.ts'
import { runs } from './postmaster.ts'

const isRoot = process.getuid?.() === 0
const nobody = { uid: 65534, gid: 65534 }
/** Root may try another account only where that one can read the checkout. */
const othersCanRead = canEnter(fileURLToPath(new URL('.', import.meta.url)), nobody)
/** An account that every Linux has. */
const daemon = { uid: 1, gid: 1 }

let processes: Awaited<ReturnType<typeof databaseProcesses>>
beforeAll(async () => {
  processes = await databaseProcesses()
})
afterAll(() => processes.close())

let folder: string
let opened: Database[]
let mounted = false
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'plumbline-place-'))
  chmodSync(folder, 0o755)
  opened = []
})
afterEach(async () => {
  await Promise.all(opened.map((one) => one.close()))
  if (mounted) spawnSync('umount', [folder])
  mounted = false
  rmSync(folder, { recursive: true, force: true })
})

async function open(dataDir: string): Promise<Database> {
  const database = await openDatabase({ dataDir, url: '', role: 'command' })
  opened.push(database)
  return database
}
const states = new Set<string>()
function stateOf(data: string): string {
  const { state } = JSON.parse(readFileSync(join(data, 'postgres.json'), 'utf8'))
  states.add(state)
  return state
}

it('keeps everything in DATA/postgres, closed to everybody but the server', async () => {
  const data = join(folder, 'a', 'b')
  const { connection } = await open(data)
  expect(connection.host).toBe(join(data, 'postgres/run'))
  expect(readdirSync(data)).toEqual(['postgres'])
  const mode = spawnSync('stat', ['-c', '%a', join(data, 'postgres'), join(data, 'postgres/run')], { encoding: 'utf8' })
  expect(mode.stdout).toBe('700\n700\n')
})

it('listens in a short folder where the path of the socket would be too long, and takes it away again', async () => {
  const data = join(folder, 'long'.repeat(25))
  const database = await open(data)
  const socketDir = database.connection.host!
  expect(socketDir.length).toBeLessThan(80)
  expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await database.close()
  expect(existsSync(socketDir)).toBe(false)
})

describe.skipIf(!isRoot)('a data folder that the server may not enter (needs root)', () => {
  let closed: string
  beforeEach(() => {
    closed = join(folder, 'closed')
    mkdirSync(closed, { mode: 0o700 })
  })
  afterEach(async () => {
    await Promise.all(opened.map((one) => one.close()))
    for (const state of states) rmSync(state, { recursive: true, force: true })
    states.clear()
  })

  it('sweeps what a data folder that was simply deleted left behind, its running server too', async () => {
    const left = mkdtempSync(join(folder, 'left-'))
    const { first, child, end } = await processes.start(left)
    expect(first).toEqual({ open: true })
    const state = stateOf(left)
    const pid = Number.parseInt(readFileSync(join(state, 'cluster/postmaster.pid'), 'utf8'), 10)
    await end('SIGKILL')
    rmSync(left, { recursive: true })
    await open(closed)
    expect(child.killed).toBe(true)
    expect(existsSync(state)).toBe(false)
    expect(runs(pid)).toBe(false)
  })

  it('keeps the cluster elsewhere, with a pointer, also when two come at once', async () => {
    const [one, two] = await Promise.all([open(closed), open(closed)])
    await one.pool.query('CREATE TABLE kept AS SELECT 7 AS id')
    expect((await two.pool.query('SELECT id FROM kept')).rows).toEqual([{ id: 7 }])
    expect(canEnter(stateOf(closed), nobody)).toBe(true)
  })

  it('follows a data folder that was moved, and refuses one that was copied', async () => {
    await (await open(closed)).close()
    stateOf(closed)
    const moved = join(folder, 'moved')
    renameSync(closed, moved)
    await (await open(moved)).close()
    const copy = join(folder, 'copy')
    cpSync(moved, copy, { recursive: true })
    await expect(open(copy)).rejects.toMatchObject({ code: 'conflict', hint: expect.stringContaining('db move') })
  })

  it('says so when the folder that the pointer names is gone, or the pointer is broken', async () => {
    writeFileSync(join(closed, 'postgres.json'), JSON.stringify({ state: join(folder, 'gone') }))
    await expect(open(closed)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('is gone'),
    })
    writeFileSync(join(closed, 'postgres.json'), '{')
    await expect(open(closed)).rejects.toMatchObject({ code: 'unavailable', where: join(closed, 'postgres.json') })
  })

  it('says which permission is missing when a data folder was closed afterwards', async () => {
    chmodSync(closed, 0o755)
    await (await open(closed)).close()
    chmodSync(closed, 0o700)
    await expect(open(closed)).rejects.toMatchObject({
      code: 'unavailable',
      hint: expect.stringContaining('chmod o+x'),
    })
  })

  it('runs from a copy of the package where the server cannot read it, with the links that npm leaves out', () => {
    const found = { native: join(closed, 'native'), version: '18.0.0-test' }
    cpSync(embeddedPackage().native, found.native, { recursive: true, verbatimSymlinks: true })
    for (const { target } of JSON.parse(readFileSync(join(found.native, 'pg-symlinks.json'), 'utf8')))
      rmSync(join(closed, target))
    const copy = binaries(nobody, found)
    expect(copy.postgres.startsWith(folder)).toBe(false)
    const { stdout } = spawnSync(copy.postgres, ['--version'], { ...nobody, cwd: '/', encoding: 'utf8' })
    expect(stdout).toMatch(/^postgres \(PostgreSQL\) 18/)
    expect(binaries(nobody, found)).toEqual(copy)
    rmSync(join(copy.postgres, '../../..'), { recursive: true })
  })
})

it('makes the links of the package itself where the install script was switched off', () => {
  const found = { native: join(folder, 'native'), version: '18.0.0-test' }
  cpSync(embeddedPackage().native, found.native, { recursive: true, verbatimSymlinks: true })
  for (const { target } of JSON.parse(readFileSync(join(found.native, 'pg-symlinks.json'), 'utf8')))
    rmSync(join(folder, target))
  chmodSync(join(found.native, 'bin/postgres'), 0o644)
  const { postgres } = binaries(undefined, found)
  expect(postgres.startsWith(folder)).toBe(true)
  expect(spawnSync(postgres, ['--version'], { encoding: 'utf8' }).stdout).toMatch(/^postgres \(PostgreSQL\) 18/)
})

it('refuses a cluster of another major version and says what to do', async () => {
  const data = join(folder, 'data')
  await (await open(data)).close()
  writeFileSync(join(data, 'postgres/cluster/PG_VERSION'), '17\n')
  await expect(open(data)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'The database was made by PostgreSQL 17; this Plumbline brings PostgreSQL 18.',
    hint: expect.stringContaining('db backup'),
  })
})

it('refuses a folder that is no cluster, rather than writing over it', async () => {
  const data = join(folder, 'data')
  mkdirSync(join(data, 'postgres/cluster'), { recursive: true })
  writeFileSync(join(data, 'postgres/cluster/thesis.txt'), 'x')
  await expect(open(data)).rejects.toMatchObject({ where: join(data, 'postgres/cluster') })
  expect(readdirSync(join(data, 'postgres/cluster'))).toEqual(['thesis.txt'])
})

it('says plainly that the data folder is a file', async () => {
  writeFileSync(join(folder, 'file'), '')
  await expect(open(join(folder, 'file'))).rejects.toMatchObject({ code: 'bad_input', where: join(folder, 'file') })
  await expect(open(join(folder, 'file/deeper'))).rejects.toMatchObject({ code: 'bad_input' })
})

const mount = (size: string, at: string) =>
  isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'plumbline-test', at]).status === 0
const canMount = (() => {
  const probe = mkdtempSync(join(tmpdir(), 'plumbline-mount-'))
  const able = mount('1m', probe)
  if (able) spawnSync('umount', [probe])
  rmSync(probe, { recursive: true })
  return able
})()

describe.skipIf(!canMount)('a full disk (needs root and mount)', () => {
  const full = { code: 'unavailable', message: expect.stringContaining('disk is full'), hint: expect.any(String) }

  it('is said plainly where the cluster cannot be made, and leaves nothing half made', async () => {
    mounted = mount('12m', folder)
    await expect(open(join(folder, 'data'))).rejects.toMatchObject(full)
    expect(readdirSync(join(folder, 'data/postgres'))).toEqual([])
  })

  it('is said plainly where a cluster cannot be started, which then starts when there is space again', async () => {
    mounted = mount('100m', folder)
    const data = join(folder, 'data')
    const database = await open(data)
    await database.pool.query('CREATE TABLE kept AS SELECT 7 AS id')
    await database.close()
    spawnSync('dd', ['if=/dev/zero', `of=${folder}/filler`, 'bs=4k'])
    await expect(open(data)).rejects.toMatchObject(full)
    rmSync(join(folder, 'filler'))
    expect((await (await open(data)).pool.query('SELECT id FROM kept')).rows).toEqual([{ id: 7 }])
  })
})

it.skipIf(isRoot && !othersCanRead)(
  'says what to do where an ordinary user may not write the data folder',
  async () => {
    chmodSync(folder, 0o555)
    const { first } = await processes.start(join(folder, 'data'), 'command', isRoot ? nobody : {})
    expect(first.problem).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('permission denied'),
      where: join(folder, 'data'),
      hint: expect.stringContaining('--data'),
    })
  },
)

it.skipIf(!isRoot || !othersCanRead)(
  'says that a data folder belongs to somebody else (needs root and a checkout that others can read)',
  async () => {
    await (await open(join(folder, 'data'))).close()
    const { first } = await processes.start(join(folder, 'data'), 'command', { uid: 65533, gid: 65533 })
    expect(first.problem).toMatchObject({ code: 'unavailable', hint: expect.stringContaining('or as root') })
  },
)

it.skipIf(!isRoot || !othersCanRead)(
  'runs the server as the user who made the data folder, when root opens it (needs root and a checkout that others can read)',
  async () => {
    const data = join(folder, 'data')
    mkdirSync(data)
    chownSync(data, daemon.uid, daemon.gid)
    const user = await processes.start(data, 'command', daemon)
    expect(user.first).toEqual({ open: true })
    await user.query('CREATE TABLE kept AS SELECT 7 AS id')
    const { pool } = await open(data)
    expect((await pool.query('SELECT id FROM kept')).rows).toEqual([{ id: 7 }])
    expect(await user.end()).toBe(0)
  },
)

it.skipIf(!isRoot || !othersCanRead)(
  'says that PostgreSQL needs an account with a name (needs root and a checkout that others can read)',
  async () => {
    const data = join(folder, 'data')
    mkdirSync(data)
    chownSync(data, 65533, 65533)
    const { first } = await processes.start(data, 'command', { uid: 65533, gid: 65533 })
    expect(first.problem).toMatchObject({ code: 'unavailable', hint: expect.stringContaining('/etc/passwd') })
  },
)

const canUnshare = isRoot && spawnSync('unshare', ['--user', '--map-root-user', 'true']).status === 0
it.skipIf(!canUnshare)('says so where root is the only account there is (needs root and user namespaces)', async () => {
  const inNamespace = await processes.start(join(folder, 'data'), 'command', {}, [
    'unshare',
    '--user',
    '--map-root-user',
  ])
  expect(inNamespace.first.problem).toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('no other account'),
  })
})
