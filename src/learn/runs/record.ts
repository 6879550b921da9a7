/**
 * Keeps what a run says of itself. Each event is first a line of `events.ndjson` beside the run's state, so that whoever is
 * killed has lost none of the steps that the state stands for; rows of the database are written from it once a second.
 */
import { closeSync, createReadStream, existsSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sql } from 'kysely'
import { all, type Db, inTransaction, one } from '../../platform/sql.ts'
import type { TrainingEvent } from '../../trainer/schedule/events.ts'
import { tellOfRun } from './store.ts'

const pauseMs = 1000

interface RunEvent {
  seq: number
  event: TrainingEvent
  at: Date
}

interface EventRecord {
  add(event: TrainingEvent): void
  /** Writes what is outstanding; throws where that cannot be. */
  close(): Promise<void>
}

/** Events of the file above `after`; a line that a kill has cut short is none. */
async function linesOf(path: string, after: number): Promise<RunEvent[]> {
  if (!existsSync(path)) return []
  const events: RunEvent[] = []
  for await (const line of createInterface(createReadStream(path))) {
    if (!line) continue
    try {
      const { seq, event, at } = JSON.parse(line) as { seq: number; event: TrainingEvent; at: string }
      if (seq > after) events.push({ seq, event, at: new Date(at) })
    } catch {}
  }
  return events
}

const insert = (trx: Db, run: string, batch: readonly RunEvent[]) =>
  sql`
    INSERT INTO run_events (run_id, seq, event, at)
    SELECT ${run}, seq, event::jsonb, at FROM unnest(${batch.map(({ seq }) => seq)}::int[],
      ${batch.map(({ event }) => JSON.stringify(event))}::text[], ${batch.map(({ at }) => at)}::timestamptz[]) AS e (seq, event, at)`.execute(
    trx,
  )

/** Goes on after the events that the run has already. Only whoever holds the run's job may open it. */
export async function recordEvents(db: Db, run: { id: string; project: string }, folder: string): Promise<EventRecord> {
  const { last } = await one(
    db,
    sql<{ last: number }>`SELECT coalesce(max(seq), 0) AS last FROM run_events WHERE run_id = ${run.id}`,
  )
  const path = join(folder, 'events.ndjson')
  let waiting = await linesOf(path, last)
  let seq = waiting.at(-1)?.seq ?? last
  const file = openSync(path, 'a')
  writeSync(file, '\n')
  let writing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    // More may come while this is written.
    const batch = waiting.slice()
    if (!batch.length) return
    await inTransaction(db, async (trx) => {
      await insert(trx, run.id, batch)
      await tellOfRun(trx, run.project, run.id)
    })
    waiting = waiting.slice(batch.length)
  }
  // What could not be written is tried again with what has come since; only the end may not do without.
  const timer = setInterval(() => {
    writing = writing.then(write).catch(() => {})
  }, pauseMs)
  return {
    add: (event) => {
      const line = { seq: ++seq, event, at: new Date() }
      writeSync(file, `${JSON.stringify(line)}\n`)
      waiting.push(line)
    },
    close: async () => {
      clearInterval(timer)
      closeSync(file)
      await writing.then(write)
    },
  }
}

const among = {
  all: sql`true`,
  samples: sql`event ->> 'event' = 'samples'`,
  log: sql`event ->> 'event' NOT IN ('samples', 'step', 'eval')`,
}

/** Events above `after`, in their order. */
export const eventsOf = (
  db: Db,
  run: string,
  { after, limit, only = 'all' }: { after: number; limit: number; only?: keyof typeof among },
): Promise<RunEvent[]> =>
  all(
    db,
    sql<RunEvent>`
      SELECT seq, event, at FROM run_events WHERE run_id = ${run} AND seq > ${after} AND ${among[only]} ORDER BY seq LIMIT ${limit}`,
  )
