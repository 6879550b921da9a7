import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { runCommand } from '../../../test/command.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { databaseCommands } from './cli.ts'
import { openDatabase } from './connect.ts'
import { migrate } from './migrate.ts'

let folder: string
let server: TestDatabase
const at = (name: string) => join(folder, name)
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'plumbline-db-cli-'))
  chmodSync(folder, 0o755)
  server = await testDatabase({ max: 2, empty: true })
  const database = await openDatabase({ dataDir: at('data'), url: '', role: 'command' })
  await migrate(database.pool)
  await database.pool.query(
    `INSERT INTO people (id, name, email) SELECT gen_random_uuid(), 'a', i::text FROM generate_series(1, 50) i`,
  )
  await database.close()
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})
afterEach(() => void vi.unstubAllEnvs())

const run = (...args: string[]) => runCommand(databaseCommands, ...args)
const json = async (...argv: string[]) => JSON.parse((await run(...argv, '--json')).out)

it('saves, checks, restores and moves from a folder to a server and back, without a server left behind', async () => {
  const saved = await json('db', 'backup', at('a.backup'), '--data', at('data'))
  expect(saved).toMatchObject({ file: at('a.backup'), rows: expect.any(Number), bytes: expect.any(Number) })
  expect(existsSync(at('data/postgres/cluster/postmaster.pid'))).toBe(false)
  const inFile = await json('db', 'check', at('a.backup'))
  expect(inFile).toMatchObject({ ok: true })

  await json('db', 'restore', at('a.backup'), '--data', at('restored'))
  await json('db', 'move', at('restored'), server.url)
  await json('db', 'move', server.url, at('back'))
  const inDatabase = await json('db', 'check', '--data', at('back'))
  const people = (verdict: { tables: { table: string }[] }) => verdict.tables.find(({ table }) => table === 'people')
  expect(people(inDatabase)).toEqual(people(inFile))
  expect(people(inDatabase)).toMatchObject({ rows: 50 })
  expect(inDatabase).toMatchObject({ ok: true, indexesCompared: true })
})

it('works on the server that DATABASE_URL names, and never prints its password', async () => {
  vi.stubEnv('DATABASE_URL', server.url)
  expect(await json('db', 'check')).toMatchObject({ ok: true })
  const moved = await run('db', 'move', 'postgresql://someone:secret@127.0.0.1:1/none', at('never'))
  expect(moved.err).toContain('127.0.0.1:1/none')
  expect(moved.err + moved.out).not.toContain('secret')
  expect(moved.code).toBe(3)
})

it('says what is wrong, where and what to do, with exit code 2', async () => {
  expect(await run('db', 'backup', at('b.backup'), '--data', at('typo'))).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('There is no database in this folder'),
  })
  expect(existsSync(at('typo'))).toBe(false)
  writeFileSync(at('not-a-backup'), 'hello')
  expect(await run('db', 'restore', at('not-a-backup'), '--data', at('fresh'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('not a backup'),
  })
})
