/** SQL of one's own answers, and of what others said of the same tasks. */
import { sql } from 'kysely'
import { all, type Db } from '../../platform/sql.ts'
import type { MyAnswer } from './contract.ts'
import type { Said } from './rules.ts'

interface OwnSubmission {
  submission: string
  assignment: string
  task: string
  template: string
  version: number
  opening: string
  at: Date
  /** Of the order on the screen. */
  seed: number
  reported: MyAnswer['reported']
}

/** The newest first, without what was taken back or replaced; `after` is the submission that the page before ended with. */
export const ownSubmissions = (
  db: Db,
  project: string,
  person: string,
  { after, limit }: { after?: string; limit: number },
): Promise<OwnSubmission[]> =>
  all(
    db,
    sql<OwnSubmission>`
      SELECT s.id AS submission, a.id AS assignment, t.id AS task, t.template_id AS template, t.template_version AS version,
        p.opening, s.sent_at AS at, (a.presentation->>'seed')::int AS seed, (
          SELECT json_build_object('reason', f.reason, 'outcome', f.note) FROM flags f
          WHERE f.assignment_id = a.id ORDER BY f.at DESC LIMIT 1) AS reported
      FROM assignments a JOIN submissions s ON s.assignment_id = a.id AND s.withdrawn_at IS NULL
      JOIN tasks t ON t.id = a.task_id JOIN prompts p ON p.id = t.prompt_id
      WHERE a.person_id = ${person} AND a.project_id = ${project} AND t.purpose <> 'review'
        AND ${after ? sql`s.id < ${after}::uuid` : sql`true`}
        AND NOT EXISTS (SELECT 1 FROM submissions n WHERE n.supersedes = s.id AND n.withdrawn_at IS NULL)
      ORDER BY s.id DESC LIMIT ${limit}`,
  )

/** What these submissions say, as it was sent. */
export const judgementsOf = (db: Db, submissions: string[]) =>
  all(
    db,
    sql<Said & { submission: string }>`
      SELECT submission_id AS submission, step, kind, targets, payload FROM annotations
      WHERE submission_id = ANY(${submissions}::uuid[]) ORDER BY id`,
  )

/** What others say of these tasks, as it counts today. */
export const saidByOthers = (db: Db, tasks: string[], person: string) =>
  all(
    db,
    sql<Said & { task: string }>`
      SELECT task_id AS task, step, kind, targets, payload FROM annotations_in_force
      WHERE task_id = ANY(${tasks}::uuid[]) AND source = 'person' AND person_id <> ${person} ORDER BY id`,
  )
