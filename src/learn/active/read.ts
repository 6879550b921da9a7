/** Reads of the choice: what is ahead, and what was answered in which way. */
import { sql } from 'kysely'
import { queueState } from '../../collect/tasks/states.ts'
import { all, type Db } from '../../platform/sql.ts'
import type { Arm } from './rules.ts'

export async function aheadCounts(db: Db, project: string): Promise<Record<Arm, number>> {
  const rows = await all(
    db,
    sql<{ arm: Arm; n: number }>`
      SELECT c.arm, count(*) AS n FROM active_choices c JOIN queue q ON q.task_id = c.task_id
      WHERE c.project_id = ${project} AND c.ahead AND q.state = ${queueState.open} GROUP BY c.arm`,
  )
  const of = (arm: Arm) => rows.find((row) => row.arm === arm)?.n ?? 0
  return { chosen: of('chosen'), arrival: of('arrival') }
}

const decided = sql`p.in_force AND p.fresh AND p.outcome <> 0.5`

/** Of decided first answers, by how their task came: how many, and how many were foreseen (a half right counts so). */
export const foreseenBy = (db: Db, project: string) =>
  all(
    db,
    sql<{ arm: Arm; n: number; right: number }>`
      SELECT c.arm, count(*) AS n, sum(CASE WHEN p.predicted = 0.5 THEN 0.5
        WHEN (p.predicted > 0.5) = (p.outcome > 0.5) THEN 1 ELSE 0 END)::float8 AS right
      FROM active_choices c JOIN reward_pairs p ON p.task_id = c.task_id
      WHERE c.project_id = ${project} AND ${decided} GROUP BY c.arm`,
  )

/** The same answers with their texts, in the order in which they were learned. */
export const answersBy = (db: Db, project: string, arm: Arm, limit: number) =>
  all(
    db,
    sql<{ outcome: number; first: string; second: string }>`
      SELECT w.outcome, a.text AS first, b.text AS second FROM (
        SELECT p.seq, p.outcome, p.first, p.second FROM active_choices c JOIN reward_pairs p ON p.task_id = c.task_id
        WHERE c.project_id = ${project} AND c.arm = ${arm} AND ${decided} ORDER BY p.seq LIMIT ${limit}) w
      JOIN messages a ON a.id = w.first AND a.text IS NOT NULL JOIN messages b ON b.id = w.second AND b.text IS NOT NULL
      ORDER BY w.seq`,
  )
