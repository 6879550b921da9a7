/**
 * The event log: written in the transaction of the fact itself, followed in commit-safe order. A follower keeps its
 * position in the transaction in which it acts, so that after a crash each event has had its effect exactly once.
 */
import { type RawBuilder, sql } from 'kysely'
import { type Db, inTransaction } from './sql.ts'

export interface Event<Data = Record<string, unknown>> {
  project: string
  kind: string
  subject: string
  data: Data
  at: Date
}

/** The statement that notes events, also as a part of a larger one, where a `condition` on their columns decides which. */
export function eventsNoted(events: Omit<Event, 'at'>[], condition: RawBuilder<unknown> = sql`true`) {
  const column = <K extends 'project' | 'kind' | 'subject'>(name: K) => events.map((event) => event[name])
  return sql`
    INSERT INTO events (project_id, kind, subject, data)
    SELECT * FROM unnest(${column('project')}::uuid[], ${column('kind')}::text[], ${column('subject')}::uuid[],
      ${events.map(({ data }) => JSON.stringify(data))}::jsonb[]) AS e(project_id, kind, subject, data) WHERE ${condition}`
}

/** Notes that something happened; seen by followers once the caller's transaction has committed. */
export async function emit(trx: Db, event: Omit<Event, 'at'>): Promise<void> {
  await eventsNoted([event]).execute(trx)
}

export interface Follower {
  /** Under which its position is kept: never rename it. */
  name: string
  kinds: string[]
  /** Acts on a batch inside the transaction that also moves the position. */
  handle(trx: Db, events: Event[]): Promise<void>
}

interface Position {
  epoch: number
  xid: string
  position: number
}

/** Handles the next batch; returns how many events were read (0: caught up, or another replica is at it). */
export async function follow(db: Db, { name, kinds, handle }: Follower, limit = 500): Promise<number> {
  await sql`INSERT INTO followers (name) VALUES (${name}) ON CONFLICT DO NOTHING`.execute(db)
  return inTransaction(db, async (trx) => {
    const { rows: held } = await sql<Position>`
      SELECT epoch, xid::text AS xid, position FROM followers WHERE name = ${name} FOR UPDATE SKIP LOCKED`.execute(trx)
    const from = held[0]
    if (!from) return 0
    const { rows } = await sql<
      Position & { project_id: string; kind: string; subject: string; data: Event['data']; at: Date }
    >`
      SELECT epoch, e.xid::text AS xid, position, project_id, kind, subject, data, at FROM events e
      WHERE (epoch, e.xid, position) > (${from.epoch}::int, ${from.xid}::xid8, ${from.position}::bigint)
        AND is_settled(epoch, e.xid)
      ORDER BY epoch, e.xid, position LIMIT ${limit}`.execute(trx)
    const last = rows.at(-1)
    if (!last) return 0
    const events = rows
      .filter((row) => kinds.includes(row.kind))
      .map((row) => ({ project: row.project_id, kind: row.kind, subject: row.subject, data: row.data, at: row.at }))
    if (events.length) await handle(trx, events)
    await sql`
      UPDATE followers SET epoch = ${last.epoch}, xid = ${last.xid}::xid8, position = ${last.position},
        handled = handled + ${rows.length}, at = now() WHERE name = ${name}`.execute(trx)
    return rows.length
  })
}

/** Follows until there is nothing left to read; for commands and tests. */
export async function catchUp(db: Db, followers: Follower[]): Promise<void> {
  for (const follower of followers) while ((await follow(db, follower)) > 0);
}
