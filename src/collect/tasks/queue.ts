/**
 * The queue: one row a task. A claim is one atomic statement that hands out a slot, moves the person's cursor and
 * writes the lease. Overlap is never exceeded and no slot is forgotten, also where leases expire or claims collide.
 */
import { randomInt } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { copyRows } from '../../platform/copy.ts'
import { newId } from '../../platform/ids.ts'
import { all, arrayText, type Db, sqlState, uniqueViolation, untilDone } from '../../platform/sql.ts'
import { together } from '../../platform/together.ts'
import { priorities } from './contract.ts'
import { assigned, type assignmentState, queued } from './states.ts'

export interface Claimant {
  person: string
  project: string
  role: 'annotator' | 'reviewer'
  skills: string[]
}

interface Lease {
  id: string
  task: string
  leaseUntil: Date
  seed: number
}

interface LeaseRow {
  id: string
  task_id: string
  lease_until: Date
  seed: number
}
const toLease = (row: LeaseRow): Lease => ({
  id: row.id,
  task: row.task_id,
  leaseUntil: row.lease_until,
  seed: row.seed,
})

interface RouteRow {
  route: number
  priority: number
  position: number
}

/**
 * What a person may be handed: routes, with the cursor on each; and how many tasks the person holds already. A project that
 * was put away has no routes: what is held of it may still be answered.
 */
const outlook = together(async (db, claimants: Claimant[]): Promise<{ held: number; routes: RouteRow[] }[]> => {
  const column = <K extends keyof Claimant>(name: K) => claimants.map((claimant) => claimant[name])
  const rows = await all(
    db,
    sql<RouteRow & { place: number; held: number }>`
      SELECT q.place, r.id AS route, coalesce(c.priority, -32768) AS priority, coalesce(c.position, 0) AS position, (
        SELECT count(*) FROM assignments a WHERE a.person_id = q.person AND a.project_id = q.project
          AND a.state IN (${assigned.leased}, ${assigned.returned})) AS held
      FROM unnest(${column('person')}::uuid[], ${column('project')}::uuid[], ${column('role')}::text[],
        ${column('skills').map(arrayText)}::text[]) WITH ORDINALITY AS q(person, project, role, skills, place)
      JOIN projects p ON p.id = q.project AND p.archived_at IS NULL
      JOIN routes r ON r.project_id = q.project AND r.role = q.role AND r.skills <@ q.skills::text[]
      LEFT JOIN queue_cursors c ON c.route = r.id AND c.project_id = r.project_id AND c.person_id = q.person`,
  )
  const found = claimants.map(() => ({ held: 0, routes: [] as RouteRow[] }))
  for (const { place, held, ...route } of rows) {
    found[place - 1]!.held = held
    found[place - 1]!.routes.push(route)
  }
  return found
})

/**
 * Tasks of one route that this person may be handed: not one's own work, and nothing that one had before. IS NOT DISTINCT leads
 * to each task's own assignments: for somebody whom the statistics do not know yet, `=` read all that the person had, for each task.
 */
const mayHave = (person: string) => sql`
  q.state = ${queued.open} AND q.excluded_person IS DISTINCT FROM ${person}::uuid
  AND NOT EXISTS (SELECT 1 FROM assignments a WHERE a.task_id = q.task_id AND a.person_id IS NOT DISTINCT FROM ${person}::uuid
    AND a.state NOT IN (${assigned.expired}, ${assigned.givenBack}))`

/** Best next task of each route beyond its cursor, without locks: `= ANY(...) ORDER BY` would sort whole routes. */
const bestFirst = ({ person, project }: Claimant, routes: RouteRow[]) => sql<{ route: number }>`
  SELECT r.route FROM unnest(${routes.map((r) => r.route)}::int[], ${routes.map((r) => r.priority)}::int[],
    ${routes.map((r) => r.position)}::bigint[]) AS r(route, priority, position)
  LEFT JOIN LATERAL (
    SELECT q.priority, q.position FROM queue q
    WHERE q.project_id = ${project}::uuid AND q.route = r.route AND (q.priority, q.position) > (r.priority, r.position)
      AND ${mayHave(person)}
    ORDER BY q.priority, q.position LIMIT 1) n ON true
  ORDER BY n.priority NULLS LAST, n.position NULLS LAST, r.route`

type Pass = 'onward' | 'wrapped' | 'waiting'

/** Which row to lock. Recalled rows come first; where there is none, the second scan runs. */
function candidates(
  { person, project }: Claimant,
  { route, priority, position }: RouteRow,
  pass: Pass,
): RawBuilder<unknown> {
  const scan = (condition: RawBuilder<unknown>, lock: RawBuilder<unknown>) => sql`
    SELECT q.task_id FROM queue q
    WHERE q.project_id = ${project}::uuid AND q.route = ${route}::int AND ${condition} AND ${mayHave(person)}
    ORDER BY q.priority, q.position LIMIT 1 FOR NO KEY UPDATE OF q ${lock}`
  const skip = sql`SKIP LOCKED`
  if (pass === 'waiting') return sql`picked AS (${scan(sql`true`, sql``)})`
  if (pass === 'wrapped') return sql`picked AS (${scan(sql`true`, skip)})`
  const beyond = sql`(q.priority, q.position) > (${priority}::int, ${position}::bigint) AND NOT EXISTS (SELECT 1 FROM front)`
  return sql`
    front AS MATERIALIZED (${scan(sql`q.recalled`, skip)}),
    onward AS MATERIALIZED (${scan(beyond, skip)}),
    picked AS (SELECT task_id FROM front UNION ALL SELECT task_id FROM onward)`
}

const attempt = (claimant: Claimant, route: RouteRow, pass: Pass, now: Date) => sql<LeaseRow>`
  WITH ${candidates(claimant, route, pass)},
  taken AS (
    UPDATE queue q SET remaining = q.remaining - 1,
      state = CASE WHEN q.remaining = 1 THEN ${queued.handedOut} ELSE ${queued.open} END::smallint,
      recalled = q.recalled AND q.remaining > 1
    FROM picked WHERE q.task_id = picked.task_id
    RETURNING q.task_id, q.priority, q.position, q.project_id, q.route),
  lease AS (
    SELECT t.task_id, ${now}::timestamptz + make_interval(secs => p.lease_seconds) AS lease_until, p.guideline_version
    FROM taken t JOIN projects p ON p.id = t.project_id),
  revived AS (
    UPDATE assignments a SET state = ${assigned.leased}, lease_until = lease.lease_until, claimed_at = ${now}::timestamptz,
      guideline_version = lease.guideline_version
    FROM lease WHERE a.task_id = lease.task_id AND a.person_id = ${claimant.person}::uuid AND a.state IN (${assigned.expired}, ${assigned.givenBack})
    RETURNING a.id, a.task_id, a.lease_until, (a.presentation->>'seed')::int AS seed),
  inserted AS (
    INSERT INTO assignments (id, task_id, person_id, project_id, lease_until, guideline_version, presentation, claimed_at)
    SELECT ${newId()}::uuid, lease.task_id, ${claimant.person}::uuid, ${claimant.project}::uuid, lease.lease_until,
      lease.guideline_version, jsonb_build_object('seed', ${randomInt(2 ** 31)}::int), ${now}::timestamptz
    FROM lease WHERE NOT EXISTS (SELECT 1 FROM revived)
    RETURNING id, task_id, lease_until, (presentation->>'seed')::int AS seed),
  moved AS (
    INSERT INTO queue_cursors AS c (person_id, project_id, route, priority, position)
    SELECT ${claimant.person}::uuid, project_id, route, priority, position FROM taken
    ON CONFLICT (person_id, project_id, route) DO UPDATE SET priority = EXCLUDED.priority, position = EXCLUDED.position
    WHERE ${sql.lit(pass !== 'onward')} OR (EXCLUDED.priority, EXCLUDED.position) > (c.priority, c.position))
  SELECT * FROM revived UNION ALL SELECT * FROM inserted`

/**
 * The person's first request may have taken the very task that the second one saw: then it looks again. So it does where a
 * late answer, which locks the assignment before the task, stands in its way.
 */
async function tryClaim(
  db: Db,
  claimant: Claimant,
  route: RouteRow,
  pass: Pass,
  now: Date,
): Promise<LeaseRow | undefined> {
  for (;;) {
    try {
      return (await untilDone(() => attempt(claimant, route, pass, now).execute(db))).rows[0]
    } catch (error) {
      if (sqlState(error) !== uniqueViolation) throw error
    }
  }
}

/**
 * Hands the person a slot of the best task, or nothing. Looks beyond the cursor, then once from the start, then once
 * more waiting for locks: SKIP LOCKED sees "empty" where another claim is only under way and may yet be rolled back.
 * Whoever holds `mostHeld` tasks gets the oldest of them again.
 */
export async function claim(
  db: Db,
  claimant: Claimant,
  now: Date,
  mostHeld = Number.POSITIVE_INFINITY,
): Promise<Lease | undefined> {
  const { held, routes: found } = await outlook(db, claimant)
  if (held >= mostHeld) {
    const [oldest] = await heldLeases(db, claimant.person, claimant.project)
    if (oldest) return oldest
  }
  const ranked = found.length > 1 ? await all(db, bestFirst(claimant, found)) : found
  const routes = ranked.map(({ route }) => found.find((row) => row.route === route)!)
  for (const pass of ['onward', 'wrapped', 'waiting'] as const)
    for (const route of routes) {
      const row = await tryClaim(db, claimant, route, pass, now)
      if (row) return toLease(row)
    }
  return undefined
}

/** What a person has to answer: leases, and answers that a review returned; oldest first. Reviews have a queue of their own. */
export async function heldLeases(db: Db, person: string, project: string): Promise<Lease[]> {
  const rows = await all(
    db,
    sql<LeaseRow>`
      SELECT a.id, a.task_id, a.lease_until, (a.presentation->>'seed')::int AS seed
      FROM assignments a JOIN tasks t ON t.id = a.task_id
      WHERE a.person_id = ${person}::uuid AND a.project_id = ${project}::uuid AND t.purpose <> 'review'
        AND a.state IN (${assigned.leased}, ${assigned.returned})
      ORDER BY a.claimed_at, a.id`,
  )
  return rows.map(toLease)
}

/** Gives `count` slots of each task back; found by the small index of recalled rows, so that no cursor is reset. */
const giveBack = (from: RawBuilder<unknown>) => sql`
  UPDATE queue q SET remaining = q.remaining + given.slots, recalled = true,
    state = CASE WHEN q.state = ${queued.withdrawn} THEN q.state ELSE ${queued.open} END
  FROM (SELECT task_id, count(*)::smallint AS slots FROM ${from} GROUP BY task_id) given
  WHERE q.task_id = given.task_id`

/** Returns the slots of leases that ran out; returns how many. Safe to run on every replica. */
export async function expireLeases(db: Db, now: Date, limit = 1000): Promise<number> {
  const rows = await all(
    db,
    sql<{ id: string }>`
      WITH expired AS (
        UPDATE assignments SET state = ${assigned.expired} WHERE id IN (
          SELECT id FROM assignments WHERE state = ${assigned.leased} AND lease_until < ${now}::timestamptz
          LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING id, task_id),
      given AS (${giveBack(sql`expired`)} RETURNING q.task_id)
      SELECT id FROM expired`,
  )
  return rows.length
}

/** Ends a lease by the person's own will. Returns false where the person holds no such lease. */
export async function release(
  trx: Db,
  assignment: string,
  person: string,
  into: { state: typeof assignmentState.skipped | typeof assignmentState.givenBack; reason?: string },
): Promise<boolean> {
  const rows = await all(
    trx,
    sql<{ id: string }>`
      WITH ended AS (
        UPDATE assignments SET state = ${into.state}, skip_reason = ${into.reason ?? null}, draft = NULL
        WHERE id = ${assignment}::uuid AND person_id = ${person}::uuid AND state = ${assigned.leased}
        RETURNING id, task_id),
      given AS (${giveBack(sql`ended`)} RETURNING q.task_id)
      SELECT id FROM ended`,
  )
  return rows.length === 1
}

/** Of the draft of assignment `a`: above any that its author has sent, and never above what its column holds. */
export const nextRevision = sql`least(a.draft_revision, 2147483646) + 1`

/** The answers of a submission, as the draft that they were. */
export const draftOf = (submission: string) => sql`(
  SELECT jsonb_agg(jsonb_build_object('step', n.step, 'payload', n.payload) ORDER BY n.id)
  FROM annotations n WHERE n.submission_id = ${submission})`

/** A review gives an answered task back to its author, who holds it without a lease until it is answered again. */
export async function returnToAuthor(trx: Db, submission: string, reason: string): Promise<boolean> {
  const rows = await all(
    trx,
    sql<{ id: string }>`
      UPDATE assignments a SET state = ${assigned.returned}, returned = ${reason}, draft_revision = ${nextRevision},
        draft = ${draftOf(submission)}
      FROM submissions s WHERE s.id = ${submission} AND a.id = s.assignment_id AND a.state = ${assigned.answered}
      RETURNING a.id`,
  )
  return rows.length === 1
}

/** Extends a lease that is still held; returns its new end. */
export async function renew(db: Db, assignment: string, person: string, now: Date): Promise<Date | undefined> {
  const rows = await all(
    db,
    sql<{ lease_until: Date }>`
      UPDATE assignments a SET lease_until = ${now}::timestamptz + make_interval(secs => p.lease_seconds)
      FROM projects p
      WHERE a.id = ${assignment}::uuid AND a.person_id = ${person}::uuid AND a.state = ${assigned.leased} AND p.id = a.project_id
      RETURNING a.lease_until`,
  )
  return rows[0]?.lease_until
}

/** Takes back the slot of an expired assignment, if it has not been given out again. */
export async function retakeSlot(trx: Db, task: string): Promise<boolean> {
  const rows = await all(
    trx,
    sql<{ task_id: string }>`
      UPDATE queue SET remaining = remaining - 1,
        state = CASE WHEN remaining = 1 THEN ${queued.handedOut} ELSE ${queued.open} END::smallint
      WHERE task_id = ${task}::uuid AND state = ${queued.open} AND remaining > 0 RETURNING task_id`,
  )
  return rows.length === 1
}

interface QueuedTask {
  task: string
  project: string
  route: number
  priority: number
  overlap: number
  excludedPerson?: string
}

/** Puts tasks at the end of their priority. Those that come before the usual 0 are recalled, or cursors would pass them. */
export async function enqueue(trx: Db, tasks: QueuedTask[]): Promise<void> {
  await copyRows(
    trx,
    'queue',
    ['task_id', 'project_id', 'route', 'priority', 'remaining', 'recalled', 'excluded_person'],
    tasks,
    ({ task, project, route, priority, overlap, excludedPerson }) => [
      ...[task, project, route, priority, overlap],
      String(priority < 0),
      excludedPerson ?? null,
    ],
  )
}

/** Those that a change was made to. */
const changed = async (trx: Db, change: RawBuilder<unknown>): Promise<string[]> =>
  (await all(trx, sql<{ task: string }>`${change} RETURNING task_id AS task`)).map(({ task }) => task)

/**
 * Moves tasks ahead or back. The ones that move ahead are found by the recalled index, and so is all that comes before the
 * usual 0; what moves back waits for its turn there. Returns those of the project.
 */
export const setPriority = (trx: Db, project: string, tasks: string[], priority: number): Promise<string[]> =>
  changed(
    trx,
    sql`
      UPDATE queue SET priority = ${priority}::smallint, recalled = ${priority}::smallint < priority
          OR (recalled AND (${priority}::smallint = priority OR ${priority}::smallint < ${priorities.usual}))
      WHERE project_id = ${project}::uuid AND task_id = ANY(${tasks}::uuid[])`,
  )

/** Before every place that is given out as tasks arrive: those are above 0. */
const aheadFrom = -(2 ** 52)

/**
 * Puts tasks ahead of those of their own priority that wait in the order of their arrival, in the order given. Returns the
 * place that each had.
 */
export const putAhead = (trx: Db, project: string, tasks: string[]): Promise<{ task: string; position: number }[]> =>
  all(
    trx,
    sql<{ task: string; position: number }>`
      UPDATE queue q SET recalled = true, position = ${aheadFrom}::bigint + old.rank
      FROM (
        SELECT o.task_id, o.position, w.rank FROM unnest(${tasks}::uuid[]) WITH ORDINALITY AS w(task, rank)
        JOIN queue o ON o.task_id = w.task WHERE o.project_id = ${project}::uuid FOR NO KEY UPDATE OF o) old
      WHERE q.task_id = old.task_id RETURNING q.task_id AS task, old.position`,
  )

/** Gives tasks that were put ahead their own places again; a cursor that has passed them comes round to them. */
export const putBackInLine = (trx: Db, places: { task: string; position: number }[]) =>
  sql`
    UPDATE queue q SET position = own.position, recalled = q.recalled AND q.priority < ${priorities.usual}
    FROM unnest(${places.map(({ task }) => task)}::uuid[], ${places.map(({ position }) => position)}::bigint[]) AS own(task, position)
    WHERE q.task_id = own.task AND q.position < 0`.execute(trx)

/** Lets more people have tasks, which come to them next; never fewer than before. */
export const raiseOverlap = (trx: Db, tasks: string[], overlap: number) =>
  sql`
    WITH old AS (
      SELECT id, overlap FROM tasks WHERE id = ANY(${tasks}::uuid[]) AND overlap < ${overlap}::smallint
      ORDER BY id FOR NO KEY UPDATE),
    raised AS (UPDATE tasks t SET overlap = ${overlap}::smallint FROM old WHERE t.id = old.id)
    UPDATE queue q SET remaining = q.remaining + ${overlap}::smallint - old.overlap, recalled = true,
      state = CASE WHEN q.state = ${queued.withdrawn} THEN q.state ELSE ${queued.open} END
    FROM old WHERE q.task_id = old.id`.execute(trx)

/** Takes tasks out of the queue, or puts them back; answers given so far stay. Returns those that were not so already. */
export const setWithdrawn = (trx: Db, project: string, tasks: string[], withdrawn: boolean): Promise<string[]> =>
  changed(
    trx,
    sql`
      UPDATE queue q SET recalled = true, state = CASE
          WHEN ${withdrawn} THEN ${queued.withdrawn} WHEN q.remaining > 0 THEN ${queued.open}
          WHEN q.answered >= t.overlap THEN ${queued.answered} ELSE ${queued.handedOut} END::smallint
      FROM tasks t WHERE t.id = q.task_id AND q.project_id = ${project}::uuid AND q.task_id = ANY(${tasks}::uuid[])
        AND (q.state = ${queued.withdrawn}) <> ${withdrawn}`,
  )
