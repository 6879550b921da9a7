/** Reads of tasks and messages that later stations use, inside the caller's transaction. */
import { sql } from 'kysely'
import { all, type Db, first } from '../../platform/sql.ts'

export interface Turn {
  role: 'system' | 'user' | 'assistant'
  text: string
}

/** How a text that was erased reads. */
export const erased = '[erased]'

/** The conversation that ends with a message, oldest turn first. An erased text reads as such. */
export const conversationTo = (db: Db, message: string): Promise<Turn[]> =>
  all(
    db,
    sql<Turn>`
      WITH RECURSIVE line AS (
        SELECT id, parent_id, role, text, 0 AS depth FROM messages WHERE id = ${message}::uuid
        UNION ALL
        SELECT m.id, m.parent_id, m.role, m.text, line.depth + 1 FROM messages m JOIN line ON m.id = line.parent_id)
      SELECT role, coalesce(text, ${erased}) AS text FROM line ORDER BY depth DESC`,
  )

/** The same for many messages in one query; a message that is not there has no entry. */
export async function conversationsTo(db: Db, messages: string[]): Promise<Map<string, Turn[]>> {
  const rows = await all(
    db,
    sql<{ id: string; turns: Turn[] }>`
      WITH RECURSIVE line AS (
        SELECT id AS leaf, parent_id, role, text, 0 AS depth FROM messages WHERE id = ANY(${messages}::uuid[])
        UNION ALL
        SELECT line.leaf, m.parent_id, m.role, m.text, line.depth + 1 FROM messages m JOIN line ON m.id = line.parent_id)
      SELECT leaf AS id, json_agg(json_build_object('role', role, 'text', coalesce(text, ${erased})) ORDER BY depth DESC) AS turns
      FROM line GROUP BY leaf`,
  )
  return new Map(rows.map(({ id, turns }) => [id, turns]))
}

export interface Message {
  id: string
  text: string | null
  author: 'import' | 'person' | 'policy'
  authorId: string | null
}

/** Messages in the order asked for. */
export const messagesOf = (db: Db, ids: string[]): Promise<Message[]> =>
  all(
    db,
    sql<Message>`
      SELECT m.id, m.text, m.author, m.author_id AS "authorId"
      FROM unnest(${ids}::uuid[]) WITH ORDINALITY AS wanted(id, place) JOIN messages m ON m.id = wanted.id ORDER BY place`,
  )

interface AnnotationInForce {
  id: string
  task: string
  person: string
  step: string
  kind: string
  targets: string[]
  payload: unknown
  at: Date
}

/** What people said of a task, as it counts today: not withdrawn, not superseded, not imported. */
export const annotationsInForce = (db: Db, tasks: string[]): Promise<AnnotationInForce[]> =>
  all(
    db,
    sql<AnnotationInForce>`
      SELECT id, task_id AS task, person_id AS person, step, kind, targets, payload, at FROM annotations_in_force
      WHERE task_id = ANY(${tasks}::uuid[]) AND source = 'person' ORDER BY id`,
  )

/** Project and purpose of a task. */
export const taskOf = (db: Db, task: string) =>
  first(
    db,
    sql<{ id: string; project: string; purpose: string; prompt: string; targets: string[] }>`
      SELECT id, project_id AS project, purpose, prompt_id AS prompt, targets FROM tasks WHERE id = ${task}::uuid`,
  )
