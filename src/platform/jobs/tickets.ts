/** pg-boss as the queue of tickets: each says that one job waits to be run, now or after a while. */
import { CompiledQuery } from 'kysely'
import PgBoss from 'pg-boss'
import type { Logger } from 'pino'
import type { Db } from '../sql.ts'

const queue = 'jobs'
/** pg-boss fails a ticket that is out for longer; the run goes on, for its lock says that it lives. */
const expireInHours = 23

export interface Ticket {
  id: string
  job: string
}

export interface Tickets {
  /** Writes a ticket, in the caller's transaction where one is given. */
  send(job: string, options?: { db?: Db; afterSeconds?: number }): Promise<void>
  fetch(limit: number): Promise<Ticket[]>
  done(id: string): Promise<void>
  stop(): Promise<void>
}

const over = (db: Db): PgBoss.Db => ({
  executeSql: async (text, values) => ({ rows: (await db.executeQuery(CompiledQuery.raw(text, values ?? []))).rows }),
})

/** Makes pg-boss's schema and our queue where they are missing. */
export async function openTickets(db: Db, log: Logger): Promise<Tickets> {
  const boss = new PgBoss({ db: over(db), schedule: false, archiveCompletedAfterSeconds: 3600, deleteAfterHours: 24 })
  boss.on('error', (error) => log.warn({ err: error }, 'the queue of jobs'))
  await boss.start()
  await boss.createQueue(queue)
  return {
    async send(job, { db: within, afterSeconds } = {}) {
      await boss.send(
        queue,
        { job },
        { retryLimit: 0, expireInHours, startAfter: afterSeconds, db: within && over(within) },
      )
    },
    async fetch(limit) {
      const tickets = await boss.fetch<{ job: string }>(queue, { batchSize: limit })
      return tickets.map(({ id, data }) => ({ id, job: data.job }))
    },
    async done(id) {
      await boss.complete(queue, id)
    },
    stop: () => boss.stop({ graceful: false, close: false }),
  }
}
