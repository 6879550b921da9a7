/**
 * What open pages are told at once: jobs that go on, things that others have changed. Events are rows; one poller a
 * process hands them to whoever follows. They are hints and never the only trace of a fact: whoever misses one (a gap of
 * more than an hour, a transaction of more than half a minute) reads the thing itself again.
 */
import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Action } from './contract.ts'
import { type Loop, loop } from './loop.ts'
import { all, type Db, json, one } from './sql.ts'

export interface LiveEvent {
  id: number
  project: string | null
  /** Set: for this person alone. */
  person: string | null
  /** What one's role in the project must allow to be told. */
  action: Action
  topic: string
  data: unknown
}

/** Tells open pages once the caller's transaction has committed. `data` must be fit for everybody whose role allows `action`. */
export async function publish(
  trx: Db,
  event: Partial<LiveEvent> & Pick<LiveEvent, 'action' | 'topic' | 'data'>,
): Promise<void> {
  await sql`
    INSERT INTO live_events (project_id, person_id, action, topic, data)
    VALUES (${event.project ?? null}, ${event.person ?? null}, ${event.action}, ${event.topic}, ${json(event.data)})`.execute(
    trx,
  )
}

/** `pulse` comes every few seconds; `gap`: events were missed, read everything again. */
export type Heard = LiveEvent | 'pulse' | 'gap'

export interface Live {
  /** Events above `after`, then those to come, until the signal is aborted; undefined: from now on. */
  follow(after: number | undefined, signal: AbortSignal): AsyncGenerator<Heard>
  wake(): void
  stop(): Promise<void>
}

const keptMinutes = 60
/** How long a transaction may take from its event to its commit: as far back is looked for rows that came late. */
const lateSeconds = 30
const pulseMs = 10_000
/** Somebody who reads more slowly than this is told of a gap. */
const longestQueue = 5000

const columns = sql`id, project_id AS project, person_id AS person, action, topic, data`

/** One follower's events that were not read yet. */
function mailbox() {
  let queue: Heard[] = []
  let ready: (() => void) | undefined
  return {
    put(heard: Heard) {
      if (queue.length >= longestQueue) queue = ['gap']
      queue.push(heard)
      ready?.()
    },
    ring: () => ready?.(),
    take: () => queue.splice(0),
    /** Settles once there is something, or it was rung for. */
    filled: () =>
      queue.length
        ? Promise.resolve()
        : new Promise<void>((done) => {
            ready = done
          }),
  }
}

interface LiveOptions {
  db: Db
  log: Logger
  pauseMs?: number
}

export function createLive({ db, log, pauseMs = 500 }: LiveOptions): Live {
  const followers = new Set<ReturnType<typeof mailbox>>()
  /** Below it everything was told; of what lies above, `told` was. undefined: nobody has followed yet. */
  let floor: number | undefined
  const told = new Set<number>()
  let trimmedAt = 0

  /** Opens the window on what may still come late; what lies in it by now is left to those who ask for it by number. */
  async function openWindow(): Promise<void> {
    const { base, ids } = await one(
      db,
      sql<{ base: number; ids: string[] | null }>`
        WITH settled AS (
          SELECT coalesce(max(id), 0) AS base FROM live_events
          WHERE at < clock_timestamp() - make_interval(secs => ${lateSeconds}))
        SELECT base, (SELECT array_agg(id) FROM live_events WHERE id > base) AS ids FROM settled`,
    )
    if (floor !== undefined) return
    floor = base
    for (const id of ids ?? []) told.add(Number(id))
  }

  async function trim(): Promise<void> {
    if (Date.now() - trimmedAt < 60_000) return
    trimmedAt = Date.now()
    await sql`DELETE FROM live_events WHERE at < now() - make_interval(mins => ${keptMinutes})`.execute(db)
  }

  async function poll(): Promise<boolean> {
    await trim()
    if (!followers.size) {
      floor = undefined
      told.clear()
      return false
    }
    if (floor === undefined) await openWindow()
    const rows = await all(
      db,
      sql<LiveEvent & { settled: boolean }>`
        SELECT ${columns}, at < clock_timestamp() - make_interval(secs => ${lateSeconds}) AS settled
        FROM live_events WHERE id > ${floor!} ORDER BY id`,
    )
    let below = true
    for (const { settled, ...event } of rows) {
      if (!told.has(event.id)) for (const follower of followers) follower.put(event)
      told.add(event.id)
      below &&= settled
      if (!below) continue
      floor = event.id
      told.delete(event.id)
    }
    return false
  }

  const polling: Loop = loop('live events', pauseMs, log, poll)

  /** What was told before this follower came. */
  async function backlog(after: number): Promise<Heard[]> {
    // The last number that was given out tells a table that is empty from one that was trimmed, or restored.
    const { oldest, last } = await one(
      db,
      sql<{ oldest: number | null; last: number }>`
        SELECT (SELECT min(id) FROM live_events) AS oldest,
          (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM live_events_id_seq) AS last`,
    )
    if (after > last || (oldest ?? last + 1) > after + 1) return ['gap']
    const rows = await all(
      db,
      sql<LiveEvent>`SELECT ${columns} FROM live_events WHERE id > ${after} ORDER BY id LIMIT ${longestQueue}`,
    )
    return rows.length < longestQueue ? rows : ['gap']
  }

  return {
    wake: () => polling.wake(),
    async stop() {
      await polling.stop()
    },
    async *follow(after, signal) {
      const box = mailbox()
      followers.add(box)
      const pulse = setInterval(() => box.put('pulse'), pulseMs)
      signal.addEventListener('abort', box.ring)
      try {
        // Whoever comes first opens the window now; an event of the next half second must not slip past it.
        if (floor === undefined) await openWindow()
        const earlier = after === undefined ? [] : await backlog(after)
        const known = new Set(earlier.map((heard) => (typeof heard === 'string' ? 0 : heard.id)))
        yield* earlier
        while (!signal.aborted) {
          for (const heard of box.take()) if (typeof heard === 'string' || !known.has(heard.id)) yield heard
          await box.filled()
        }
      } finally {
        clearInterval(pulse)
        signal.removeEventListener('abort', box.ring)
        followers.delete(box)
      }
    },
  }
}
