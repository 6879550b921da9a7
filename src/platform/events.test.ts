import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { dbOver } from './db.ts'
import { type Event, emit, type Follower, follow } from './events.ts'
import { newId } from './ids.ts'
import type { Db } from './sql.ts'

let database: TestDatabase
let db: Db
const project = newId()
beforeEach(async () => {
  database = await testDatabase()
  db = dbOver(database.pool)
})
afterEach(() => database.close())

const note = (trx: Db, n: number) => emit(trx, { project, kind: 'counted', subject: newId(), data: { n } })

/** Collects what it is handed. */
function collector() {
  const seen: number[] = []
  const follower: Follower = {
    name: 'collector',
    kinds: ['counted'],
    handle: async (_, events: Event[]) => void seen.push(...events.map((event) => event.data.n as number)),
  }
  return { seen, follower }
}

/** An open transaction that the test ends by hand. */
async function open(act: (trx: Db) => Promise<void>) {
  let end = () => {}
  const ended = new Promise<void>((done) => {
    end = done
  })
  let begun = () => {}
  const acted = new Promise<void>((done) => {
    begun = done
  })
  const committed = db.transaction().execute(async (trx) => {
    await act(trx)
    begun()
    await ended
  })
  await acted
  return async () => {
    end()
    await committed
  }
}

it('waits for a transaction that began earlier and commits late, and then reads both', async () => {
  const { seen, follower } = collector()
  const commitLate = await open((trx) => note(trx, 1))
  await note(db, 2)
  expect(await follow(db, follower)).toBe(0)
  await commitLate()
  await follow(db, follower)
  expect(seen.sort()).toEqual([1, 2])
})

it('does not skip the row of a transaction that drew its id first and wrote last', async () => {
  const { seen, follower } = collector()
  let write = async () => {}
  const commitFirst = await open(async (trx) => {
    await note(trx, 1)
    write = () => note(trx, 3)
  })
  const commitSecond = await open((trx) => note(trx, 2))
  await write()
  await commitFirst()
  await follow(db, follower)
  await commitSecond()
  await follow(db, follower)
  expect(seen).toEqual([1, 3, 2])
})

it('hands each event to one of many replicas, in order, none twice', async () => {
  for (let n = 0; n < 60; n++) await note(db, n)
  const { seen, follower } = collector()
  for (let round = 0; round < 8; round++) await Promise.all(Array.from({ length: 5 }, () => follow(db, follower, 10)))
  expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => n))
})

it('reads in the order of transaction ids as numbers, where text would put 10 before 9', async () => {
  const { seen, follower } = collector()
  for (const [xid, n] of [
    ['10', 2],
    ['9', 1],
    ['100', 3],
  ] as const)
    await sql`
      INSERT INTO events (xid, project_id, kind, subject, data)
      VALUES (${xid}::xid8, ${project}, 'counted', ${newId()}, jsonb_build_object('n', ${n}::int))`.execute(db)
  while ((await follow(db, follower, 1)) > 0);
  expect(seen).toEqual([1, 2, 3])
})
