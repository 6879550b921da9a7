/** Judgements that came with a file, as annotations of source `import`. */
import { sql } from 'kysely'
import { copyRows } from '../../platform/copy.ts'
import { sha256Hex } from '../../platform/ids.ts'
import { all, type Db } from '../../platform/sql.ts'
import { kindOf } from '../kinds/index.ts'
import { column, jsonText, type Prepared } from './prepared.ts'

/** The step of judgements that came with a file. */
const importStep = 'import'

/** A UUID that is the content's own: the same judgement imported twice has the same id. */
function contentId(hex: string): string {
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) & 3]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

interface Made {
  row: Prepared
  id: string
  task: string | null
  kind: string
  version: number
  targets: string
  payload: string
}

function judgementOf(salt: Buffer, row: Prepared, task: string | undefined): Made {
  const { kind, targets, payload } = row.row.judgement!
  const what = jsonText([kind, targets.map((i) => row.responseHashes[i]), payload])
  return {
    row,
    id: contentId(sha256Hex(salt, 'judgement', Buffer.from(row.hash, 'hex'), what)),
    task: task ?? null,
    kind,
    version: kindOf(kind).version,
    targets: `{${targets.map((i) => row.responseIds[i])}}`,
    payload: jsonText(payload),
  }
}

/** Writes judgements that are not there yet; returns the rows that brought one. */
export async function writeJudgements(
  trx: Db,
  project: string,
  salt: Buffer,
  rows: Prepared[],
  known: Set<string>,
  at: Date,
  tasks: Map<Prepared, string>,
): Promise<Set<Prepared>> {
  const byId = new Map<string, Made>()
  for (const row of rows) {
    if (!row.row.judgement) continue
    const made = judgementOf(salt, row, tasks.get(row))
    if (!byId.has(made.id)) byId.set(made.id, made)
  }
  const made = [...byId.values()]
  const first = made.filter(({ row }) => !known.has(row.promptId))
  const now = at.toISOString()
  await copyRows(
    trx,
    'annotations',
    [...['project_id', 'source', 'step', 'at'], ...['id', 'task_id', 'kind', 'kind_version', 'targets', 'payload']],
    first,
    ({ id, task, kind, version, targets, payload }) => [
      ...[project, 'import', importStep, now],
      ...[id, task, kind, version, targets, payload],
    ],
  )
  const others = made.filter(({ row }) => known.has(row.promptId))
  const inserted = others.length ? await insertJudgements(trx, project, others, at) : []
  return new Set([...first, ...inserted.map(({ id }) => byId.get(id)!)].map(({ row }) => row))
}

const insertJudgements = (trx: Db, project: string, made: Made[], at: Date) =>
  all(
    trx,
    sql<{ id: string }>`
      INSERT INTO annotations (id, project_id, task_id, source, step, kind, kind_version, targets, payload, at)
      SELECT id, ${project}::uuid, task, 'import', ${importStep}, kind, version, targets::uuid[], payload, ${at}
      FROM unnest(${column(made, 'id')}::uuid[], ${column(made, 'task')}::uuid[], ${column(made, 'kind')}::text[],
        ${column(made, 'version')}::int[], ${column(made, 'targets')}::text[], ${column(made, 'payload')}::jsonb[])
        AS t(id, task, kind, version, targets, payload)
      ON CONFLICT (id) DO NOTHING RETURNING id`,
  )
