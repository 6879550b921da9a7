/** SQL of the list of prompts. */
import { sql } from 'kysely'
import { all, containing, type Db, first, pageFrom } from '../../platform/sql.ts'
import { conversationTo } from '../tasks/read.ts'
import type { PromptRow } from './contract.ts'

interface Row {
  id: string
  opening: string
  tags: string[]
  responses: number
  tasks: number
  created_at: Date
}
const toRow = ({ created_at, ...row }: Row): PromptRow => ({ ...row, createdAt: created_at.toISOString() })

const columns = sql`
  p.id, p.opening, p.tags, p.created_at,
  (SELECT count(*) FROM messages m WHERE m.parent_id = p.message_id AND m.role = 'assistant') AS responses,
  (SELECT count(*) FROM tasks t WHERE t.prompt_id = p.id) AS tasks`

interface ListInput {
  project: string
  after?: string
  limit: number
  search?: string
  tag?: string
  alike?: string
}

export async function listPrompts(db: Db, { project, after, limit, search, tag, alike }: ListInput) {
  const rows = await all(
    db,
    sql<Row>`
      SELECT ${columns} FROM prompts p
      WHERE p.project_id = ${project} AND ${after ? sql`p.id < ${after}::uuid` : sql`true`}
        AND ${search ? sql`p.opening ILIKE ${containing(search)}` : sql`true`}
        AND ${tag ? sql`${tag} = ANY(p.tags)` : sql`true`}
        AND ${alike ? sql`p.id IN (SELECT prompt_id FROM duplicate_prompts WHERE group_id = ${alike}::uuid)` : sql`true`}
      ORDER BY p.id DESC LIMIT ${limit + 1}`,
  )
  return pageFrom(rows.map(toRow), limit, ({ id }) => id)
}

export async function findPrompt(db: Db, project: string, id: string) {
  const row = await first(
    db,
    sql<Row & { message_id: string; metadata: Record<string, unknown> }>`
      SELECT ${columns}, p.message_id, p.metadata FROM prompts p WHERE p.id = ${id} AND p.project_id = ${project}`,
  )
  if (!row) return undefined
  const { message_id, metadata, ...shown } = row
  const [conversation, answers] = await Promise.all([
    conversationTo(db, message_id),
    all(
      db,
      sql<{ id: string; text: string | null; author: string; authorName: string | null; cutOff: boolean }>`
        SELECT m.id, m.text, m.author, po.name AS "authorName", coalesce(m.origin->>'finish' = 'length', false) AS "cutOff"
        FROM messages m LEFT JOIN policies po ON po.id = m.author_id
        WHERE m.parent_id = ${message_id} AND m.role = 'assistant' ORDER BY m.id LIMIT 200`,
    ),
  ])
  return { ...toRow(shown), conversation, metadata, answers }
}

export const tagPrompts = async (
  trx: Db,
  project: string,
  prompts: string[],
  add: string[],
  remove: string[],
): Promise<string[]> => {
  const tagged = await all(
    trx,
    sql<{ id: string }>`
      UPDATE prompts SET tags = ARRAY(
        SELECT DISTINCT tag FROM unnest(tags || ${add}::text[]) AS tag WHERE tag <> ALL(${remove}::text[]) ORDER BY tag)
      WHERE project_id = ${project} AND id = ANY(${prompts}::uuid[]) RETURNING id`,
  )
  return tagged.map(({ id }) => id)
}
