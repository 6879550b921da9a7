/** Takes jobs and runs them, in every process that serves; see `../jobs.ts` for how they survive its death. */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { JobHandler, Jobs } from '../jobs.ts'
import { type Loop, loop } from '../loop.ts'
import type { Db } from '../sql.ts'
import { type Locks, openLocks } from './locks.ts'
import { type Reason, type Running, runJob } from './run.ts'
import { addJob, claimJob, endedRuns, takeBackOrphans, withoutTicket } from './store.ts'
import { openTickets, type Ticket, type Tickets } from './tickets.ts'

interface JobsOptions {
  db: Db
  /** For the connection that holds the locks; read anew for each connection. */
  connection: pg.ClientConfig
  log: Logger
  /** How many jobs this process runs at once. They wait on other things most of the time. */
  slots?: number
  /** How many of a kind it runs at once, where that is fewer; those beyond wait without taking a slot. */
  atOnce?: Readonly<Record<string, number>>
  /** How often work is looked for, in milliseconds. */
  pauseMs?: number
}

/** How long `stop()` waits for a job to hear of it. */
const patienceMs = 10_000

export function createJobs({ db, connection, log, slots = 8, atOnce = {}, pauseMs = 1000 }: JobsOptions): Jobs {
  const handlers = new Map<string, JobHandler>()
  const running = new Map<string, Running & { kind: string }>()
  /** Settle when a run has ended and its lock and ticket are given back. */
  const leaving = new Set<Promise<void>>()
  let tickets: Tickets | undefined
  let locks: Locks | undefined
  let looking: Loop | undefined
  let stopping = false

  const abortAll = (reason: Reason) => {
    for (const { abort } of running.values()) abort(reason)
  }

  /** Kinds of which one more may begin. */
  const openKinds = (): string[] => {
    const busy = [...running.values()].map(({ kind }) => kind)
    return [...handlers.keys()].filter((kind) => busy.filter((one) => one === kind).length < (atOnce[kind] ?? slots))
  }

  async function ensureLocks(): Promise<Locks> {
    if (locks) return locks
    const opened = await openLocks(connection)
    opened.lost.then(() => {
      // Whoever holds the locks now may run our jobs: what we still do must not count.
      if (locks === opened) locks = undefined
      if (!stopping) abortAll('lost')
    })
    return (locks = opened)
  }

  async function take({ id, job }: Ticket, held: Locks): Promise<void> {
    if (running.has(job) || !(await held.take(job))) return tickets!.done(id)
    const row = await claimJob(db, job, openKinds())
    // Not waiting any more, or one too many of its kind: that one is given a new ticket once there is room.
    if (!row) {
      await held.release(job)
      return tickets!.done(id)
    }
    const run = runJob(db, row, handlers.get(row.kind)!, log)
    running.set(job, { ...run, kind: row.kind })
    const left = run.ended
      .then(async ({ againInSeconds }) => {
        if (againInSeconds !== undefined) await tickets!.send(job, { afterSeconds: againInSeconds })
      })
      .catch((error: unknown) => log.error({ err: error, job }, 'how a job ended was not written'))
      .then(async () => {
        running.delete(job)
        await held.release(job)
        await tickets!.done(id)
      })
      .catch(() => {}) // the connection is gone, and the lock with it; the ticket expires
      .finally(() => {
        leaving.delete(left)
        looking?.wake()
      })
    leaving.add(left)
  }

  async function look(): Promise<boolean> {
    const held = await ensureLocks()
    if (running.size)
      for (const { id, cancelled } of await endedRuns(
        db,
        [...running.values()].map(({ holder }) => holder),
      ))
        running.get(id)?.abort(cancelled ? 'cancelled' : 'lost')
    const orphans = (await takeBackOrphans(db)).filter(({ view }) => view.state === 'waiting')
    const lost = await withoutTicket(db, openKinds())
    for (const id of new Set([...orphans, ...lost].map((job) => job.id))) await tickets!.send(id)
    const free = slots - running.size
    if (free <= 0 || stopping) return false
    const fetched = await tickets!.fetch(free)
    // The oldest job first: one that was interrupted has the youngest ticket.
    for (const ticket of fetched.toSorted((a, b) => (a.job < b.job ? -1 : 1))) await take(ticket, held)
    return fetched.length === free && running.size < slots
  }

  return {
    handle(kind, handler) {
      if (handlers.has(kind)) throw new Error(`two handlers for jobs of kind ${kind}`)
      handlers.set(kind, handler)
    },
    async start(within, job) {
      const id = await addJob(within, job)
      // In a process that runs no jobs there is no ticket: whoever serves finds the job without one.
      await tickets?.send(id, { db: within })
      return id
    },
    wake: () => looking?.wake(),
    async run() {
      tickets = await openTickets(db, log)
      await ensureLocks()
      looking = loop('jobs', pauseMs, log, look)
    },
    async stop() {
      stopping = true
      await looking?.stop()
      abortAll('stopping')
      // Who does not listen is left behind: its lock is gone with the process, and the job is taken up again.
      await Promise.race([Promise.all(leaving), sleep(patienceMs, undefined, { ref: false })])
      await tickets?.stop()
      await locks?.close()
    },
  }
}
