/**
 * Moves the tasks that teach most ahead of the others of their priority, a few at a time: what is learned of them changes what
 * comes next. It chooses among the usual tasks and, before them, among those of a round; what somebody put elsewhere by
 * hand keeps its place.
 */
import { sql } from 'kysely'
import { consensusOfTasks } from '../../assure/consensus/read.ts'
import { priorities } from '../../collect/tasks/contract.ts'
import { putAhead, putBackInLine } from '../../collect/tasks/queue.ts'
import { queueState } from '../../collect/tasks/states.ts'
import { recordAudit } from '../../platform/audit.ts'
import { all, type Db, inTransaction, one } from '../../platform/sql.ts'
import { trainingPurposes } from '../reward/rules.ts'
import { type Arm, disagreementOf } from './rules.ts'

/** So many of those that are next in each line are scored. */
const mostScored = 2000
/** Priorities within which it chooses: neighbours, so that one range of the queue's index holds both. */
export const lines = [priorities.round, priorities.usual] as const
/** A comparison that would train. */
const isScored = sql`cardinality(t.targets) = 2 AND t.purpose = ANY(${trainingPurposes}::text[])`
const inLines = sql`q.priority BETWEEN ${priorities.round} AND ${priorities.usual}`
/** So many tasks are ahead, for each person who works; and between these bounds. */
const perPerson = 10
const bounds = { least: 40, most: 1000 }
/** After so many further pairs the choice is made anew. */
const pairsBetween = 20

export interface Choosing {
  project: string
  arrivalShare: number
  /** How many tasks of each priority are to be ahead. */
  size: number
}

/** Projects in which the setting is on, and those in which it was and tasks are still ahead (`size` 0). */
export const choosingProjects = async (db: Db): Promise<Choosing[]> => {
  const rows = await all(
    db,
    sql<Choosing & { people: number; on: boolean }>`
      SELECT p.id AS project, coalesce((p.settings #>> '{activeChoice,arrivalShare}')::float8, 0.2) AS "arrivalShare",
        p.archived_at IS NULL AND coalesce((p.settings #>> '{activeChoice,on}')::boolean, false) AS on,
        (SELECT count(*) FROM memberships m WHERE m.project_id = p.id AND m.role = 'annotator') AS people
      FROM projects p
      WHERE (p.settings #>> '{activeChoice,on}')::boolean
        OR EXISTS (SELECT 1 FROM active_choices c WHERE c.project_id = p.id AND c.ahead)`,
  )
  return rows.map(({ project, arrivalShare, people, on }) => ({
    project,
    arrivalShare,
    size: on ? Math.min(bounds.most, Math.max(bounds.least, people * perPerson)) : 0,
  }))
}

/** Whether few of those ahead are left in a line in which others wait, or much was learned since they were chosen. */
export async function isDue(db: Db, { project, size }: Choosing): Promise<boolean> {
  if (size === 0) return true
  const { learned, seq } = await one(
    db,
    sql<{ learned: number | null; seq: number | null }>`
      SELECT (SELECT seq FROM reward_state WHERE project_id = ${project}) AS learned,
        (SELECT seq FROM active_state WHERE project_id = ${project}) AS seq`,
  )
  if (seq === null || (learned ?? 0) - seq >= pairsBetween) return true
  for (const priority of lines) if (await isShort(db, project, priority, size / 2)) return true
  return false
}

/** Whether fewer than so many of a priority are ahead, and others that can be scored are in line: else it were due for ever. */
async function isShort(db: Db, project: string, priority: number, least: number): Promise<boolean> {
  const { ahead, waits } = await one(
    db,
    sql<{ ahead: number; waits: boolean }>`
      SELECT (
          SELECT count(*) FROM active_choices c JOIN queue q ON q.task_id = c.task_id
          WHERE c.project_id = ${project} AND c.ahead AND q.state = ${queueState.open} AND q.priority = ${priority}) AS ahead,
        EXISTS (
          SELECT 1 FROM routes r CROSS JOIN LATERAL (
            SELECT q.task_id FROM queue q
            WHERE q.project_id = ${project} AND q.route = r.id AND q.state = ${queueState.open} AND q.priority = ${priority}
              AND q.position > 0
            ORDER BY q.position LIMIT ${mostScored}) w JOIN tasks t ON t.id = w.task_id
          WHERE r.project_id = ${project} AND r.role = 'annotator' AND ${isScored}) AS waits`,
  )
  return waits && ahead < least
}

export interface Waiting {
  task: string
  priority: number
  /** Texts of a comparison that would train; null: any other task, which has its turn as it came. */
  texts: [string, string] | null
}

/** Tasks that wait, by priority in the order in which they arrived, those that are ahead by choice among them. */
export const waitingTasks = (db: Db, project: string): Promise<Waiting[]> =>
  all(
    db,
    sql<Waiting>`
      WITH line AS (
        SELECT w.* FROM routes r CROSS JOIN unnest(${[...lines]}::int[]) AS own(priority) CROSS JOIN LATERAL (
          SELECT q.task_id, q.priority, q.position FROM queue q
          WHERE q.project_id = ${project} AND q.route = r.id AND q.state = ${queueState.open} AND q.priority = own.priority
            AND q.position > 0
          ORDER BY q.position LIMIT ${mostScored}) w
        WHERE r.project_id = ${project} AND r.role = 'annotator'
        UNION ALL
        SELECT c.task_id, q.priority, c.position FROM active_choices c JOIN queue q ON q.task_id = c.task_id
        WHERE c.project_id = ${project} AND c.ahead AND q.state = ${queueState.open} AND ${inLines}),
      next AS (SELECT *, row_number() OVER (PARTITION BY priority ORDER BY position) AS place FROM line)
      SELECT t.id AS task, l.priority,
        CASE WHEN a.text IS NOT NULL AND b.text IS NOT NULL THEN json_build_array(a.text, b.text) END AS texts
      FROM next l JOIN tasks t ON t.id = l.task_id
        LEFT JOIN messages a ON ${isScored} AND a.id = t.targets[1]
        LEFT JOIN messages b ON b.id = t.targets[2]
      WHERE l.place <= ${mostScored}
      ORDER BY l.priority, l.position`,
  )

/** How divided people are on tasks so far; those without an answer have no entry. */
export async function disagreements(db: Db, tasks: string[]): Promise<Map<string, number>> {
  const rows = await consensusOfTasks(db, tasks)
  return new Map(
    rows
      .filter(({ attribute }) => attribute === 'preference')
      .map(({ task, counts }): [string, number] => [task, disagreementOf(counts)]),
  )
}

/** Puts everything back that is ahead. What nobody was handed is forgotten: however it comes later is how it came. */
async function clear(trx: Db, project: string): Promise<void> {
  const gone = await all(
    trx,
    sql<{ task: string; position: number }>`
      UPDATE active_choices SET ahead = false WHERE project_id = ${project} AND ahead RETURNING task_id AS task, position`,
  )
  if (gone.length === 0) return
  await putBackInLine(trx, gone)
  await sql`
    DELETE FROM active_choices c WHERE c.task_id = ANY(${gone.map(({ task }) => task)}::uuid[])
      AND NOT EXISTS (SELECT 1 FROM assignments a WHERE a.task_id = c.task_id)`.execute(trx)
}

/** Tasks that are ahead and open, in their order. */
const aheadNow = async (trx: Db, project: string): Promise<string[]> =>
  (
    await all(
      trx,
      sql<{ task: string }>`
        SELECT c.task_id AS task FROM active_choices c JOIN queue q ON q.task_id = c.task_id
        WHERE c.project_id = ${project} AND c.ahead AND q.state = ${queueState.open} ORDER BY q.priority, q.position`,
    )
  ).map(({ task }) => task)

interface Next {
  item: Waiting
  arm: Arm
  score: number
}

/** Puts those named ahead, in their order, and everything else back in line; one replica at a time. */
export const moveAhead = (db: Db, project: string, seq: number, next: Next[], at: Date): Promise<number> =>
  inTransaction(db, async (trx) => {
    const lock = await one(
      trx,
      sql<{ got: boolean }>`
        SELECT pg_try_advisory_xact_lock(hashtextextended('active choice ' || ${project}::text, 0)) AS got`,
    )
    if (!lock.got) return 0
    await sql`
      INSERT INTO active_state (project_id, seq, at) VALUES (${project}, ${seq}, ${at})
      ON CONFLICT (project_id) DO UPDATE SET seq = EXCLUDED.seq, at = EXCLUDED.at`.execute(trx)
    const tasks = next.map(({ item }) => item.task)
    if ((await aheadNow(trx, project)).join() === tasks.join()) return 0
    await clear(trx, project)
    if (next.length) await note(trx, project, next, await putAhead(trx, project, tasks), at)
    const after = { ahead: next.length, arrival: next.filter(({ arm }) => arm === 'arrival').length }
    await recordAudit(
      trx,
      [{ actor: 'system', action: 'task.choose', subject: `project ${project}`, project, after }],
      at,
    )
    return next.length
  })

/** How a task came ahead the first time is how its first answer came about: that stays. */
const note = (trx: Db, project: string, next: Next[], places: { task: string; position: number }[], at: Date) =>
  sql`
    INSERT INTO active_choices (task_id, project_id, arm, score, position, ahead, at)
    SELECT n.task, ${project}, n.arm, n.score, p.position, true, ${at}
    FROM unnest(${next.map(({ item }) => item.task)}::uuid[], ${next.map(({ arm }) => arm)}::text[],
        ${next.map(({ score }) => score)}::real[]) AS n(task, arm, score)
      JOIN unnest(${places.map(({ task }) => task)}::uuid[], ${places.map(({ position }) => position)}::bigint[]) AS p(task, position)
        ON p.task = n.task
    ON CONFLICT (task_id) DO UPDATE SET ahead = true, at = EXCLUDED.at, position = EXCLUDED.position`.execute(trx)
