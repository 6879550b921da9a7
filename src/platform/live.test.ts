import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { dbOver } from './db.ts'
import { createLive, type Heard, type Live, publish } from './live.ts'
import { type Db, inTransaction } from './sql.ts'

let database: TestDatabase
let db: Db
let live: Live
beforeAll(async () => {
  database = await testDatabase()
  db = dbOver(database.pool)
  live = createLive({ db, log: pino({ level: 'silent' }), pauseMs: 20 })
})
const listening: AbortController[] = []
afterEach(() => {
  for (const controller of listening.splice(0)) controller.abort()
})
afterAll(async () => {
  await live.stop()
  await database.close()
})

/** Follows in the background; `heard` grows. */
function listen(after?: number, on: Live = live) {
  const controller = new AbortController()
  listening.push(controller)
  const heard: Heard[] = []
  const following = on.follow(after, controller.signal)
  const ended = (async () => {
    for await (const one of following) heard.push(one)
  })()
  return { heard, ended, controller, topics: () => heard.map((one) => (typeof one === 'string' ? one : one.topic)) }
}
const tell = (topic: string, trx: Db = db) => publish(trx, { action: 'project.read', topic, data: { topic } })
const last = async () =>
  (await database.pool.query<{ id: number }>('SELECT coalesce(max(id), 0) AS id FROM live_events')).rows[0]!.id

it('tells every follower once, in order, what is committed from now on', async () => {
  await tell('before')
  const [one, two] = [listen(await last()), listen(await last())]
  for (const topic of ['a', 'b', 'c']) await tell(topic)
  await expect(
    inTransaction(db, (trx) => tell('rolled back', trx).then(() => Promise.reject(new Error('no')))),
  ).rejects.toThrow()
  await tell('d')
  await vi.waitFor(() => expect(one.topics()).toEqual(['a', 'b', 'c', 'd']))
  await vi.waitFor(() => expect(two.topics()).toEqual(['a', 'b', 'c', 'd']))
})

it('resumes after the event that was heard last, across processes', async () => {
  const from = await last()
  await tell('missed 1')
  await tell('missed 2')
  const other = createLive({ db, log: pino({ level: 'silent' }), pauseMs: 20 })
  const resumed = listen(from, other)
  await tell('new')
  await vi.waitFor(() => expect(resumed.topics()).toEqual(['missed 1', 'missed 2', 'new']))
  await other.stop()
})

it('tells an event that commits after later ones', async () => {
  const ears = listen(await last())
  await inTransaction(db, async (trx) => {
    await tell('early number, late commit', trx)
    await tell('late number')
    await vi.waitFor(() => expect(ears.topics()).toEqual(['late number']))
  })
  await vi.waitFor(() => expect(ears.topics()).toEqual(['late number', 'early number, late commit']))
})

it('tells an event that was under way when the first follower came', async () => {
  const fresh = createLive({ db, log: pino({ level: 'silent' }), pauseMs: 20 })
  const from = await last()
  let ears: ReturnType<typeof listen> | undefined
  await inTransaction(db, async (trx) => {
    await tell('under way', trx)
    await tell('overtakes')
    ears = listen(from, fresh)
    await vi.waitFor(() => expect(ears!.topics()).toEqual(['overtakes']))
  })
  await vi.waitFor(() => expect(ears!.topics()).toEqual(['overtakes', 'under way']))
  await fresh.stop()
})

it('says that there is a gap when what was missed is trimmed, or the number is not of this database', async () => {
  const from = await last()
  await tell('trimmed')
  await database.pool.query(`UPDATE live_events SET at = now() - interval '2 hours'`)
  const trimming = createLive({ db, log: pino({ level: 'silent' }), pauseMs: 20 })
  await vi.waitFor(async () => expect(await last()).toBe(0))
  await trimming.stop()
  const behind = listen(from)
  const foreign = listen(1_000_000)
  await vi.waitFor(() => expect(behind.topics()).toEqual(['gap']))
  await vi.waitFor(() => expect(foreign.topics()).toEqual(['gap']))
})

it('ends when it is told to', async () => {
  const ears = listen()
  ears.controller.abort()
  await ears.ended
  await tell('nobody hears')
  expect(ears.topics()).not.toContain('nobody hears')
})
