/**
 * Writes prompts, responses, tasks and imported judgements in batches, set by set. Everything is found again by a salted
 * hash of its content, so that the same file twice adds nothing.
 */
import { sql } from 'kysely'
import { newId, sha256 } from '../../platform/ids.ts'
import { all, arrayText, type Db } from '../../platform/sql.ts'
import { kindOf } from '../kinds/index.ts'
import type { Turn } from '../tasks/read.ts'
import { type TaskPlan, writeTasks } from '../tasks/write.ts'

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

interface Prepared {
  row: NewPrompt
  hash: Buffer
  promptId: string
  messageIds: string[]
  responseHashes: Buffer[]
  responseIds: string[]
}

const opening = (turns: Turn[]) => (turns.at(-1)?.text ?? '').slice(0, 200)
const hex = (bytes: Buffer) => bytes.toString('hex')
const column = <T, K extends keyof T>(rows: T[], name: K) => rows.map((row) => row[name])
const jsonText = (value: unknown) => JSON.stringify(value)

/** A UUID that is the content's own: the same judgement imported twice has the same id. */
function contentId(bytes: Buffer): string {
  const id = Buffer.from(bytes.subarray(0, 16))
  id[6] = (id[6]! & 0x0f) | 0x80
  id[8] = (id[8]! & 0x3f) | 0x80
  return hex(id).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function prepare(salt: Buffer, row: NewPrompt): Prepared {
  const hash = sha256(salt, JSON.stringify(row.turns.map(({ role, text }) => [role, text])))
  return {
    row,
    hash,
    promptId: newId(),
    messageIds: row.turns.map(() => newId()),
    responseHashes: row.responses.map(({ text }) => sha256(salt, text)),
    responseIds: row.responses.map(() => newId()),
  }
}

/** Inserts prompts that are not there yet; afterwards every row knows the id of its prompt and of its last turn. */
async function writePrompts(
  trx: Db,
  project: string,
  rows: Prepared[],
): Promise<{ fresh: Set<Prepared>; known: Set<Prepared> }> {
  const byHash = new Map<string, Prepared>()
  for (const row of rows) if (!byHash.has(hex(row.hash))) byHash.set(hex(row.hash), row)
  const distinct = [...byHash.values()]
  const inserted = await all(
    trx,
    sql<{ hash: Buffer }>`
      INSERT INTO prompts (id, project_id, message_id, hash, metadata, opening, tags)
      SELECT id, ${project}::uuid, message, hash, metadata, opening, tags::text[]
      FROM unnest(${column(distinct, 'promptId')}::uuid[], ${distinct.map((row) => row.messageIds.at(-1))}::uuid[],
        ${column(distinct, 'hash')}::bytea[], ${distinct.map((row) => jsonText(row.row.metadata))}::jsonb[],
        ${distinct.map((row) => opening(row.row.turns))}::text[], ${distinct.map((row) => arrayText(row.row.tags ?? []))}::text[])
        AS t(id, message, hash, metadata, opening, tags)
      ON CONFLICT (project_id, hash) DO NOTHING RETURNING hash`,
  )
  const fresh = new Set(inserted.map(({ hash }) => byHash.get(hex(hash))!))
  const existing = distinct.filter((row) => !fresh.has(row))
  if (existing.length) {
    const found = await all(
      trx,
      sql<{ id: string; message_id: string; hash: Buffer }>`
        SELECT id, message_id, hash FROM prompts WHERE project_id = ${project} AND hash = ANY(${column(existing, 'hash')}::bytea[])`,
    )
    for (const { id, message_id, hash } of found) {
      const row = byHash.get(hex(hash))!
      row.promptId = id
      row.messageIds = [message_id]
    }
  }
  for (const row of rows) {
    const first = byHash.get(hex(row.hash))!
    row.promptId = first.promptId
    row.messageIds = first.messageIds
  }
  return { fresh, known: new Set(existing) }
}

interface MessageRow {
  id: string
  parent: string | null
  role: string
  text: string
  hash: Buffer
  origin: string
}

async function writeMessages(trx: Db, project: string, messages: MessageRow[]): Promise<void> {
  if (!messages.length) return
  await sql`
    INSERT INTO messages (id, project_id, parent_id, role, text, hash, author, origin)
    SELECT id, ${project}::uuid, parent, role, text, hash, 'import', origin FROM unnest(
      ${column(messages, 'id')}::uuid[], ${column(messages, 'parent')}::uuid[], ${column(messages, 'role')}::text[],
      ${column(messages, 'text')}::text[], ${column(messages, 'hash')}::bytea[], ${column(messages, 'origin')}::jsonb[])
      AS t(id, parent, role, text, hash, origin)`.execute(trx)
}

const turnsOf = (salt: Buffer, row: Prepared): MessageRow[] =>
  row.row.turns.map((turn, i) => ({
    id: row.messageIds[i]!,
    parent: row.messageIds[i - 1] ?? null,
    role: turn.role,
    text: turn.text,
    hash: sha256(salt, turn.text),
    origin: '{}',
  }))

/** Inserts responses that their prompt does not have yet; returns how many, and which rows brought any. */
async function writeResponses(
  trx: Db,
  project: string,
  rows: Prepared[],
  known: Set<Prepared>,
): Promise<{ brought: Set<Prepared>; count: number }> {
  const knownPrompts = new Set([...known].map((row) => row.promptId))
  const parents = [
    ...new Set(rows.filter((row) => knownPrompts.has(row.promptId)).map((row) => row.messageIds.at(-1)!)),
  ]
  const there = new Map<string, string>()
  if (parents.length) {
    const found = await all(
      trx,
      sql<{ id: string; parent_id: string; hash: Buffer }>`
        SELECT id, parent_id, hash FROM messages
        WHERE parent_id = ANY(${parents}::uuid[]) AND role = 'assistant' AND author = 'import'`,
    )
    for (const { id, parent_id, hash } of found) there.set(`${parent_id} ${hex(hash)}`, id)
  }
  const messages: MessageRow[] = []
  const brought = new Set<Prepared>()
  for (const row of rows) {
    const parent = row.messageIds.at(-1)!
    for (const [i, { text, metadata }] of row.row.responses.entries()) {
      const key = `${parent} ${hex(row.responseHashes[i]!)}`
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
  await writeMessages(trx, project, messages)
  return { brought, count: messages.length }
}

/** The order of targets is drawn from the content: were it that of the file, the first would be the chosen one. */
function drawnOrder(source: Buffer, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = source.readUInt16LE((i * 2) % 30) % (i + 1)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

/** Makes a task of each row with responses; returns the task of each row that made one. */
async function tasksOf(
  trx: Db,
  project: string,
  salt: Buffer,
  rows: Prepared[],
  plan: TaskPlan,
): Promise<Map<Prepared, string>> {
  const bySource = new Map<string, Prepared>()
  const tasks = rows.map((row) => {
    const source = sha256(salt, 'task', plan.template.id, row.hash, ...row.responseHashes.map(hex).sort())
    if (!bySource.has(hex(source))) bySource.set(hex(source), row)
    return {
      prompt: row.promptId,
      targets: drawnOrder(source, row.responseIds.length).map((i) => row.responseIds[i]!),
      source,
    }
  })
  const written = await writeTasks(trx, project, tasks, plan)
  return new Map(written.map(({ id, source }) => [bySource.get(hex(source))!, id]))
}

async function writeJudgements(
  trx: Db,
  project: string,
  salt: Buffer,
  rows: Prepared[],
  step: string,
  at: Date,
  tasks: Map<Prepared, string>,
): Promise<Set<Prepared>> {
  const judged = rows.filter((row) => row.row.judgement)
  if (!judged.length) return new Set()
  const made = judged.map((row) => {
    const { kind, targets, payload } = row.row.judgement!
    const what = jsonText([kind, targets.map((i) => hex(row.responseHashes[i]!)), payload])
    return {
      row,
      id: contentId(sha256(salt, 'judgement', row.hash, what)),
      task: tasks.get(row) ?? null,
      kind,
      version: kindOf(kind).version,
      targets: `{${targets.map((i) => row.responseIds[i])}}`,
      payload: jsonText(payload),
    }
  })
  const inserted = await all(
    trx,
    sql<{ id: string }>`
      INSERT INTO annotations (id, project_id, task_id, source, step, kind, kind_version, targets, payload, at)
      SELECT id, ${project}::uuid, task, 'import', ${step}, kind, version, targets::uuid[], payload, ${at}
      FROM unnest(${column(made, 'id')}::uuid[], ${column(made, 'task')}::uuid[], ${column(made, 'kind')}::text[],
        ${column(made, 'version')}::int[], ${column(made, 'targets')}::text[], ${column(made, 'payload')}::jsonb[])
        AS t(id, task, kind, version, targets, payload)
      ON CONFLICT (id) DO NOTHING RETURNING id`,
  )
  const ids = new Set(inserted.map(({ id }) => id))
  return new Set(made.filter(({ id }) => ids.has(id)).map(({ row }) => row))
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
  await writeMessages(
    trx,
    project,
    [...fresh].flatMap((row) => turnsOf(salt, row)),
  )
  const { brought, count } = await writeResponses(trx, project, rows, known)
  const tasks = plan
    ? await tasksOf(
        trx,
        project,
        salt,
        rows.filter((row) => row.responseIds.length),
        plan,
      )
    : new Map<Prepared, string>()
  const judged = await writeJudgements(trx, project, salt, rows, 'import', at, tasks)
  return {
    prompts: fresh.size,
    responses: count,
    tasks: tasks.size,
    judgements: judged.size,
    skipped: rows.filter((row) => !fresh.has(row) && !brought.has(row) && !tasks.has(row) && !judged.has(row)).length,
  }
}
