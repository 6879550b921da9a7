/** Keeps what a run says of itself: events are written together once a second, and open pages told of them. */
import { sql } from 'kysely'
import { all, type Db, inTransaction, one } from '../../platform/sql.ts'
import type { TrainingEvent } from '../../trainer/schedule/events.ts'
import { tellOfRun } from './store.ts'

const pauseMs = 1000

export interface EventRecord {
  add(event: TrainingEvent): void
  /** Writes what is outstanding; throws where that cannot be. */
  close(): Promise<void>
}

/** Goes on after the events that the run has already. Only whoever holds the run's job may open it. */
export async function recordEvents(db: Db, run: { id: string; project: string }): Promise<EventRecord> {
  const { last } = await one(
    db,
    sql<{ last: number }>`SELECT coalesce(max(seq), 0) AS last FROM run_events WHERE run_id = ${run.id}`,
  )
  let written = last
  let waiting: { event: TrainingEvent; at: Date }[] = []
  let writing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    const batch = waiting
    if (!batch.length) return
    await inTransaction(db, async (trx) => {
      await sql`
        INSERT INTO run_events (run_id, seq, event, at)
        SELECT ${run.id}, ${written}::int + place, event::jsonb, at FROM unnest(${batch.map(({ event }) => JSON.stringify(event))}::text[],
          ${batch.map(({ at }) => at)}::timestamptz[]) WITH ORDINALITY AS e (event, at, place)`.execute(trx)
      await tellOfRun(trx, run.project, run.id)
    })
    written += batch.length
    waiting = waiting.slice(batch.length)
  }
  // What could not be written is tried again with what has come since; only the end may not do without.
  const timer = setInterval(() => {
    writing = writing.then(write).catch(() => {})
  }, pauseMs)
  return {
    add: (event) => void waiting.push({ event, at: new Date() }),
    close: () => {
      clearInterval(timer)
      return writing.then(write)
    },
  }
}

export interface RunEvent {
  seq: number
  event: TrainingEvent
  at: Date
}

/** Events above `after`, in their order. */
export const eventsOf = (db: Db, run: string, after: number, limit: number): Promise<RunEvent[]> =>
  all(
    db,
    sql<RunEvent>`SELECT seq, event, at FROM run_events WHERE run_id = ${run} AND seq > ${after} ORDER BY seq LIMIT ${limit}`,
  )
