/** SQL of quality: answers as columns, and the counts that stand beside them. */
import { sql } from 'kysely'
import { assigned } from '../../collect/tasks/states.ts'
import { all, type Db, one } from '../../platform/sql.ts'
import type { ToShow } from '../others/read.ts'
import type { Answer } from './rules.ts'

/** So many answers are read at most, the newest: enough for every interval that a screen shows. The screens say so. */
export const mostAnswers = 50_000

/** How many answers the statistics rest on, and whether there are older ones that they leave out. */
export const basisOf = (answers: Answer[]) => ({ answers: answers.length, capped: answers.length === mostAnswers })

/**
 * Answers in force that count as people's own judgement, oldest first; a reviewer's correction counts as the reviewer's.
 * `onTasksOf`: only on tasks that this person had.
 */
export const answersOf = (db: Db, project: string, onTasksOf?: string): Promise<Answer[]> =>
  all(
    db,
    sql<Answer>`
      SELECT * FROM (
        SELECT a.id, a.person_id AS person, a.step, a.kind, a.targets, a.payload, a.shown->'order' AS "order",
          a.task_id AS task, a.at, a.active_ms AS "activeMs"
        FROM annotations_in_force a WHERE a.project_id = ${project} AND a.source = 'person'
          AND ${onTasksOf ? sql`a.task_id IN (SELECT task_id FROM assignments WHERE person_id = ${onTasksOf} AND project_id = ${project})` : sql`true`}
        ORDER BY a.id DESC LIMIT ${mostAnswers}) newest ORDER BY id`,
  )

/** Characters of messages; erased ones have none. */
export async function lengthsOf(db: Db, messages: string[]): Promise<Map<string, number>> {
  const rows = await all(
    db,
    sql<{ id: string; length: number }>`
      SELECT id, char_length(text) AS length FROM messages WHERE id = ANY(${messages}::uuid[]) AND text IS NOT NULL`,
  )
  return new Map(rows.map(({ id, length }) => [id, length]))
}

/** Tags of the prompts of tasks; a task without any is left out. */
export async function tagsOf(db: Db, tasks: string[]): Promise<Map<string, string[]>> {
  const rows = await all(
    db,
    sql<{ id: string; tags: string[] }>`
      SELECT t.id, p.tags FROM tasks t JOIN prompts p ON p.id = t.prompt_id
      WHERE t.id = ANY(${tasks}::uuid[]) AND p.tags <> '{}'`,
  )
  return new Map(rows.map(({ id, tags }) => [id, tags]))
}

/** Skills of the members who have any. */
export async function skillsOf(db: Db, project: string): Promise<Map<string, string[]>> {
  const rows = await all(
    db,
    sql<{ id: string; skills: string[] }>`
      SELECT person_id AS id, skills FROM memberships WHERE project_id = ${project} AND skills <> '{}'`,
  )
  return new Map(rows.map(({ id, skills }) => [id, skills]))
}

/** How the prompts of tasks begin. */
export async function openingsOf(db: Db, tasks: string[]): Promise<Map<string, string>> {
  const rows = await all(
    db,
    sql<{ id: string; opening: string }>`
      SELECT t.id, p.opening FROM tasks t JOIN prompts p ON p.id = t.prompt_id WHERE t.id = ANY(${tasks}::uuid[])`,
  )
  return new Map(rows.map(({ id, opening }) => [id, opening]))
}

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

export const personOf = ({ id, name, simulatedAs }: Work) => ({ id, name, simulatedAs })

export const shownWork = (work: Work) => ({
  person: personOf(work),
  answered: work.answered,
  activeMs: work.activeMs,
  medianMs: work.medianMs,
  skipped: work.skipped,
  reviews: { accepted: work.accepted, corrected: work.corrected, returned: work.returned },
})

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
        SELECT count(*) AS skipped FROM assignments a WHERE a.person_id = p.id AND a.project_id = ${project} AND a.state = ${assigned.skipped}) k ON true
      LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE r.verdict = 'accept') AS accepted, count(*) FILTER (WHERE r.verdict = 'correct') AS corrected,
          count(*) FILTER (WHERE r.verdict = 'return') AS returned
        FROM reviews r JOIN submissions s ON s.id = r.submission_id JOIN assignments a ON a.id = s.assignment_id
        WHERE r.project_id = ${project} AND a.person_id = p.id) r ON true
      WHERE m.project_id = ${project} AND (${person ? sql`p.id = ${person}` : sql`s.answered > 0 OR k.skipped > 0`})
      ORDER BY p.name, p.id`,
  )

/** Pace of late, and what waits for one: work given back by a reviewer. */
export const latelyOf = (db: Db, project: string, person: string) =>
  one(
    db,
    sql<{ recentMedianMs: number | null; waiting: number }>`
      SELECT (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY active_ms) FROM (
          SELECT s.active_ms FROM assignments a JOIN submissions s ON s.assignment_id = a.id AND s.withdrawn_at IS NULL
          WHERE a.person_id = ${person} AND a.project_id = ${project} ORDER BY s.sent_at DESC LIMIT 20) newest) AS "recentMedianMs",
        (SELECT count(*)::int FROM assignments WHERE person_id = ${person} AND project_id = ${project} AND state = ${assigned.returned}) AS waiting`,
  )

/** What a reviewer said instead tells the key of a task that has one: it is kept back where keys are. */
export const notesFor = (db: Db, project: string, person: string) =>
  all(
    db,
    sql<
      ToShow & {
        verdict: 'accept' | 'correct' | 'return'
        reason: string
        opening: string
        at: Date
        correction: string | null
      }
    >`
      SELECT r.verdict, r.reason, p.opening, r.at, s.id AS submission,
        CASE WHEN t.purpose NOT IN ('gold', 'calibration') OR (w.settings->>'explainGold')::boolean THEN r.correction END AS correction,
        t.template_id AS template,
        t.template_version AS version, (a.presentation->>'seed')::int AS seed
      FROM reviews r JOIN submissions s ON s.id = r.submission_id JOIN assignments a ON a.id = s.assignment_id
      JOIN tasks t ON t.id = r.task_id JOIN prompts p ON p.id = t.prompt_id
      JOIN projects w ON w.id = r.project_id
      WHERE r.project_id = ${project} AND a.person_id = ${person} ORDER BY r.id DESC LIMIT 50`,
  )
