import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { createRandom } from '../stats/random.ts'
import { recordAudit, seal, verifyAudit, verifyChain } from './audit.ts'
import { dbOver } from './db.ts'
import { newId } from './ids.ts'
import { all, type Db } from './sql.ts'

let database: TestDatabase
let db: Db
const entry = (n: number) => ({
  actor: newId(),
  action: 'thing.change',
  subject: `thing ${n}`,
  project: newId(),
  before: { n },
  after: { n: n + 1 },
})

beforeAll(async () => {
  database = await testDatabase()
  db = dbOver(database.pool)
  for (let n = 0; n < 200; n++) await recordAudit(db, [entry(n)], new Date())
  while ((await seal(db, 37)) > 0);
})
afterAll(() => database.close())

it('verifies a chain that nobody touched, and says how long its unsealed tail is', async () => {
  expect(await verifyAudit(db)).toEqual({ ok: true, rows: 200, unsealed: 0 })
})

it('seals rows that commit late after those that came later', async () => {
  let end = () => {}
  const waiting = new Promise<void>((done) => {
    end = done
  })
  let written = () => {}
  const isWritten = new Promise<void>((done) => {
    written = done
  })
  const late = db.transaction().execute(async (trx) => {
    await recordAudit(trx, [entry(2000)], new Date())
    written()
    await waiting
  })
  await isWritten
  await recordAudit(db, [entry(2001)], new Date())
  expect(await seal(db)).toBe(0)
  expect((await verifyAudit(db)).unsealed).toBe(1)
  end()
  await late
  expect(await seal(db)).toBe(2)
  expect(await verifyAudit(db)).toEqual({ ok: true, rows: 202, unsealed: 0 })
})

it('seals in the order of transaction ids as numbers', async () => {
  for (const xid of ['99', '100', '9']) {
    await recordAudit(db, [entry(3000 + Number(xid))], new Date())
    // As written by a transaction of that id in an epoch to come.
    await sql`UPDATE audit SET epoch = 1, xid = ${xid}::xid8 WHERE subject = ${`thing ${3000 + Number(xid)}`}  AND epoch = 0`.execute(
      db,
    )
  }
  await sql`SELECT begin_epoch()`.execute(db)
  await sql`SELECT begin_epoch()`.execute(db)
  while ((await seal(db, 1)) > 0);
  expect(await verifyAudit(db)).toMatchObject({ ok: true, unsealed: 0 })
})

describe('a thousand tamperings', () => {
  const random = createRandom(20261124)
  const columns = ['actor', 'action', 'subject', 'project_id', 'at', 'before', 'after', 'digest'] as const
  const changed: Record<(typeof columns)[number], string> = {
    actor: `actor || 'x'`,
    action: `action || 'x'`,
    subject: `subject || 'x'`,
    project_id: 'gen_random_uuid()',
    at: `at + interval '1 millisecond'`,
    before: `sha256(before)`,
    after: 'NULL',
    digest: 'sha256(digest)',
  }

  /** Does one of four things to sealed rows; each is undone by rolling back. */
  async function tamper(trx: Db, ids: string[]): Promise<string> {
    const pick = () => ids[random.integer(ids.length)]!
    const what = random.integer(4)
    if (what === 0) {
      const column = columns[random.integer(columns.length)]!
      await sql`UPDATE audit SET ${sql.ref(column)} = ${sql.raw(changed[column])} WHERE id = ${pick()}`.execute(trx)
      return `flip ${column}`
    }
    if (what === 1) {
      const id = pick()
      await sql`DELETE FROM audit WHERE id = ${id}`.execute(trx)
      if (random.integer(2)) await sql`DELETE FROM audit_chain WHERE audit_id = ${id}`.execute(trx)
      return 'delete'
    }
    if (what === 2) {
      const [a, b] = [pick(), pick()]
      if (a === b) return tamper(trx, ids)
      await sql`
        UPDATE audit x SET actor = y.actor, action = y.action, subject = y.subject, project_id = y.project_id, before = y.before,
          after = y.after, digest = y.digest, at = y.at
        FROM audit y WHERE (x.id = ${a} AND y.id = ${b}) OR (x.id = ${b} AND y.id = ${a})`.execute(trx)
      return 'swap'
    }
    const kept = random.integer(ids.length)
    await sql`DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_chain WHERE sequence > ${kept})`.execute(trx)
    if (random.integer(2)) await sql`DELETE FROM audit_chain WHERE sequence > ${kept}`.execute(trx)
    return 'truncate'
  }

  it('are all found', async () => {
    const ids = (await all(db, sql<{ id: string }>`SELECT id FROM audit`)).map(({ id }) => id)
    const missed: string[] = []
    for (let i = 0; i < 1000; i++) {
      const rollback = new Error('undo')
      await db
        .transaction()
        .execute(async (trx) => {
          const what = await tamper(trx, ids)
          if ((await verifyChain(trx)).ok) missed.push(what)
          throw rollback
        })
        .catch((error) => {
          if (error !== rollback) throw error
        })
    }
    expect(missed).toEqual([])
  })
})
