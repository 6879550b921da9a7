import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { queries, transaction, within } from './transaction.ts'

interface Tables {
  account: { id: number; balance: number }
}

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase({ max: 10 })
  await database.pool.query('CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)')
  await database.pool.query('INSERT INTO account SELECT i, 0 FROM generate_series(1, 2) i')
})
afterAll(() => database.close())

const total = async () => (await database.pool.query<{ sum: string }>('SELECT sum(balance) FROM account')).rows[0]!.sum

it('keeps everything of a transaction, or nothing', async () => {
  const act = transaction(database.pool, async (client) => {
    await within<Tables>(client).updateTable('account').set({ balance: 100 }).where('id', '=', 1).execute()
    throw new Error('changed my mind')
  })
  await expect(act).rejects.toThrow('changed my mind')
  expect(await total()).toBe('0')
})

it('repeats what collides: twenty serialisable increments all count', async () => {
  const increment = () =>
    transaction(database.pool, async (client) => {
      await client.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE')
      const { rows } = await client.query<{ balance: number }>('SELECT balance FROM account WHERE id = 1')
      await client.query('UPDATE account SET balance = $1 WHERE id = 1', [rows[0]!.balance + 1])
    })
  const before = Number(await total())
  for (let i = 0; i < 10; i++) await Promise.all([increment(), increment()])
  expect(Number(await total())).toBe(before + 20)
})

it('comes out of a deadlock', async () => {
  let arrived = 0
  let meet = () => {}
  const both = new Promise<void>((done) => (meet = done))
  const crossing = (first: number, second: number) =>
    transaction(database.pool, async (client) => {
      await client.query('UPDATE account SET balance = balance + 1 WHERE id = $1', [first])
      if (++arrived === 2) meet()
      await both
      await client.query('UPDATE account SET balance = balance + 1 WHERE id = $1', [second])
    })
  const before = Number(await total())
  await Promise.all([crossing(1, 2), crossing(2, 1)])
  expect(Number(await total())).toBe(before + 4)
})

it('gives up when it collides every time, with the error of the database', async () => {
  let tries = 0
  const act = transaction(database.pool, async (client) => {
    tries++
    await client.query(`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`)
  })
  await expect(act).rejects.toMatchObject({ code: '40001' })
  expect(tries).toBe(5)
})

it('gives a connection that broke in the middle back to nobody', async () => {
  const act = transaction(database.pool, async (client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid])
    await client.query('SELECT 1')
  })
  await expect(act).rejects.toThrow()
  expect((await queries<Tables>(database.pool).selectFrom('account').select('id').execute()).length).toBe(2)
})
