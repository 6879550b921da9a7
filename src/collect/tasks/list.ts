/** The lead's view of tasks: a list paged by key, and one task with its history. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { all, containing, type Db, first, pageFrom } from '../../platform/sql.ts'
import { loadTemplate } from '../templates/store.ts'
import { type annotationView, type TaskRow, taskStates, type tasks } from './contract.ts'
import { conversationTo, messagesOf } from './read.ts'
import { queueState } from './states.ts'

type ListInput = z.infer<NonNullable<(typeof tasks.list)['~orpc']['inputSchema']>>

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

const toRow = (row: Row): TaskRow => ({
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
  open: queueState.open,
  'handed-out': queueState.handedOut,
  answered: queueState.answered,
  withdrawn: queueState.withdrawn,
}

const isReported = { flagged: sql`a.flag IS NOT NULL`, skipped: sql`a.skip_reason IS NOT NULL` }

const rowColumns = sql`
  t.id, q.state, t.purpose, tp.name AS template, p.opening, t.overlap, q.answered, q.remaining, q.priority, t.created_at`
const rowTables = sql`
  tasks t JOIN queue q ON q.task_id = t.id JOIN prompts p ON p.id = t.prompt_id
  JOIN templates tp ON tp.id = t.template_id AND tp.version = t.template_version`

/** Newest first; `after` is the id of the last row of the page before. */
export async function listTasks(
  db: Db,
  { project, after, limit, state, purpose, search, person, reported, guideline, round }: ListInput,
): Promise<{ rows: TaskRow[]; next: string | null }> {
  const rows = await all(
    db,
    sql<Row>`
      SELECT ${rowColumns} FROM ${rowTables}
      WHERE t.project_id = ${project}
        AND ${after ? sql`t.id < ${after}::uuid` : sql`true`}
        AND ${state ? sql`q.state = ${stateNumber[state]}` : sql`true`}
        AND ${purpose ? sql`t.purpose = ${purpose}` : sql`true`}
        AND ${search ? sql`p.opening ILIKE ${containing(search)}` : sql`true`}
        AND ${person ? sql`EXISTS (SELECT 1 FROM assignments a WHERE a.task_id = t.id AND a.person_id = ${person})` : sql`true`}
        AND ${reported ? sql`EXISTS (SELECT 1 FROM assignments a WHERE a.task_id = t.id AND ${isReported[reported]})` : sql`true`}
        AND ${guideline ? sql`EXISTS (SELECT 1 FROM annotations_in_force f WHERE f.task_id = t.id AND f.source = 'person' AND f.guideline_version = ${guideline})` : sql`true`}
        AND ${round ? sql`EXISTS (SELECT 1 FROM round_tasks w WHERE w.task_id = t.id AND w.round_id = ${round})` : sql`true`}
      ORDER BY t.id DESC LIMIT ${limit + 1}`,
  )
  return pageFrom(rows.map(toRow), limit, ({ id }) => id)
}

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
  const [template, conversation, targets, annotations, assignments] = await Promise.all([
    loadTemplate(db, row.template_id, row.template_version),
    conversationTo(db, row.message_id),
    messagesOf(db, row.targets),
    annotationsOfTask(db, task),
    assignmentsOfTask(db, task),
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

const personColumns = sql`CASE WHEN pe.id IS NULL THEN NULL ELSE
  json_build_object('id', pe.id, 'name', pe.name, 'simulated', pe.simulated_as IS NOT NULL) END AS person`

type AnnotationView = z.infer<typeof annotationView>

async function annotationsOfTask(db: Db, task: string): Promise<AnnotationView[]> {
  const rows = await all(
    db,
    sql<Omit<AnnotationView, 'at'> & { at: Date }>`
      SELECT a.id, a.submission_id AS submission, ${personColumns}, a.source, a.step, a.kind, a.targets, a.payload, a.supersedes,
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
      flag: string | null
      skip_reason: string | null
    }>`
      SELECT a.id, ${personColumns}, a.state, a.claimed_at, a.flag, a.skip_reason
      FROM assignments a JOIN people pe ON pe.id = a.person_id WHERE a.task_id = ${task} ORDER BY a.claimed_at, a.id`,
  )
  return rows.map((row) => ({
    id: row.id,
    person: row.person,
    state: states[row.state]!,
    claimedAt: row.claimed_at.toISOString(),
    flag: row.flag,
    skipReason: row.skip_reason,
  }))
}
