/** Reads of datasets, for screens, runs and the loop. */
import { sql } from 'kysely'
import { conversationsTo, erased, type Turn } from '../../collect/tasks/read.ts'
import { fail } from '../../platform/errors.ts'
import { all, type Db, first } from '../../platform/sql.ts'
import type { Counts, DatasetKind, Filters } from './contract.ts'

export interface Snapshot {
  id: string
  project: string
  name: string
  kind: DatasetKind
  filters: Filters
  /** 64 hexadecimal digits. */
  hash: string
  counts: Counts
  card: string
  roundId: string | null
  createdBy: string | null
  createdAt: Date
}

const columns = sql`
  s.id, s.project_id AS project, s.name, s.kind, s.filters, encode(s.hash, 'hex') AS hash, s.counts, s.card,
  s.round_id AS "roundId", s.created_by AS "createdBy", s.created_at AS "createdAt"`

/** By id, by name, or by the beginning of its hash (8 digits or more). */
export async function findSnapshot(db: Db, project: string, idOrName: string): Promise<Snapshot | undefined> {
  const isHash = /^[0-9a-f]{8,64}$/.test(idOrName)
  return first(
    db,
    sql<Snapshot>`
      SELECT ${columns} FROM snapshots s WHERE s.project_id = ${project} AND s.hash IS NOT NULL
        AND (s.id::text = ${idOrName} OR s.name = ${idOrName} OR (${isHash} AND encode(s.hash, 'hex') LIKE ${`${idOrName}%`}))
      ORDER BY s.id::text = ${idOrName} DESC, s.name = ${idOrName} DESC, s.created_at LIMIT 1`,
  )
}

export const snapshotOf = async (db: Db, project: string, idOrName: string): Promise<Snapshot> =>
  (await findSnapshot(db, project, idOrName)) ??
  fail('not_found', 'There is no such dataset in this project.', {
    where: `dataset ${idOrName}`,
    hint: '`./plumbline dataset list` shows them.',
  })

/** Newest first. */
export const listSnapshots = (db: Db, project: string, before?: string, limit = 100): Promise<Snapshot[]> =>
  all(
    db,
    sql<Snapshot>`
      SELECT ${columns} FROM snapshots s WHERE s.project_id = ${project} AND s.hash IS NOT NULL
        AND ${before ? sql`s.id < ${before}::uuid` : sql`true`}
      ORDER BY s.id DESC LIMIT ${limit}`,
  )

export interface DatasetRow {
  row: number
  split: 'train' | 'test'
  promptId: string
  prompt: Turn[]
  chosenId: string
  rejectedId: string | null
  chosen: string
  /** null: a demonstration. */
  rejected: string | null
  margin: number | null
  soft: number | null
  annotations: string[]
}

/** The rows of a dataset in their order. One of whose texts was erased since is not among them. */
export async function* rowsOf(
  db: Db,
  snapshot: string,
  split?: 'train' | 'test',
  after = -1,
  pageRows = 1000,
): AsyncGenerator<DatasetRow> {
  for (let from = after; ; ) {
    const rows = await all(
      db,
      sql<Omit<DatasetRow, 'prompt'> & { message: string; isErased: boolean }>`
        SELECT r.row, r.split, r.prompt_id AS "promptId", r.message_id AS message, r.chosen AS "chosenId", r.rejected AS "rejectedId",
          c.text AS chosen, j.text AS rejected,
          r.margin, r.soft, r.annotations, c.text IS NULL OR (r.rejected IS NOT NULL AND j.text IS NULL) AS "isErased"
        FROM (
          SELECT * FROM snapshot_rows WHERE snapshot_id = ${snapshot} AND row > ${from}::int
            AND ${split ? sql`split = ${split}` : sql`true`}
          ORDER BY row LIMIT ${pageRows}) r
        JOIN messages c ON c.id = r.chosen LEFT JOIN messages j ON j.id = r.rejected ORDER BY r.row`,
    )
    const turns = await conversationsTo(db, [...new Set(rows.map(({ message }) => message))])
    for (const { message, isErased, ...row } of rows) {
      const prompt = turns.get(message)
      if (!isErased && prompt?.every(({ text }) => text !== erased)) yield { ...row, prompt }
    }
    if (rows.length < pageRows) return
    from = rows.at(-1)!.row
  }
}
