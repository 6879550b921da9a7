/** Writing submissions: many of them, with all that follows from each, in one statement. */
import { sql } from 'kysely'
import { auditRecorded } from '../../platform/audit.ts'
import { eventsNoted } from '../../platform/events.ts'
import { type Db, untilDone } from '../../platform/sql.ts'
import { together } from '../../platform/together.ts'
import { assigned, queued } from './states.ts'
import type { AssignedTask } from './store.ts'

export interface NewAnnotation {
  id: string
  step: string
  kind: string
  kindVersion: number
  targets: string[]
  parent: string | null
  supersedes: string | null
  payload: unknown
}

export interface NewSubmission {
  id: string
  assignment: AssignedTask
  /** The task that is judged: the assignment's own, except for a reviewer's correction. */
  task: string
  /** Whose judgement it is. */
  person: string
  key: string
  supersedes: string | null
  activeMs: number
  openedAt: string | null
  at: Date
  shown: object
  annotations: NewAnnotation[]
  /** Whether the task now counts one more answer: not for an answer that replaces another. */
  counts: boolean
}

const eventOf = ({ id, assignment, task, person }: NewSubmission) => ({
  project: assignment.project,
  kind: 'annotation.committed',
  subject: id,
  data: { task, person, purpose: assignment.purpose },
})
const auditOf = ({ id, assignment, task, person, at }: NewSubmission) => ({
  actor: person,
  action: 'annotation.commit',
  subject: `submission ${id}`,
  project: assignment.project,
  after: { task },
  at,
})

const columns = (submissions: NewSubmission[]) => {
  const of = <T>(get: (submission: NewSubmission) => T) => submissions.map(get)
  return sql`unnest(
    ${of(({ id }) => id)}::uuid[], ${of(({ assignment }) => assignment.assignment)}::uuid[],
    ${of(({ assignment }) => assignment.state)}::smallint[], ${of(({ assignment }) => assignment.task)}::uuid[],
    ${of(({ key }) => key)}::text[], ${of(({ supersedes }) => supersedes)}::uuid[], ${of(({ activeMs }) => activeMs)}::int[],
    ${of(({ openedAt }) => openedAt)}::timestamptz[], ${of(({ at }) => at)}::timestamptz[], ${of(({ counts }) => counts)}::boolean[])
    AS s(id, assignment, state, task, key, supersedes, active_ms, opened_at, at, counts)`
}

const annotationColumns = (submissions: NewSubmission[]) => {
  const rows = submissions.flatMap((s) => s.annotations.map((annotation) => ({ s, annotation })))
  const of = <T>(get: (annotation: NewAnnotation, submission: NewSubmission) => T) =>
    rows.map(({ s, annotation }) => get(annotation, s))
  return sql`unnest(
    ${of(({ id }) => id)}::uuid[], ${of((_, { id }) => id)}::uuid[], ${of((_, { assignment }) => assignment.project)}::uuid[],
    ${of((_, { task }) => task)}::uuid[], ${of((_, { person }) => person)}::uuid[], ${of(({ step }) => step)}::text[],
    ${of(({ kind }) => kind)}::text[], ${of(({ kindVersion }) => kindVersion)}::int[],
    ${of(({ targets }) => `{${targets}}`)}::text[], ${of(({ parent }) => parent)}::uuid[],
    ${of(({ supersedes }) => supersedes)}::uuid[], ${of(({ payload }) => JSON.stringify(payload))}::jsonb[],
    ${of((_, { shown }) => JSON.stringify(shown))}::jsonb[], ${of((_, { assignment }) => assignment.guidelineVersion)}::int[])
    AS a(id, submission, project, task, person, step, kind, kind_version, targets, parent, supersedes, payload, shown,
      guideline_version)`
}

/**
 * Writes submissions with their annotations, ends the leases, counts the answers, and tells followers and the audit log: one
 * statement, all or nothing. An assignment that is no longer in the state in which it was read is left alone, with nothing
 * written for it; the answer says which were written.
 */
async function writeSubmissions(db: Db, submissions: NewSubmission[]): Promise<boolean[]> {
  const { rows } = await sql<{ id: string }>`
    WITH ended AS (
      UPDATE assignments a SET state = ${assigned.answered}, draft = NULL, returned = NULL, opened_at = coalesce(a.opened_at, s.opened_at)
      FROM ${columns(submissions)} WHERE a.id = s.assignment AND a.state = s.state
      RETURNING s.id, s.assignment, s.task, s.key, s.supersedes, s.active_ms, s.opened_at, s.at, s.counts),
    sent AS (
      INSERT INTO submissions (id, assignment_id, idempotency_key, supersedes, active_ms, opened_at, sent_at)
      SELECT id, assignment, key, supersedes, active_ms, opened_at, at FROM ended),
    said AS (
      INSERT INTO annotations (id, project_id, submission_id, assignment_id, task_id, person_id, source, step, kind, kind_version,
        targets, parent_annotation, supersedes, payload, shown, guideline_version, at, active_ms)
      SELECT a.id, a.project, e.id, e.assignment, a.task, a.person, 'person', a.step, a.kind, a.kind_version, a.targets::uuid[],
        a.parent, a.supersedes, a.payload, a.shown, a.guideline_version, e.at, e.active_ms
      FROM ${annotationColumns(submissions)} JOIN ended e ON e.id = a.submission),
    counted AS (
      UPDATE queue q SET answered = q.answered + c.answers,
        state = CASE WHEN q.answered + c.answers >= t.overlap AND q.state = ${queued.handedOut} THEN ${queued.answered} ELSE q.state END
      FROM (SELECT task, count(*)::smallint AS answers FROM ended WHERE counts GROUP BY task) c JOIN tasks t ON t.id = c.task
      WHERE q.task_id = c.task),
    told AS (${eventsNoted(submissions.map(eventOf), sql`subject IN (SELECT id FROM ended)`)}),
    recorded AS (${auditRecorded(submissions.map(auditOf), sql`subject IN (SELECT 'submission ' || id FROM ended)`)})
    SELECT id FROM ended`.execute(db)
  const written = new Set(rows.map(({ id }) => id))
  return submissions.map(({ id }) => written.has(id))
}

/** One submission, in the caller's transaction. False: the assignment is no longer in the state in which it was read. */
export const writeSubmission = async (trx: Db, submission: NewSubmission): Promise<boolean> =>
  (await writeSubmissions(trx, [submission]))[0]!

/** One submission by itself: those that arrive while others are being written go together next, with one commit for all. */
export const sendSubmission = together((db: Db, submissions: NewSubmission[]) =>
  untilDone(() => writeSubmissions(db, submissions)),
)
