/** Files that a job writes and people fetch: kept in parts in the database, so that any replica serves them. */
import { sql } from 'kysely'
import type { JobRun } from '../../platform/jobs.ts'
import { all, type Db } from '../../platform/sql.ts'
import type { ExportedFile } from './contract.ts'

/** A file on its way out. */
export interface Exported {
  extension: string
  bytes: AsyncIterable<Uint8Array>
  /** Rows written so far. */
  rows(): number
  /** Records that the format has no words for, so far. */
  unwritten(): number
}

/** Counts what passes. */
export function counted<T>(items: AsyncIterable<T>): { items: AsyncGenerator<T>; count(): number } {
  let count = 0
  async function* pass() {
    for await (const item of items) {
      count++
      yield item
    }
  }
  return { items: pass(), count: () => count }
}

/** A part as it is kept and fetched. */
const partBytes = 4 * 1024 * 1024
export const keptDays = 2

/** Newest first; `subject`: those of one dataset alone. */
export async function listFiles(db: Db, project: string, subject?: string): Promise<ExportedFile[]> {
  const rows = await all(
    db,
    sql<Omit<ExportedFile, 'createdAt'> & { at: Date }>`
      SELECT id, name, rows, parts, created_at AS at FROM exports
      WHERE project_id = ${project} AND ${subject ? sql`subject = ${subject}` : sql`true`} ORDER BY created_at DESC LIMIT 100`,
  )
  return rows.map(({ at, ...row }) => ({ ...row, createdAt: at.toISOString() }))
}

/** Chunks of any size as parts of one size. */
async function* inParts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let kept: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    kept.push(chunk)
    size += chunk.length
    if (size >= partBytes) {
      yield Buffer.concat(kept)
      kept = []
      size = 0
    }
  }
  if (size) yield Buffer.concat(kept)
}

/** Files that are old, and parts of files that were never finished and that no job goes on with. */
async function forgetOld(db: Db): Promise<void> {
  await sql`DELETE FROM exports WHERE created_at < now() - make_interval(days => ${keptDays})`.execute(db)
  await sql`
    DELETE FROM export_parts WHERE export_id IN (
      SELECT DISTINCT p.export_id FROM export_parts p
      WHERE NOT EXISTS (SELECT 1 FROM exports e WHERE e.id = p.export_id)
        AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = p.export_id AND j.state IN ('waiting', 'running')))`.execute(
    db,
  )
}

interface FileName {
  /** Without day and extension. */
  name: string
  /** The dataset that it is a form of. */
  subject?: string
  at: Date
}

/** Writes the file of a job part by part; cut off, even after its last part, it starts over. */
export async function writeFile(
  db: Db,
  { id, project, signal, progress }: JobRun,
  { name: stem, subject, at }: FileName,
  { bytes, rows, unwritten, extension }: Exported,
) {
  await forgetOld(db)
  await sql`DELETE FROM export_parts WHERE export_id = ${id}`.execute(db)
  let parts = 0
  for await (const part of inParts(bytes)) {
    signal.throwIfAborted()
    await sql`INSERT INTO export_parts (export_id, part, bytes) VALUES (${id}, ${parts++}, ${part})`.execute(db)
    progress(rows(), null, `${rows()} rows`)
  }
  const name = `${stem}-${at.toISOString().slice(0, 10)}.${extension}`
  await sql`
    INSERT INTO exports (id, project_id, name, rows, parts, subject)
    VALUES (${id}, ${project}, ${name}, ${rows()}, ${parts}, ${subject ?? null})
    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, rows = EXCLUDED.rows, parts = EXCLUDED.parts`.execute(db)
  return { name, rows: rows(), unwritten: unwritten(), parts }
}
