/** SQL of reviews: the tasks that ask for them, and what was said. */
import { sql } from 'kysely'
import { enqueue, setWithdrawn } from '../../collect/tasks/queue.ts'
import { assigned, queued } from '../../collect/tasks/states.ts'
import { lockSubmission } from '../../collect/tasks/store.ts'
import { routeFor } from '../../collect/templates/store.ts'
import type { Event, Follower } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { all, type Db, first, one, pageFrom } from '../../platform/sql.ts'
import { settings } from '../../projects/contract.ts'
import type { Review } from './contract.ts'
import { isSampled } from './rules.ts'

interface Reviewed {
  submission: string
  task: string
  author: string
  project: string
}

/** A submission of a project that counts. */
export const findReviewed = (db: Db, project: string, submission: string): Promise<Reviewed | undefined> =>
  first(
    db,
    sql<Reviewed>`
      SELECT s.id AS submission, a.task_id AS task, a.person_id AS author, a.project_id AS project
      FROM submissions s JOIN assignments a ON a.id = s.assignment_id JOIN tasks t ON t.id = a.task_id
      WHERE s.id = ${submission}::uuid AND a.project_id = ${project}::uuid AND s.withdrawn_at IS NULL AND t.purpose <> 'review'`,
  )

/** The review task of a submission, if there is one. */
export const reviewTaskOf = (db: Db, submission: string) =>
  first(
    db,
    sql<{ id: string; isDecided: boolean }>`
      SELECT t.id, q.answered > 0 AS "isDecided" FROM tasks t JOIN queue q ON q.task_id = t.id
      WHERE t.reviewed_submission = ${submission}::uuid`,
  )

/** Makes the review task of a submission that is locked and has none. */
export async function addReviewTask(trx: Db, reviewed: Reviewed, priority: number): Promise<string> {
  const route = await routeFor(trx, reviewed.project, { role: 'reviewer' })
  const id = newId()
  await sql`
    INSERT INTO tasks (id, project_id, template_id, template_version, purpose, route, prompt_id, targets, overlap, reviewed_submission)
    SELECT ${id}, project_id, template_id, template_version, 'review', ${route}, prompt_id, targets, 1, ${reviewed.submission}
    FROM tasks WHERE id = ${reviewed.task}`.execute(trx)
  await enqueue(trx, [
    { task: id, project: reviewed.project, route, priority, overlap: 1, excludedPerson: reviewed.author },
  ])
  return id
}

/** Nobody is to check an answer that was undone: its lease would run out and hand it to the next, ahead of all others. */
async function dropReview(trx: Db, project: string, submission: string) {
  const task = await reviewTaskOf(trx, submission)
  if (task && !task.isDecided) await setWithdrawn(trx, project, [task.id], true)
}

/** Draws the share of new answers that the project wants checked, and lets go of those that are undone. */
export const reviewSampler: Follower = {
  name: 'review-sampler',
  kinds: ['annotation.committed', 'annotation.withdrawn'],
  async handle(trx: Db, events: Event[]) {
    const projects = [...new Set(events.map((event) => event.project))]
    const rows = await all(
      trx,
      sql<{ id: string; settings: unknown }>`SELECT id, settings FROM projects WHERE id = ANY(${projects}::uuid[])`,
    )
    const share = new Map(rows.map((row) => [row.id, settings.parse(row.settings).reviewShare]))
    for (const { kind, project, subject, data } of events)
      if (kind === 'annotation.withdrawn') await dropReview(trx, project, subject)
      else if (data.purpose !== 'review' && isSampled(subject, share.get(project) ?? 0)) {
        await lockSubmission(trx, subject)
        const reviewed = await findReviewed(trx, project, subject)
        if (reviewed && !(await reviewTaskOf(trx, subject))) await addReviewTask(trx, reviewed, 0)
      }
  },
}

/** The submission that a review assignment checks, with its author and the author's assignment. */
export const reviewedBy = (trx: Db, assignment: string) =>
  first(
    trx,
    sql<{ submission: string; task: string; authorAssignment: string }>`
      SELECT t.reviewed_submission AS submission, o.task_id AS task, o.id AS "authorAssignment"
      FROM assignments a JOIN tasks t ON t.id = a.task_id JOIN submissions s ON s.id = t.reviewed_submission
      JOIN assignments o ON o.id = s.assignment_id
      WHERE a.id = ${assignment}::uuid`,
  )

/** Reviews that the person holds, whose answer was not undone meanwhile. */
const heldReviews = (project: string, person: string, now: Date) => sql`
  assignments a JOIN tasks t ON t.id = a.task_id JOIN submissions s ON s.id = t.reviewed_submission
  WHERE a.person_id = ${person}::uuid AND a.project_id = ${project}::uuid AND a.state = ${assigned.leased} AND a.lease_until > ${now}
    AND t.purpose = 'review' AND s.withdrawn_at IS NULL`

/** The one held longest; undefined: none. */
export const heldReview = (db: Db, project: string, person: string, now: Date) =>
  first(
    db,
    sql<{ id: string }>`
      SELECT a.id FROM ${heldReviews(project, person, now)} ORDER BY a.claimed_at, a.id LIMIT 1`,
  )

interface NewReview {
  id: string
  project: string
  submission: string
  task: string
  reviewer: string
  assignment: string
  verdict: Review['verdict']
  reason: string
  correction: string | null
  at: Date
}

export const addReview = (trx: Db, r: NewReview) =>
  sql`
    INSERT INTO reviews (id, project_id, submission_id, task_id, reviewer_id, assignment_id, verdict, reason, correction, at)
    VALUES (${r.id}, ${r.project}, ${r.submission}, ${r.task}, ${r.reviewer}, ${r.assignment}, ${r.verdict}, ${r.reason},
      ${r.correction}, ${r.at})`.execute(trx)

/** Ends a review assignment whose verdict wrote no annotation of its own. */
export const endReview = (trx: Db, assignment: string) =>
  sql`
    WITH ended AS (UPDATE assignments SET state = ${assigned.answered} WHERE id = ${assignment} RETURNING task_id)
    UPDATE queue q SET answered = q.answered + 1, state = ${queued.answered} FROM ended WHERE q.task_id = ended.task_id`.execute(
    trx,
  )

const personJson = (alias: string) =>
  sql`json_build_object('id', ${sql.ref(alias)}.id, 'name', ${sql.ref(alias)}.name, 'simulated', ${sql.ref(alias)}.simulated_as IS NOT NULL)`

interface ListInput {
  project: string
  after?: string
  limit: number
  verdict?: Review['verdict'][]
  author?: string[]
}

export async function listReviews(db: Db, { project, after, limit, verdict, author }: ListInput) {
  const rows = await all(
    db,
    sql<Omit<Review, 'at'> & { at: Date }>`
      SELECT r.id, r.submission_id AS submission, r.task_id AS task, p.opening, ${personJson('au')} AS author,
        ${personJson('re')} AS reviewer, r.verdict, r.reason, r.at
      FROM reviews r JOIN submissions s ON s.id = r.submission_id JOIN assignments a ON a.id = s.assignment_id
      JOIN people au ON au.id = a.person_id JOIN people re ON re.id = r.reviewer_id
      JOIN tasks t ON t.id = r.task_id JOIN prompts p ON p.id = t.prompt_id
      WHERE r.project_id = ${project} AND ${after ? sql`r.id < ${after}::uuid` : sql`true`}
        AND ${verdict ? sql`r.verdict = ANY(${verdict})` : sql`true`}
        AND ${author ? sql`a.person_id = ANY(${author})` : sql`true`}
      ORDER BY r.id DESC LIMIT ${limit + 1}`,
  )
  const shown = rows.map((row) => ({ ...row, at: row.at.toISOString() }))
  return pageFrom(shown, limit, ({ id }) => id)
}

/** How many answers the person may still check: those that nobody holds, and those that this person does. */
export const waitingReviews = async (db: Db, project: string, person: string, now: Date): Promise<number> =>
  (
    await one(
      db,
      sql<{ waiting: number }>`
        SELECT (SELECT count(*) FROM queue q JOIN routes r ON r.id = q.route
            WHERE q.project_id = ${project} AND r.role = 'reviewer' AND q.state = ${queued.open}
              AND q.excluded_person IS DISTINCT FROM ${person})
          + (SELECT count(*) FROM ${heldReviews(project, person, now)}) AS waiting`,
    )
  ).waiting
