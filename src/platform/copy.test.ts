import type { EventEmitter } from 'node:events'
import { sql } from 'kysely'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { copyRows, runCopy } from './copy.ts'
import { dbOver } from './db.ts'
import { all, type Db, inTransaction, sqlState } from './sql.ts'

let database: TestDatabase
let db: Db
beforeAll(async () => {
  database = await testDatabase({ empty: true })
  db = dbOver(database.pool)
  await sql`CREATE TABLE things (n int PRIMARY KEY, said text, known jsonb, ids uuid[], hash bytea)`.execute(db)
})
afterAll(() => database.close())

const columns = ['n', 'said', 'known', 'ids', 'hash']
const id = '01a21d68-f103-7005-aa2e-ff47144e7891'

it('copies every text as it is, whatever it holds', async () => {
  const texts = [
    '',
    'plain',
    'a\tb',
    'two\nlines\r\n',
    'back\\slash \\n \\t \\N \\.',
    '\\N',
    '\\.',
    '"quoted", {braces}',
    '日本 🎈',
    null,
  ]
  await copyRows(db, 'things', columns, texts, (text) => [
    texts.indexOf(text),
    text,
    JSON.stringify({ text }),
    `{${id}}`,
    '\\x00ff',
  ])
  const rows = await all(
    db,
    sql<{
      said: string | null
      known: { text: string | null }
      ids: string[]
      hash: Buffer
    }>`SELECT * FROM things ORDER BY n`,
  )
  expect(rows.map(({ said }) => said)).toEqual(texts)
  expect(rows.map(({ known }) => known.text)).toEqual(texts)
  expect(rows[0]).toMatchObject({ ids: [id], hash: Buffer.from([0, 255]) })
})

it('is part of its transaction, and a row that cannot be stored takes all with it', async () => {
  const copy = (on: Db, numbers: number[]) => copyRows(on, 'things', ['n'], numbers, (n) => [n])
  const failed = inTransaction(db, async (trx) => {
    await copy(trx, [100, 101])
    await copy(trx, [102, 100])
  }).catch(sqlState)
  expect(await failed).toBe('23505')
  expect(await all(db, sql`SELECT n FROM things WHERE n >= 100`)).toEqual([])
  await copy(db, [])
  await copy(db, [100])
  expect(await all(db, sql`SELECT n FROM things WHERE n >= 100`)).toEqual([{ n: 100 }])
})

it('a long text that is refused leaves its connection of use', async () => {
  const text = 'x'.repeat(4_000_000)
  const on = await testDatabase({ empty: true, max: 1 })
  const single = dbOver(on.pool)
  await sql`CREATE TABLE things (n int, said text)`.execute(single)
  const copy = (first: string) => copyRows(single, 'things', ['n', 'said'], [first, 1], (n) => [n, text])
  expect(await copy('no number').catch(sqlState)).toBe('22P02')
  await copy('0')
  expect(await all(single, sql`SELECT n FROM things ORDER BY n`)).toEqual([{ n: 0 }, { n: 1 }])
  await on.close()
})

it('hears a copy that fails twice, and tells the first reason', async () => {
  let stream: EventEmitter | undefined
  const client = { query: (asked: EventEmitter) => (stream = asked) } as unknown as pg.PoolClient
  const failed = runCopy(client, 'COPY things FROM STDIN', 'text').catch(({ message }) => message)
  for (const reason of ['first', 'second']) stream!.emit('error', new Error(reason))
  expect(await failed).toBe('first')
})
