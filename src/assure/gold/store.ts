/** SQL of gold: keys, who has seen one, and the answers that count. */
import { sql } from 'kysely'
import { emit } from '../../platform/events.ts'
import { all, type Db, first, json } from '../../platform/sql.ts'
import type { Expected } from './contract.ts'
import type { Said } from './rules.ts'

export interface GoldTask {
  id: string
  purpose: string
  template: string
  version: number
  /** Message id of the prompt. */
  prompt: string
  targets: string[]
}

/** A task of a project, its row locked until the transaction ends: two keys at once are set one after the other. */
export const lockTask = (trx: Db, project: string, task: string): Promise<GoldTask | undefined> =>
  first(
    trx,
    sql<GoldTask>`
      SELECT t.id, t.purpose, t.template_id AS template, t.template_version AS version, p.message_id AS prompt, t.targets
      FROM tasks t JOIN prompts p ON p.id = t.prompt_id
      WHERE t.id = ${task}::uuid AND t.project_id = ${project}::uuid FOR NO KEY UPDATE OF t`,
  )

export const isTask = async (db: Db, project: string, task: string): Promise<boolean> =>
  (await first(
    db,
    sql`SELECT 1 FROM tasks WHERE id = ${task}::uuid AND project_id = ${project}::uuid AND purpose <> 'review'`,
  )) !== undefined

interface KeyRow {
  expected: Expected[]
  explanation: string
  by: { id: string; name: string }
  at: Date
}
const keyColumns = sql`k.expected, k.explanation, json_build_object('id', pe.id, 'name', pe.name) AS by, k.set_at AS at`

const toKey = ({ at, ...key }: KeyRow) => ({ ...key, at: at.toISOString() })

export async function findKey(db: Db, task: string) {
  const row = await first(
    db,
    sql<KeyRow>`SELECT ${keyColumns} FROM gold_keys k JOIN people pe ON pe.id = k.set_by WHERE k.task_id = ${task}::uuid`,
  )
  return row && toKey(row)
}

/** Newest task first; `after` is the id of the last row of the page before. */
export async function listKeys(db: Db, project: string, { after, limit }: { after?: string; limit: number }) {
  const rows = await all(
    db,
    sql<KeyRow & { id: string; opening: string }>`
      SELECT t.id, p.opening, ${keyColumns}
      FROM gold_keys k JOIN people pe ON pe.id = k.set_by JOIN tasks t ON t.id = k.task_id JOIN prompts p ON p.id = t.prompt_id
      WHERE k.project_id = ${project} AND ${after ? sql`k.task_id < ${after}::uuid` : sql`true`}
      ORDER BY k.task_id DESC LIMIT ${limit}`,
  )
  return rows.map((row) => ({ ...toKey(row), id: row.id, opening: row.opening }))
}

interface NewKey {
  task: string
  project: string
  expected: Expected[]
  explanation: string
  madeOf: string[]
  by: string
  at: Date
}

/** Stores the key and gives the task its purpose; what it was for before is kept from the first key. */
export const setKey = (trx: Db, key: NewKey) =>
  sql`
    WITH kept AS (
      INSERT INTO gold_keys (task_id, project_id, expected, explanation, made_of, purpose_before, set_by, set_at)
      SELECT id, project_id, ${json(key.expected)}, ${key.explanation}, ${key.madeOf}::uuid[], purpose, ${key.by}, ${key.at}
      FROM tasks WHERE id = ${key.task}
      ON CONFLICT (task_id) DO UPDATE SET expected = EXCLUDED.expected, explanation = EXCLUDED.explanation,
        made_of = EXCLUDED.made_of, set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at)
    UPDATE tasks SET purpose = 'gold' WHERE id = ${key.task}`.execute(trx)

/** Answers of the task count for something else from now on: what was learned from them is looked at again. */
export const notePurpose = (trx: Db, project: string, task: string): Promise<void> =>
  emit(trx, { project, kind: 'task.purpose', subject: task, data: { task } })

/** Returns false where the task has no key. */
export const removeKey = async (trx: Db, task: string): Promise<boolean> =>
  (await first(
    trx,
    sql`
      WITH gone AS (DELETE FROM gold_keys WHERE task_id = ${task} RETURNING task_id, purpose_before)
      UPDATE tasks t SET purpose = gone.purpose_before FROM gone WHERE t.id = gone.task_id RETURNING t.id`,
  )) !== undefined

export interface SaidInForce extends Said {
  submission: string
  person: { id: string; name: string }
  /** A reviewer's, in the place of somebody else's. */
  isCorrection: boolean
}

/** What people say of a task as it counts today, submission by submission. */
export const saidOfTask = (db: Db, task: string): Promise<SaidInForce[]> =>
  all(
    db,
    sql<SaidInForce>`
      SELECT a.submission_id AS submission, json_build_object('id', pe.id, 'name', pe.name) AS person,
        (s.task_id <> a.task_id) AS "isCorrection", a.step, a.kind, a.targets, a.payload
      FROM annotations_in_force a JOIN people pe ON pe.id = a.person_id JOIN assignments s ON s.id = a.assignment_id
      WHERE a.task_id = ${task}::uuid AND a.source = 'person' ORDER BY a.id`,
  )

export interface OwnAnswer {
  assignment: string
  task: string
  seed: number
  targets: string[]
  withdrawn: boolean
  expected: Expected[] | null
  explanation: string | null
  said: Said[]
}

const saidIn = (submission: ReturnType<typeof sql>) => sql`(
  SELECT coalesce(json_agg(json_build_object('step', n.step, 'kind', n.kind, 'targets', to_jsonb(n.targets), 'payload', n.payload)
    ORDER BY n.id), '[]') FROM annotations n WHERE n.submission_id = ${submission})`

const ownColumns = sql`a.id AS assignment, a.task_id AS task, (a.presentation->>'seed')::int AS seed, t.targets,
  s.withdrawn_at IS NOT NULL AS withdrawn, k.expected, k.explanation`

/** What a person sent to a task of the project, with the key of the task where it is gold. */
export const ownAnswer = (
  db: Db,
  of: { project: string; submission: string; person: string },
): Promise<OwnAnswer | undefined> =>
  first(
    db,
    sql<OwnAnswer>`
      SELECT ${ownColumns}, ${saidIn(sql`s.id`)} AS said
      FROM submissions s JOIN assignments a ON a.id = s.assignment_id JOIN tasks t ON t.id = a.task_id
      LEFT JOIN gold_keys k ON k.task_id = t.id
      WHERE s.id = ${of.submission}::uuid AND a.project_id = ${of.project}::uuid AND a.person_id = ${of.person}::uuid
        AND t.purpose <> 'review'`,
  )

/** The same of submissions after which the person has learned the key, as far as it stands. */
export const toldAnswers = (db: Db, submissions: string[]): Promise<(OwnAnswer & { submission: string })[]> =>
  all(
    db,
    sql<OwnAnswer & { submission: string }>`
      SELECT e.submission_id AS submission, ${ownColumns}, ${saidIn(sql`e.submission_id`)} AS said
      FROM gold_explained e JOIN submissions s ON s.id = e.submission_id JOIN assignments a ON a.id = e.assignment_id
      JOIN tasks t ON t.id = a.task_id JOIN gold_keys k ON k.task_id = t.id
      WHERE e.submission_id = ANY(${submissions}::uuid[])`,
  )

/** Notes that the person has learned the key with this submission; the first one stays: false for any after it. */
export const noteExplained = async (trx: Db, assignment: string, submission: string, at: Date): Promise<boolean> =>
  (await first(
    trx,
    sql`
      INSERT INTO gold_explained (assignment_id, submission_id, at) VALUES (${assignment}, ${submission}, ${at})
      ON CONFLICT (assignment_id) DO NOTHING RETURNING 1`,
  )) !== undefined

export interface GoldAnswer {
  person: string
  task: string
  at: Date
  said: Said[]
  /** The key that was written; null: the task has none, and `imported` is what its pair came with. */
  expected: Expected[] | null
  imported: Omit<Said, 'step'> | null
}

/**
 * Answers to tasks whose right answer is known, the newest first: a key was written, or a task of purpose gold or calibration
 * has a pair that was imported with a judgement. One answer a person and task: the one after which the person learned the
 * key, otherwise the first that stands. Whoever wrote the key, or gave the answer that it was taken from, is left out.
 */
export const goldAnswers = (
  db: Db,
  project: string,
  { tasks, limit }: { tasks?: string[]; limit: number },
): Promise<GoldAnswer[]> =>
  all(
    db,
    sql<GoldAnswer>`
      WITH tested AS MATERIALIZED (
        SELECT t.id, t.targets, k.expected, k.made_of, k.set_by FROM tasks t LEFT JOIN gold_keys k ON k.task_id = t.id
        WHERE t.project_id = ${project} AND t.purpose IN ('gold', 'calibration')
          AND (k.task_id IS NOT NULL OR cardinality(t.targets) = 2)
          AND ${tasks ? sql`t.id = ANY(${tasks}::uuid[])` : sql`true`}),
      imported AS MATERIALIZED (
        SELECT DISTINCT ON (t.id) t.id AS task, i.kind, i.targets, i.payload
        FROM tested t JOIN annotations i ON least(i.targets[1], i.targets[2]) = least(t.targets[1], t.targets[2])
          AND greatest(i.targets[1], i.targets[2]) = greatest(t.targets[1], t.targets[2]) AND cardinality(i.targets) = 2
        WHERE t.expected IS NULL AND i.project_id = ${project} AND i.source = 'import' ORDER BY t.id, i.id),
      counted AS (
        SELECT DISTINCT ON (a.id) a.person_id AS person, t.id AS task, s.id AS submission, s.sent_at AS at, t.expected,
          CASE WHEN i.task IS NULL THEN NULL
            ELSE jsonb_build_object('kind', i.kind, 'targets', to_jsonb(i.targets), 'payload', i.payload) END AS imported
        FROM tested t LEFT JOIN imported i ON i.task = t.id JOIN assignments a ON a.task_id = t.id
          JOIN submissions s ON s.assignment_id = a.id LEFT JOIN gold_explained e ON e.assignment_id = a.id
        WHERE (t.expected IS NOT NULL OR i.task IS NOT NULL) AND a.person_id IS DISTINCT FROM t.set_by
          AND CASE WHEN e.submission_id IS NULL THEN s.withdrawn_at IS NULL ELSE s.id = e.submission_id END
          AND NOT EXISTS (SELECT 1 FROM submissions m WHERE m.assignment_id = a.id AND m.id = ANY(t.made_of))
        ORDER BY a.id, s.sent_at, s.id)
      SELECT person, task, at, expected, imported, ${saidIn(sql`c.submission`)} AS said
      FROM counted c ORDER BY c.submission DESC LIMIT ${limit}`,
  )
