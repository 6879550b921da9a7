import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { dbOver } from './db.ts'
import { all, type Db, inTransaction, one } from './sql.ts'

let database: TestDatabase
let db: Db
beforeAll(async () => {
  database = await testDatabase({ max: 10 })
  db = dbOver(database.pool)
  await sql`CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)`.execute(db)
  await sql`INSERT INTO account SELECT i, 0 FROM generate_series(1, 2) i`.execute(db)
})
afterAll(() => database.close())

const total = async () => (await one(db, sql<{ sum: number }>`SELECT sum(balance) AS sum FROM account`)).sum
const add = (trx: Db, id: number) => sql`UPDATE account SET balance = balance + 1 WHERE id = ${id}`.execute(trx)

it('keeps everything of a transaction, or nothing', async () => {
  const act = inTransaction(db, async (trx) => {
    await add(trx, 1)
    throw new Error('changed my mind')
  })
  await expect(act).rejects.toThrow('changed my mind')
  expect(await total()).toBe(0)
})

it('comes out of a deadlock', async () => {
  let arrived = 0
  let meet = () => {}
  const both = new Promise<void>((done) => {
    meet = done
  })
  const crossing = (first: number, second: number) =>
    inTransaction(db, async (trx) => {
      await add(trx, first)
      if (++arrived === 2) meet()
      await both
      await add(trx, second)
    })
  const before = await total()
  await Promise.all([crossing(1, 2), crossing(2, 1)])
  expect(await total()).toBe(before + 4)
})

it('gives up when it collides every time, with the error of the database', async () => {
  let tries = 0
  const act = inTransaction(db, async (trx) => {
    tries++
    await sql`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`.execute(trx)
  })
  await expect(act).rejects.toMatchObject({ code: '40001' })
  expect(tries).toBe(5)
})

it('gives a connection that broke in the middle back to nobody', async () => {
  const act = inTransaction(db, async (trx) => {
    const { pid } = await one(trx, sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`)
    await sql`SELECT pg_terminate_backend(${pid})`.execute(db)
    await sql`SELECT 1`.execute(trx)
  })
  await expect(act).rejects.toThrow()
  expect(await all(db, sql`SELECT 1 FROM account`)).toHaveLength(2)
})

it('prepares a statement once a connection, under a name of its text', async () => {
  const names = await inTransaction(db, async (trx) => {
    for (let i = 0; i < 3; i++) await sql`SELECT ${i}::int + 41 AS n`.execute(trx)
    return all(trx, sql<{ name: string }>`SELECT name FROM pg_prepared_statements WHERE statement LIKE ${'%+ 41 AS n'}`)
  })
  expect(names).toHaveLength(1)
})
