import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { migrate } from './migrate.ts'

let database: TestDatabase
let folder: string
beforeEach(async () => {
  database = await testDatabase({ max: 4 })
  await database.pool.query('DROP TABLE plumbline_migrations')
  folder = mkdtempSync(join(tmpdir(), 'plumbline-migrations-'))
})
afterEach(async () => {
  await database.close()
  rmSync(folder, { recursive: true })
})

const file = (name: string, sql: string) => writeFileSync(join(folder, name), sql)
const run = () => migrate(database.pool, folder)

it('applies what is outstanding, in order, each once', async () => {
  file('0002_more.sql', 'ALTER TABLE fruit ADD colour text')
  file('0001_first.sql', 'CREATE TABLE fruit (name text); INSERT INTO fruit VALUES ($$pear$$)')
  expect(await run()).toEqual(['first', 'more'])
  expect(await run()).toEqual([])
  file('0003_third.sql', 'CREATE INDEX fruit_colour ON fruit (colour)')
  expect(await run()).toEqual(['third'])
  expect((await database.pool.query('SELECT * FROM fruit')).rows).toEqual([{ name: 'pear', colour: null }])
})

it('lets one process migrate while the others wait', async () => {
  file('0001_first.sql', 'CREATE TABLE fruit (name text); SELECT pg_sleep(0.05)')
  const answers = await Promise.all([run(), run(), run()])
  expect(answers.map((names) => names.length).sort()).toEqual([0, 0, 1])
})

it('keeps nothing of a migration that fails, and says where', async () => {
  file('0001_first.sql', 'CREATE TABLE fruit (name text);\nCREATE TABLE broken (name sometype);')
  await expect(run()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('sometype'),
    where: 'migration 1 (first) line 2',
  })
  expect((await database.pool.query(`SELECT to_regclass('fruit') AS found`)).rows).toEqual([{ found: null }])
})

it('refuses a migration that was edited after it was applied, but not for its line ends', async () => {
  file('0001_first.sql', 'CREATE TABLE fruit (\nname text)')
  await run()
  file('0001_first.sql', 'CREATE TABLE fruit (\r\nname text)')
  expect(await run()).toEqual([])
  file('0001_first.sql', 'CREATE TABLE fruit (\nname varchar)')
  await expect(run()).rejects.toMatchObject({
    message: expect.stringContaining('differs'),
    where: 'migration 1 (first)',
  })
})

it('refuses a database that a newer Plumbline has migrated', async () => {
  file('0001_first.sql', 'SELECT 1')
  file('0002_second.sql', 'SELECT 2')
  await run()
  rmSync(join(folder, '0002_second.sql'))
  await expect(run()).rejects.toMatchObject({ message: expect.stringContaining('newer Plumbline') })
})

it('refuses a number that is used twice, a late number, and a name without one', async () => {
  file('0002_second.sql', 'SELECT 2')
  await run()
  file('0001_late.sql', 'SELECT 1')
  await expect(run()).rejects.toMatchObject({ message: expect.stringContaining('below') })
  file('0002_other.sql', 'SELECT 3')
  await expect(run()).rejects.toMatchObject({ message: expect.stringContaining('number 2') })
  file('notes.sql', 'SELECT 3')
  await expect(run()).rejects.toMatchObject({ message: expect.stringContaining('NNNN_name.sql') })
})
