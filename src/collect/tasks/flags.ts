/** SQL of what people report of tasks, until somebody has dealt with it. */
import { sql } from 'kysely'
import { newId } from '../../platform/ids.ts'
import { all, type Db, first } from '../../platform/sql.ts'
import type { TaskFlag, TaskRow } from './contract.ts'
import { assigned } from './states.ts'
import type { AssignedTask } from './store.ts'

/** Who reports again before the first report is resolved changes its words. */
export const addFlag = (trx: Db, { project, task, assignment }: AssignedTask, reason: string, at: Date) =>
  sql`
    INSERT INTO flags (id, project_id, task_id, assignment_id, reason, at)
    VALUES (${newId()}, ${project}, ${task}, ${assignment}, ${reason}, ${at})
    ON CONFLICT (assignment_id) WHERE resolved_at IS NULL DO UPDATE SET reason = EXCLUDED.reason, at = EXCLUDED.at`.execute(
    trx,
  )

/** The task that it spoke of; undefined: there is no such flag, or it is resolved already. */
export const resolveFlag = async (
  trx: Db,
  { project, flag, by, note, at }: { project: string; flag: string; by: string; note: string; at: Date },
): Promise<string | undefined> =>
  (
    await first(
      trx,
      sql<{ task: string }>`
        UPDATE flags SET resolved_at = ${at}, resolved_by = ${by}, note = ${note}
        WHERE id = ${flag} AND project_id = ${project} AND resolved_at IS NULL RETURNING task_id AS task`,
    )
  )?.task

/** Of `pe`; null where nobody stands there. */
export const personColumn = sql`CASE WHEN pe.id IS NULL THEN NULL ELSE
  json_build_object('id', pe.id, 'name', pe.name, 'simulated', pe.simulated_as IS NOT NULL) END AS person`

/** Of one task, the open ones first. */
export async function flagsOfTask(db: Db, task: string): Promise<TaskFlag[]> {
  const rows = await all(
    db,
    sql<Omit<TaskFlag, 'at' | 'resolved'> & { at: Date; by: string | null; resolvedAt: Date | null; note: string }>`
      SELECT f.id, ${personColumn}, f.reason, f.at, r.name AS by, f.resolved_at AS "resolvedAt", f.note
      FROM flags f JOIN assignments a ON a.id = f.assignment_id JOIN people pe ON pe.id = a.person_id
      LEFT JOIN people r ON r.id = f.resolved_by
      WHERE f.task_id = ${task} ORDER BY f.resolved_at DESC NULLS FIRST, f.at, f.id`,
  )
  return rows.map(({ by, resolvedAt, note, at, ...flag }) => ({
    ...flag,
    at: at.toISOString(),
    resolved: resolvedAt && { by: by ?? 'somebody', at: resolvedAt.toISOString(), note },
  }))
}

/** What is open of each task, and why it was skipped. */
export async function reportedOf(db: Db, tasks: string[]): Promise<Map<string, TaskRow['reported']>> {
  const rows = await all(
    db,
    sql<TaskRow['reported'][number] & { task: string }>`
      SELECT s.task, s.how, ${personColumn}, s.reason FROM (
        SELECT f.task_id AS task, 'flagged' AS how, a.person_id, f.reason, f.at
        FROM flags f JOIN assignments a ON a.id = f.assignment_id
        WHERE f.task_id = ANY(${tasks}::uuid[]) AND f.resolved_at IS NULL
        UNION ALL
        SELECT task_id, 'skipped', person_id, coalesce(skip_reason, ''), claimed_at FROM assignments
        WHERE task_id = ANY(${tasks}::uuid[]) AND state = ${assigned.skipped}) s
      JOIN people pe ON pe.id = s.person_id ORDER BY s.how, s.at`,
  )
  const of = new Map<string, TaskRow['reported']>()
  for (const { task, ...report } of rows) of.set(task, [...(of.get(task) ?? []), report])
  return of
}
