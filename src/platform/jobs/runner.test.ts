import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { counting, jobProcesses } from '../../../test/jobs.ts'
import { dbOver } from '../db.ts'
import { fail } from '../errors.ts'
import type { JobHandler, Jobs, NewJob } from '../jobs.ts'
import { type Db, inTransaction } from '../sql.ts'
import { createJobs } from './runner.ts'

let database: TestDatabase
let db: Db
let processes: Awaited<ReturnType<typeof jobProcesses>>
const open: Jobs[] = []
beforeAll(async () => {
  database = await testDatabase()
  db = dbOver(database.pool)
  processes = await jobProcesses()
  await database.pool.query('CREATE TABLE counted (job uuid, n int, attempt int)')
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((jobs) => jobs.stop()))
})
afterAll(async () => {
  processes.close()
  await database.close()
})

async function replica(handlers: Record<string, JobHandler>, atOnce?: Record<string, number>): Promise<Jobs> {
  const jobs = createJobs({ db, connection: database.connection, log: pino({ level: 'silent' }), pauseMs: 30, atOnce })
  for (const [kind, handler] of Object.entries(handlers)) jobs.handle(kind, handler)
  open.push(jobs)
  await jobs.run()
  return jobs
}

const job = (kind: string, more: Partial<NewJob> = {}): NewJob => ({ kind, title: kind, project: null, ...more })
const row = async (id: string) => (await database.pool.query('SELECT * FROM jobs WHERE id = $1', [id])).rows[0]
const until = (id: string, state: string, timeout = 15_000) =>
  vi.waitFor(
    async () => {
      const found = await row(id)
      expect(found.state).toBe(state)
      return found
    },
    { timeout, interval: 30 },
  )

it('runs a job once its transaction has committed, with progress, to its result', async () => {
  const jobs = await replica({ count: (run) => counting(db, run) })
  const id = await inTransaction(db, async (trx) => {
    const id = await jobs.start(trx, job('count', { input: { to: 5 } }))
    await sleep(150)
    return id
  })
  expect(await until(id, 'done')).toMatchObject({
    result: { counted: 5 },
    done: 5,
    total: 5,
    attempt: 1,
    problem: null,
    checkpoint: null,
  })
})

it('never runs a job whose transaction was rolled back', async () => {
  const ran: string[] = []
  const jobs = await replica({ ghost: async ({ id }) => ran.push(id), real: async () => 'ok' })
  await expect(
    inTransaction(db, async (trx) => {
      await jobs.start(trx, job('ghost'))
      throw new Error('changed my mind')
    }),
  ).rejects.toThrow('changed my mind')
  await until(await jobs.start(db, job('real')), 'done')
  expect(ran).toEqual([])
})

it('finds a job that a process without a queue has noted', async () => {
  const command = createJobs({ db, connection: database.connection, log: pino({ level: 'silent' }) })
  const id = await command.start(db, job('noted'))
  await replica({ noted: async ({ input }) => input })
  await until(id, 'done')
})

it('runs each of many jobs exactly once on several replicas', async () => {
  const ran: string[] = []
  const handler: JobHandler = async ({ id }) => void ran.push(id)
  const [first] = await Promise.all([
    replica({ many: handler }),
    replica({ many: handler }),
    replica({ many: handler }),
  ])
  const ids = await inTransaction(db, async (trx) => {
    const ids: string[] = []
    for (let i = 0; i < 60; i++) ids.push(await first.start(trx, job('many')))
    return ids
  })
  await vi.waitFor(
    async () => {
      const { rows } = await database.pool.query(`SELECT 1 FROM jobs WHERE kind = 'many' AND state = 'done'`)
      expect(rows).toHaveLength(60)
    },
    { timeout: 20_000 },
  )
  expect(ran.sort()).toEqual(ids.sort())
})

it('runs no more of a kind at once than it is told; those that wait take no slot from others', async () => {
  let [now, most] = [0, 0]
  let open = () => {}
  const gate = new Promise<void>((opened) => {
    open = opened
  })
  const heavy: JobHandler = async () => {
    most = Math.max(most, ++now)
    await gate
    now--
  }
  const jobs = await replica({ heavy, light: async () => 1 }, { heavy: 1 })
  const ids: string[] = []
  for (let i = 0; i < 12; i++) ids.push(await jobs.start(db, job('heavy')))
  await until(await jobs.start(db, job('light')), 'done')
  expect((await row(ids.at(-1)!)).state).toBe('waiting')
  open()
  for (const id of ids) await until(id, 'done')
  expect(most).toBe(1)
})

it('tries again after a failure, with what was saved, and then gives up in the one form', async () => {
  const seen: unknown[] = []
  const jobs = await replica({
    shaky: async ({ attempt, checkpoint, save }) => {
      seen.push(checkpoint)
      await save({ attempt })
      throw new Error(`secret detail ${attempt}`)
    },
  })
  const ended = await until(await jobs.start(db, job('shaky', { attempts: 2 })), 'failed')
  expect(seen).toEqual([undefined, { attempt: 1 }])
  expect(ended.attempt).toBe(2)
  expect(ended.problem.code).toBe('internal')
  expect(JSON.stringify(ended)).not.toContain('secret detail')
})

it('keeps what details a problem carries as the result of the job that it ends', async () => {
  const jobs = await replica({
    picky: async () => fail('bad_input', 'Two rows are wrong.', { details: { lines: [2, 4] } }),
  })
  const ended = await until(await jobs.start(db, job('picky')), 'failed')
  expect(ended).toMatchObject({ problem: { code: 'bad_input' }, result: { lines: [2, 4] } })
})

it('keeps with a checkpoint how far the work is that it stands for', async () => {
  let kept: unknown
  const jobs = await replica({
    careful: async ({ id, progress, save }) => {
      progress(7, 9, 'Seven')
      await save({ at: 7 })
      kept = await row(id)
    },
  })
  await until(await jobs.start(db, job('careful')), 'done')
  expect(kept).toMatchObject({ done: 7, total: 9, note: 'Seven', checkpoint: { at: 7 } })
})

it('does not try again what cannot succeed', async () => {
  const jobs = await replica({
    hopeless: async () => fail('bad_input', 'Line 7 is no JSON.', { where: 'line 7', hint: 'Mend it.' }),
  })
  expect(await until(await jobs.start(db, job('hopeless')), 'failed')).toMatchObject({
    attempt: 1,
    problem: { code: 'bad_input', message: 'Line 7 is no JSON.', where: 'line 7', hint: 'Mend it.' },
  })
})

it('leaves a job alone that it does not know how to do', async () => {
  const jobs = await replica({ known: async () => 1 })
  const unknown = await jobs.start(db, job('of tomorrow'))
  await until(await jobs.start(db, job('known')), 'done')
  expect(await row(unknown)).toMatchObject({ state: 'waiting', attempt: 0 })
})

it('stops in good order: what runs is left to be resumed, and uses up no try', async () => {
  const jobs = await replica({ count: (run) => counting(db, run) })
  const id = await jobs.start(db, job('count', { input: { to: 40, pauseMs: 20 } }))
  await vi.waitFor(async () => expect((await row(id)).checkpoint).toBeGreaterThan(3), { timeout: 10_000 })
  open.splice(open.indexOf(jobs), 1)
  await jobs.stop()
  expect(await row(id)).toMatchObject({ state: 'waiting', attempt: 0 })
  await replica({ count: (run) => counting(db, run) })
  expect(await until(id, 'done')).toMatchObject({ result: { counted: 40 } })
  await countedOnce(id, 40)
})

it('resumes within seconds after its process was killed with -9, and no step counts twice', async () => {
  const jobs = createJobs({ db, connection: database.connection, log: pino({ level: 'silent' }) })
  const id = await jobs.start(db, job('count', { input: { to: 60, pauseMs: 15 } }))
  const child = await processes.start(database.url)
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  const died = await row(id)
  expect(died.state).toBe('running')
  const begun = Date.now()
  await replica({ count: (run) => counting(db, run) })
  await vi.waitFor(async () => expect((await row(id)).attempt).toBe(2), { timeout: 5000, interval: 30 })
  expect(Date.now() - begun).toBeLessThan(5000)
  await until(id, 'done')
  const rows = await countedOnce(id, 60)
  expect(new Set(rows.map(({ attempt }) => attempt))).toEqual(new Set([1, 2]))
})

it('says that a job failed whose process dies at every try', async () => {
  const jobs = createJobs({ db, connection: database.connection, log: pino({ level: 'silent' }) })
  const id = await jobs.start(db, job('count', { input: { to: 1000, pauseMs: 15 }, attempts: 1 }))
  const child = await processes.start(database.url)
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  await replica({ count: (run) => counting(db, run) })
  expect((await until(id, 'failed')).problem.message).toContain('The process that ran this job ended')
})

it('loses its jobs with the connection that holds their locks, and what it still does counts for nothing', async () => {
  const attempts: number[] = []
  let zombie: Promise<void> | undefined
  const handler: JobHandler = async (run) => {
    attempts.push(run.attempt)
    if (run.attempt > 1) return 'second'
    await once(run.signal, 'abort')
    // Does not listen, and goes on until somebody else has finished.
    zombie = until(run.id, 'done').then(() => run.save('late'))
    await zombie.catch(() => {})
    return 'first'
  }
  const jobs = await replica({ fragile: handler })
  const id = await jobs.start(db, job('fragile'))
  await vi.waitFor(() => expect(attempts).toEqual([1]), { timeout: 5000 })
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )
  await replica({ fragile: handler })
  expect(await until(id, 'done')).toMatchObject({ result: 'second', attempt: 2 })
  await expect(zombie).rejects.toMatchObject({ code: 'job_ended' })
  expect((await row(id)).result).toBe('second')
})

async function countedOnce(id: string, to: number) {
  const { rows } = await database.pool.query<{ n: number; attempt: number }>(
    'SELECT n, attempt FROM counted WHERE job = $1 ORDER BY n',
    [id],
  )
  expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: to }, (_, i) => i + 1))
  return rows
}
