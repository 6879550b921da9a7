/** SQL of the annotator's work: what a task shows, and what a submission writes. */
import { sql } from 'kysely'
import type { Role } from '../../people/roles.ts'
import { firstIdAt } from '../../platform/ids.ts'
import { all, type Db, first, json, one } from '../../platform/sql.ts'
import { together } from '../../platform/together.ts'
import { draftOf, nextRevision } from './queue.ts'
import type { Turn } from './read.ts'
import { assigned, queued } from './states.ts'

export interface AssignedTask {
  assignment: string
  person: string
  /** What the person is in the project by now; null: no member any more. */
  role: Role | null
  state: number
  leaseUntil: Date
  seed: number
  guidelineVersion: number | null
  draft: unknown
  draftRevision: number
  /** Why a review gave it back. */
  returned: string | null
  task: string
  project: string
  projectName: string
  purpose: string
  templateId: string
  templateVersion: number
  /** Message id of the prompt. */
  prompt: string
  promptId: string
  targets: string[]
  /** Tags of the prompt that the project calls sensitive. */
  contains: string[]
}

const assignedTask = sql`
  SELECT a.id AS assignment, a.person_id AS person, (
      SELECT CASE pe.organisation_role WHEN 'owner' THEN 'lead' ELSE m.role END
      FROM people pe LEFT JOIN memberships m ON m.person_id = pe.id AND m.project_id = a.project_id
      WHERE pe.id = a.person_id AND pe.disabled_at IS NULL) AS role,
    a.state, a.lease_until AS "leaseUntil", (a.presentation->>'seed')::int AS seed,
    a.guideline_version AS "guidelineVersion", a.draft, a.draft_revision AS "draftRevision", a.returned, t.id AS task, t.project_id AS project,
    pr.name AS "projectName", t.purpose, t.template_id AS "templateId", t.template_version AS "templateVersion",
    p.message_id AS prompt, t.prompt_id AS "promptId", t.targets,
    ARRAY(SELECT tag FROM unnest(p.tags) AS tag WHERE pr.settings -> 'sensitiveTags' ? tag ORDER BY tag) AS contains
  FROM assignments a JOIN tasks t ON t.id = a.task_id JOIN prompts p ON p.id = t.prompt_id JOIN projects pr ON pr.id = t.project_id`

/**
 * Many of them, each looked up by itself (OFFSET 0): joined as sets, whole tables would be read for a few rows. The planner
 * is not shown how many are asked for (SELECT): it would make a plan for each number, which takes longer than the query.
 */
const assignedTasks = (assignments: string[]) => sql`
  unnest((SELECT ${assignments}::uuid[])) AS asked(id) CROSS JOIN LATERAL (${assignedTask} WHERE a.id = asked.id OFFSET 0) w`

/** The assignment with its task, its row locked until the transaction ends. */
export const lockAssignment = (trx: Db, assignment: string): Promise<AssignedTask | undefined> =>
  first(trx, sql<AssignedTask>`${assignedTask} WHERE a.id = ${assignment}::uuid FOR NO KEY UPDATE OF a`)

export const findAssignment = (db: Db, assignment: string): Promise<AssignedTask | undefined> =>
  first(db, sql<AssignedTask>`${assignedTask} WHERE a.id = ${assignment}::uuid`)

export type ShownTask = AssignedTask & { conversation: Turn[]; texts: string[] }

/** Assignments with all that they show, in one round trip. */
export const loadShown = (db: Db, assignments: string[]): Promise<ShownTask[]> =>
  all(
    db,
    sql<ShownTask>`
      SELECT w.*, c.conversation, coalesce(m.texts, '[]') AS texts FROM ${assignedTasks(assignments)}
      CROSS JOIN LATERAL (
        WITH RECURSIVE line AS (
          SELECT id, parent_id, role, text, 0 AS depth FROM messages WHERE id = w.prompt
          UNION ALL
          SELECT m.id, m.parent_id, m.role, m.text, line.depth + 1 FROM messages m JOIN line ON m.id = line.parent_id)
        SELECT json_agg(json_build_object('role', role, 'text', coalesce(text, '[erased]')) ORDER BY depth DESC) AS conversation
        FROM line) c
      CROSS JOIN LATERAL (
        SELECT json_agg(coalesce(m.text, '[erased]') ORDER BY place) AS texts
        FROM unnest(w.targets) WITH ORDINALITY AS wanted(id, place) JOIN messages m ON m.id = wanted.id) m
      ORDER BY w.assignment`,
  )

export interface EarlierSubmission {
  id: string
  key: string
  withdrawn: boolean
}

/** An assignment with what was sent for it so far, oldest first; nothing is locked. */
export const findToAnswer = together(
  async (db, assignments: string[]): Promise<((AssignedTask & { earlier: EarlierSubmission[] }) | undefined)[]> => {
    const rows = await all(
      db,
      sql<AssignedTask & { earlier: EarlierSubmission[] }>`
        SELECT w.*, (
          SELECT coalesce(json_agg(json_build_object('id', s.id, 'key', s.idempotency_key, 'withdrawn', s.withdrawn_at IS NOT NULL)
            ORDER BY s.sent_at, s.id), '[]') FROM submissions s WHERE s.assignment_id = w.assignment) AS earlier
        FROM ${assignedTasks(assignments)}`,
    )
    const found = new Map(rows.map((row) => [row.assignment, row]))
    return assignments.map((assignment) => found.get(assignment))
  },
)

/** Every submission of an assignment, oldest first: usually none. */
export const submissionsOf = (db: Db, assignment: string): Promise<EarlierSubmission[]> =>
  all(
    db,
    sql<EarlierSubmission>`
      SELECT id, idempotency_key AS key, withdrawn_at IS NOT NULL AS withdrawn FROM submissions
      WHERE assignment_id = ${assignment}::uuid ORDER BY sent_at, id`,
  )

interface OwnSubmission {
  id: string
  assignment: string
  person: string
  supersedes: string | null
  sentAt: Date
  withdrawn: boolean
  /** By an answer that is in force: the author's next one, or a reviewer's correction. */
  isReplaced: boolean
}

/** A statement that waits for a lock sees all beside the locked row as it was before: what replaces it is read by a second one. */
export async function lockSubmission(trx: Db, submission: string): Promise<OwnSubmission | undefined> {
  await sql`SELECT 1 FROM submissions WHERE id = ${submission}::uuid FOR NO KEY UPDATE`.execute(trx)
  return first(
    trx,
    sql<OwnSubmission>`
      SELECT s.id, s.assignment_id AS assignment, a.person_id AS person, s.supersedes, s.sent_at AS "sentAt", s.withdrawn_at IS NOT NULL AS withdrawn,
        EXISTS (
          SELECT 1 FROM submissions n WHERE n.supersedes = s.id AND n.withdrawn_at IS NULL AND n.assignment_id IN (
            SELECT s.assignment_id UNION ALL
            SELECT r.id FROM tasks t JOIN assignments r ON r.task_id = t.id WHERE t.reviewed_submission = s.id)) AS "isReplaced"
      FROM submissions s JOIN assignments a ON a.id = s.assignment_id
      WHERE s.id = ${submission}::uuid`,
  )
}

/**
 * Undo: the submission no longer counts, its answers come back as the draft, and the task is held again. Where it had
 * replaced an answer that a review returned, that one is in force again and stays returned.
 */
export const withdrawSubmission = (trx: Db, submission: OwnSubmission, leaseUntil: Date, at: Date) =>
  sql`
    WITH withdrawn AS (
      UPDATE submissions SET withdrawn_at = ${at} WHERE id = ${submission.id} RETURNING assignment_id),
    held AS (
      UPDATE assignments a SET lease_until = ${leaseUntil}, draft_revision = ${nextRevision},
        state = ${submission.supersedes ? assigned.returned : assigned.leased}, draft = ${draftOf(submission.id)}
      FROM withdrawn WHERE a.id = withdrawn.assignment_id RETURNING a.task_id)
    UPDATE queue q SET answered = q.answered - 1, state = CASE WHEN q.state = ${queued.answered} THEN ${queued.handedOut} ELSE q.state END
    FROM held WHERE q.task_id = held.task_id AND ${!submission.supersedes}`.execute(trx)

/** Stores a draft; undefined where a newer one is there or the task is not held. */
export const saveDraft = (db: Db, assignment: string, person: string, draft: unknown, revision: number) =>
  first(
    db,
    sql<{ revision: number }>`
      UPDATE assignments SET draft = ${json(draft)}, draft_revision = ${revision}
      WHERE id = ${assignment} AND person_id = ${person} AND state IN (${assigned.leased}, ${assigned.expired},
        ${assigned.returned}) AND draft_revision < ${revision} RETURNING draft_revision AS revision`,
  )

/** What a person sent since a moment, and how long it took. Ids grow with time, so only what is newer is read. */
export const workSince = (db: Db, person: string, project: string, since: Date) =>
  one(
    db,
    sql<{ answers: number; activeMs: number }>`
      SELECT count(*) AS answers, coalesce(sum(s.active_ms), 0)::bigint AS "activeMs" FROM (
        SELECT DISTINCT submission_id FROM annotations
        WHERE person_id = ${person}::uuid AND project_id = ${project}::uuid AND id >= ${firstIdAt(since)}::uuid) n
      JOIN submissions s ON s.id = n.submission_id WHERE s.withdrawn_at IS NULL`,
  )

/** Open tasks of a project, counted no further than anyone reads. */
export const openTasks = async (db: Db, project: string): Promise<number> =>
  (
    await one(
      db,
      sql<{ n: number }>`
        SELECT count(*) AS n FROM (SELECT 1 FROM queue WHERE project_id = ${project} AND state = ${queued.open} LIMIT 10000) o`,
    )
  ).n

export const annotationsOf = (db: Db, submission: string) =>
  all(
    db,
    sql<{ id: string; step: string; targets: string[]; payload: unknown }>`
      SELECT id, step, targets, payload FROM annotations WHERE submission_id = ${submission} ORDER BY id`,
  )
