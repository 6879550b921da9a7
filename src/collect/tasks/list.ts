/** The lead's view of tasks: a list paged by key, and one task with its history. */
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { all, containing, type Db, first, one, pageFrom } from '../../platform/sql.ts'
import { loadTemplate } from '../templates/store.ts'
import { type annotationView, type TaskFilter, type TaskRow, taskStates } from './contract.ts'
import { flagsOfTask, personColumn, reportedOf } from './flags.ts'
import { conversationTo, messagesOf } from './read.ts'
import { assigned, queued } from './states.ts'

interface Row {
  id: string
  state: number
  purpose: TaskRow['purpose']
  template: string
  opening: string
  overlap: number
  answered: number
  remaining: number
  priority: number
  created_at: Date
}

const toRow = (row: Row): Omit<TaskRow, 'reported'> => ({
  id: row.id,
  state: taskStates[row.state]!,
  purpose: row.purpose,
  template: row.template,
  opening: row.opening,
  overlap: row.overlap,
  answered: row.answered,
  remaining: row.remaining,
  priority: row.priority,
  createdAt: row.created_at.toISOString(),
})

const stateNumber = {
  open: queued.open,
  'handed-out': queued.handedOut,
  answered: queued.answered,
  withdrawn: queued.withdrawn,
}

type Filter = TaskFilter & { project: string }

/** Twice as fast as ILIKE. An index of trigrams would find rare words at once, and make an import of prompts several times slower. */
const contains = (search: string) => sql`lower(p.opening) LIKE lower(${containing(search)}::text)`

const answeredBy = (project: string, people: string[]) => sql`
  SELECT a.task_id FROM assignments a WHERE a.person_id = ANY(${people}::uuid[]) AND a.project_id = ${project}
    AND a.state IN (${assigned.answered}, ${assigned.returned})`

const reportedTasks = (project: string, reported: NonNullable<Filter['reported']>) =>
  sql.join(
    reported.map((one) => reportedAs(project)[one]),
    sql` UNION ALL `,
  )
const reportedAs = (project: string) => ({
  flagged: sql`SELECT f.task_id FROM flags f WHERE f.project_id = ${project} AND f.resolved_at IS NULL`,
  skipped: sql`SELECT a.task_id FROM assignments a WHERE a.project_id = ${project} AND a.state = ${assigned.skipped}`,
})

/**
 * Tasks `t` that match. What people did, and what a round made, is read first, as one array that the index of tasks is searched for: a look from each
 * task at who had it took a quarter of a second at 100,000. The same for texts, unless there is such an array already: a second
 * one would be walked for each task.
 */
function matched({ project, state, purpose, search, person, reported, guideline, round }: Filter) {
  const sets = [
    person && answeredBy(project, person),
    reported && reportedTasks(project, reported),
    round && sql`SELECT w.task_id FROM round_tasks w WHERE w.round_id = ${round}`,
  ].filter((set) => !!set)
  const among = sql.join(
    sets.map((set) => sql`(${set})`),
    sql` INTERSECT `,
  )
  const prompts = search && sql`SELECT p.id FROM prompts p WHERE p.project_id = ${project} AND ${contains(search)}`
  return sql`
    tasks t ${state ? sql`JOIN queue q ON q.task_id = t.id` : sql``} WHERE t.project_id = ${project}
    AND ${state ? sql`q.project_id = ${project} AND q.state IN (${sql.join(state.map((one) => stateNumber[one]))})` : sql`true`}
    AND ${purpose ? sql`t.purpose = ANY(${purpose})` : sql`true`}
    AND ${sets.length ? sql`t.id = ANY(ARRAY(${among}))` : sql`true`}
    AND ${guideline ? sql`EXISTS (SELECT 1 FROM annotations_in_force f WHERE f.task_id = t.id AND f.source = 'person' AND f.guideline_version = ANY(${guideline}::int[]))` : sql`true`}
    AND ${prompts ? (sets.length ? sql`t.prompt_id IN (${prompts})` : sql`t.prompt_id = ANY(ARRAY(${prompts}))`) : sql`true`}`
}

/** So many of the newest are looked at for a text before all prompts are: a word that many hold is among them. */
const newest = 2000

/** The ids of one page, the newest first. */
async function pageOf(db: Db, filter: Filter, after: string | undefined, limit: number): Promise<string[]> {
  const ids = async (query: RawBuilder<{ id: string }>) => (await all(db, query)).map(({ id }) => id)
  const { search, ...rest } = filter
  const before = after ? sql`t.id < ${after}::uuid` : sql`true`
  const found = search
    ? await ids(sql`
        SELECT t.id FROM (
          SELECT t.id, t.prompt_id FROM ${matched(rest)} AND ${before} ORDER BY t.id DESC LIMIT ${newest}) t
        JOIN prompts p ON p.id = t.prompt_id WHERE ${contains(search)} ORDER BY t.id DESC LIMIT ${limit}`)
    : []
  if (found.length === limit) return found
  return ids(sql`SELECT t.id FROM ${matched(filter)} AND ${before} ORDER BY t.id DESC LIMIT ${limit}`)
}

const rowColumns = sql`
  t.id, q.state, t.purpose, tp.name AS template, p.opening, t.overlap, q.answered, q.remaining, q.priority, t.created_at`
const rowTables = sql`
  tasks t JOIN queue q ON q.task_id = t.id JOIN prompts p ON p.id = t.prompt_id
  JOIN templates tp ON tp.id = t.template_id AND tp.version = t.template_version`

/** Newest first; `after` is the id of the last row of the page before. */
export async function listTasks(
  db: Db,
  { after, limit, ...filter }: Filter & { after?: string; limit: number },
): Promise<{ rows: TaskRow[]; next: string | null }> {
  const { rows: shown, next } = pageFrom(await pageOf(db, filter, after, limit + 1), limit, (id) => id)
  const [rows, reported] = await Promise.all([
    all(db, sql<Row>`SELECT ${rowColumns} FROM ${rowTables} WHERE t.id = ANY(${shown}::uuid[]) ORDER BY t.id DESC`),
    reportedOf(db, shown),
  ])
  return { rows: rows.map((row) => ({ ...toRow(row), reported: reported.get(row.id) ?? [] })), next }
}

export const countTasks = async (db: Db, filter: Filter): Promise<number> =>
  (await one(db, sql<{ n: number }>`SELECT count(*) AS n FROM ${matched(filter)}`)).n

/** No more than `limit` of them. */
export const tasksMatching = async (db: Db, filter: Filter, limit: number): Promise<string[]> =>
  (await all(db, sql<{ id: string }>`SELECT t.id FROM ${matched(filter)} LIMIT ${limit}`)).map(({ id }) => id)

const states = ['leased', 'answered', 'expired', 'skipped', 'given-back', 'returned'] as const

/** One task with its conversation, responses, every annotation (in force or not) and every assignment. */
export async function findTask(db: Db, project: string, task: string) {
  const row = await first(
    db,
    sql<Row & { template_id: string; template_version: number; message_id: string; targets: string[] }>`
      SELECT ${rowColumns}, t.template_id, t.template_version, t.targets, p.message_id FROM ${rowTables}
      WHERE t.id = ${task} AND t.project_id = ${project}`,
  )
  if (!row) return undefined
  const [template, conversation, targets, annotations, assignments, flags] = await Promise.all([
    loadTemplate(db, row.template_id, row.template_version),
    conversationTo(db, row.message_id),
    messagesOf(db, row.targets),
    annotationsOfTask(db, task),
    assignmentsOfTask(db, task),
    flagsOfTask(db, task),
  ])
  const names = await policyNames(
    db,
    targets.flatMap((target) => target.authorId ?? []),
  )
  return {
    ...toRow(row),
    steps: template.steps,
    conversation,
    targets: targets.map(({ id, text, author, authorId }) => ({
      id,
      text,
      author,
      authorName: (authorId && names.get(authorId)) || null,
    })),
    annotations,
    assignments,
    flags,
  }
}

async function policyNames(db: Db, ids: string[]): Promise<Map<string, string>> {
  if (!ids.length) return new Map()
  const rows = await all(
    db,
    sql<{ id: string; name: string }>`SELECT id, name FROM policies WHERE id = ANY(${ids}::uuid[])`,
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}

type AnnotationView = z.infer<typeof annotationView>

async function annotationsOfTask(db: Db, task: string): Promise<AnnotationView[]> {
  const rows = await all(
    db,
    sql<Omit<AnnotationView, 'at'> & { at: Date }>`
      SELECT a.id, a.submission_id AS submission, ${personColumn}, a.source, a.step, a.kind, a.targets, a.payload, a.supersedes,
        s.withdrawn_at IS NOT NULL AS withdrawn, f.id IS NOT NULL AS "inForce", a.guideline_version AS "guidelineVersion", a.at,
        a.active_ms AS "activeMs"
      FROM annotations a LEFT JOIN annotations_in_force f ON f.id = a.id LEFT JOIN submissions s ON s.id = a.submission_id
      LEFT JOIN people pe ON pe.id = a.person_id
      WHERE a.task_id = ${task} ORDER BY a.id`,
  )
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}

async function assignmentsOfTask(db: Db, task: string) {
  const rows = await all(
    db,
    sql<{
      id: string
      person: { id: string; name: string; simulated: boolean }
      state: number
      claimed_at: Date
      skip_reason: string | null
    }>`
      SELECT a.id, ${personColumn}, a.state, a.claimed_at, a.skip_reason
      FROM assignments a JOIN people pe ON pe.id = a.person_id WHERE a.task_id = ${task} ORDER BY a.claimed_at, a.id`,
  )
  return rows.map((row) => ({
    id: row.id,
    person: row.person,
    state: states[row.state]!,
    claimedAt: row.claimed_at.toISOString(),
    skipReason: row.skip_reason,
  }))
}
