/**
 * Writes prompts, responses, tasks and imported judgements in batches, set by set. Everything is found again by a salted
 * hash of its content, so that the same file twice adds nothing. Whoever inserts a prompt has it alone until the end of the
 * transaction: what hangs below a fresh one is copied in without a look, and only what adds to a known one is compared.
 */
import { sql } from 'kysely'
import { copyRows } from '../../platform/copy.ts'
import { sha256, sha256Hex } from '../../platform/ids.ts'
import { all, arrayText, type Db } from '../../platform/sql.ts'
import type { Turn } from '../tasks/read.ts'
import { type NewTask, type TaskPlan, writeFirstTasks, writeTasks } from '../tasks/write.ts'
import { writeJudgements } from './judgements.ts'
import { bytea, column, drawnOrder, jsonText, type Prepared, prepare } from './prepared.ts'

/** A judgement that came with an import, as the payload of a kind. `targets` are indices into the responses. */
export interface ImportedJudgement {
  kind: string
  targets: number[]
  payload: unknown
}

export interface NewPrompt {
  turns: Turn[]
  responses: { text: string; metadata?: Record<string, unknown> }[]
  judgement?: ImportedJudgement
  metadata: Record<string, unknown>
  tags?: string[]
}

export interface Written {
  prompts: number
  responses: number
  tasks: number
  judgements: number
  /** Rows that added nothing. */
  skipped: number
}

const opening = (turns: Turn[]) => (turns.at(-1)?.text ?? '').slice(0, 200)
/**
 * Inserts prompts that are not there yet; afterwards every row knows the id of its prompt and of its last turn. Returns the
 * rows that stand for a fresh prompt, and the ids of the prompts that were known.
 */
async function writePrompts(
  trx: Db,
  project: string,
  rows: Prepared[],
): Promise<{ fresh: Set<Prepared>; known: Set<string> }> {
  const byHash = new Map<string, Prepared>()
  for (const row of rows) if (!byHash.has(row.hash)) byHash.set(row.hash, row)
  const distinct = [...byHash.values()]
  const inserted = await all(
    trx,
    sql<{ hash: string }>`
      INSERT INTO prompts (id, project_id, message_id, hash, metadata, opening, tags)
      SELECT id, ${project}::uuid, message, decode(hash, 'hex'), metadata, opening, tags::text[]
      FROM unnest(${column(distinct, 'promptId')}::uuid[], ${distinct.map((row) => row.messageIds.at(-1))}::uuid[],
        ${column(distinct, 'hash')}::text[], ${distinct.map((row) => jsonText(row.row.metadata))}::jsonb[],
        ${distinct.map((row) => opening(row.row.turns))}::text[], ${distinct.map((row) => arrayText(row.row.tags ?? []))}::text[])
        AS t(id, message, hash, metadata, opening, tags)
      ON CONFLICT (project_id, hash) DO NOTHING RETURNING encode(hash, 'hex') AS hash`,
  )
  const fresh = new Set(inserted.map(({ hash }) => byHash.get(hash)!))
  const existing = distinct.filter((row) => !fresh.has(row))
  if (existing.length) {
    const found = await all(
      trx,
      sql<{ id: string; message_id: string; hash: string }>`
        SELECT id, message_id, encode(hash, 'hex') AS hash FROM prompts
        WHERE project_id = ${project} AND hash = ANY(${existing.map(({ hash }) => bytea(hash))}::bytea[])`,
    )
    for (const { id, message_id, hash } of found) {
      const row = byHash.get(hash)!
      row.promptId = id
      row.messageIds = [message_id]
    }
  }
  for (const row of rows) {
    const first = byHash.get(row.hash)!
    row.promptId = first.promptId
    row.messageIds = first.messageIds
  }
  return { fresh, known: new Set(column(existing, 'promptId')) }
}

interface MessageRow {
  id: string
  parent: string | null
  role: string
  text: string
  hash: string
  origin: string
}

const writeMessages = (trx: Db, project: string, messages: MessageRow[]): Promise<void> =>
  copyRows(
    trx,
    'messages',
    ['project_id', 'author', 'id', 'parent_id', 'role', 'text', 'hash', 'origin'],
    messages,
    ({ id, parent, role, text, hash, origin }) => [project, 'import', id, parent, role, text, bytea(hash), origin],
  )

const turnsOf = (salt: Buffer, row: Prepared): MessageRow[] =>
  row.row.turns.map((turn, i) => ({
    id: row.messageIds[i]!,
    parent: row.messageIds[i - 1] ?? null,
    role: turn.role,
    text: turn.text,
    hash: sha256Hex(salt, turn.text),
    origin: '{}',
  }))

/** The responses that their prompt does not have yet, and which rows brought any. */
async function newResponses(
  trx: Db,
  rows: Prepared[],
  known: Set<string>,
): Promise<{ brought: Set<Prepared>; messages: MessageRow[] }> {
  const parents = [...new Set(rows.filter((row) => known.has(row.promptId)).map((row) => row.messageIds.at(-1)!))]
  const there = new Map<string, string>()
  if (parents.length) {
    const found = await all(
      trx,
      sql<{ id: string; parent_id: string; hash: string }>`
        SELECT id, parent_id, encode(hash, 'hex') AS hash FROM messages
        WHERE parent_id = ANY(${parents}::uuid[]) AND role = 'assistant' AND author = 'import'`,
    )
    for (const { id, parent_id, hash } of found) there.set(`${parent_id} ${hash}`, id)
  }
  const messages: MessageRow[] = []
  const brought = new Set<Prepared>()
  for (const row of rows) {
    const parent = row.messageIds.at(-1)!
    for (const [i, { text, metadata }] of row.row.responses.entries()) {
      const key = `${parent} ${row.responseHashes[i]}`
      const id = there.get(key)
      if (id) row.responseIds[i] = id
      else {
        there.set(key, row.responseIds[i]!)
        messages.push({
          id: row.responseIds[i]!,
          parent,
          role: 'assistant',
          text,
          hash: row.responseHashes[i]!,
          origin: metadata ? jsonText(metadata) : '{}',
        })
        brought.add(row)
      }
    }
  }
  return { brought, messages }
}

/** Makes a task of each row with responses; returns the task of each row that made one. */
async function tasksOf(
  trx: Db,
  project: string,
  salt: Buffer,
  rows: Prepared[],
  known: Set<string>,
  plan: TaskPlan,
): Promise<Map<Prepared, string>> {
  const bySource = new Map<string, Prepared>()
  const first: NewTask[] = []
  const others: NewTask[] = []
  for (const row of rows) {
    const hash = Buffer.from(row.hash, 'hex')
    const source = sha256(salt, 'task', plan.template.id, hash, ...[...row.responseHashes].sort())
    const key = source.toString('hex')
    if (bySource.has(key)) continue
    bySource.set(key, row)
    const targets = drawnOrder(source, row.responseIds.length).map((i) => row.responseIds[i]!)
    const list = known.has(row.promptId) ? others : first
    list.push({ prompt: row.promptId, targets, source })
  }
  const written = await writeFirstTasks(trx, project, first, plan)
  if (others.length) written.push(...(await writeTasks(trx, project, others, plan)))
  return new Map(written.map(({ id, source }) => [bySource.get(source.toString('hex'))!, id]))
}

/** Writes one batch in the caller's transaction. With a plan each row with responses becomes a task as well. */
export async function writePromptBatch(
  trx: Db,
  { project, salt, at }: { project: string; salt: Buffer; at: Date },
  batch: NewPrompt[],
  plan?: TaskPlan,
): Promise<Written> {
  const rows = batch.map((row) => prepare(salt, row))
  const { fresh, known } = await writePrompts(trx, project, rows)
  const { brought, messages } = await newResponses(trx, rows, known)
  await writeMessages(trx, project, [...[...fresh].flatMap((row) => turnsOf(salt, row)), ...messages])
  const answered = plan ? rows.filter((row) => row.responseIds.length) : []
  const tasks = plan ? await tasksOf(trx, project, salt, answered, known, plan) : new Map<Prepared, string>()
  const judged = await writeJudgements(trx, project, salt, rows, known, at, tasks)
  return {
    prompts: fresh.size,
    responses: messages.length,
    tasks: tasks.size,
    judgements: judged.size,
    skipped: rows.filter((row) => !fresh.has(row) && !brought.has(row) && !tasks.has(row) && !judged.has(row)).length,
  }
}
