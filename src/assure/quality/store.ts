/** SQL of quality: answers as columns, and the counts that stand beside them. */
import { sql } from 'kysely'
import { all, type Db } from '../../platform/sql.ts'
import type { Answer } from './rules.ts'

/** So many answers are read at most, the newest: enough for every interval that a screen shows. */
const mostAnswers = 200_000

/** Answers in force that count as people's own judgement, oldest first; a reviewer's correction counts as the reviewer's. */
export const answersOf = (db: Db, project: string): Promise<Answer[]> =>
  all(
    db,
    sql<Answer>`
      SELECT * FROM (
        SELECT a.id, a.person_id AS person, a.step, a.kind, a.targets, a.payload, a.shown->'order' AS "order"
        FROM annotations_in_force a WHERE a.project_id = ${project} AND a.source = 'person'
        ORDER BY a.id DESC LIMIT ${mostAnswers}) newest ORDER BY id`,
  )

export interface Work {
  id: string
  name: string
  simulatedAs: string | null
  answered: number
  activeMs: number
  medianMs: number | null
  skipped: number
  accepted: number
  corrected: number
  returned: number
}

/** What each person did in a project; `person`: of one only. */
export const workOf = (db: Db, project: string, person?: string): Promise<Work[]> =>
  all(
    db,
    sql<Work>`
      SELECT p.id, p.name, p.simulated_as AS "simulatedAs", coalesce(s.answered, 0)::int AS answered,
        coalesce(s.active_ms, 0)::double precision AS "activeMs", s.median_ms AS "medianMs", coalesce(k.skipped, 0)::int AS skipped,
        coalesce(r.accepted, 0)::int AS accepted, coalesce(r.corrected, 0)::int AS corrected, coalesce(r.returned, 0)::int AS returned
      FROM memberships m JOIN people p ON p.id = m.person_id
      LEFT JOIN LATERAL (
        SELECT count(*) AS answered, sum(s.active_ms) AS active_ms,
          percentile_cont(0.5) WITHIN GROUP (ORDER BY s.active_ms) AS median_ms
        FROM assignments a JOIN submissions s ON s.assignment_id = a.id AND s.withdrawn_at IS NULL
        WHERE a.person_id = p.id AND a.project_id = ${project}) s ON true
      LEFT JOIN LATERAL (
        SELECT count(*) AS skipped FROM assignments a WHERE a.person_id = p.id AND a.project_id = ${project} AND a.state = 3) k ON true
      LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE r.verdict = 'accept') AS accepted, count(*) FILTER (WHERE r.verdict = 'correct') AS corrected,
          count(*) FILTER (WHERE r.verdict = 'return') AS returned
        FROM reviews r JOIN submissions s ON s.id = r.submission_id JOIN assignments a ON a.id = s.assignment_id
        WHERE r.project_id = ${project} AND a.person_id = p.id) r ON true
      WHERE m.project_id = ${project} AND (${person ? sql`p.id = ${person}` : sql`s.answered > 0 OR k.skipped > 0`})
      ORDER BY p.name, p.id`,
  )

export const notesFor = (db: Db, project: string, person: string) =>
  all(
    db,
    sql<{ verdict: 'accept' | 'correct' | 'return'; reason: string; opening: string; at: Date }>`
      SELECT r.verdict, r.reason, p.opening, r.at
      FROM reviews r JOIN submissions s ON s.id = r.submission_id JOIN assignments a ON a.id = s.assignment_id
      JOIN tasks t ON t.id = r.task_id JOIN prompts p ON p.id = t.prompt_id
      WHERE r.project_id = ${project} AND a.person_id = ${person} ORDER BY r.id DESC LIMIT 50`,
  )
