/** Uploads in parts, kept in the database: any replica may take a part, and a broken line loses one part at most. */
import { sql } from 'kysely'
import { fail } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { all, type Db, first } from '../../platform/sql.ts'

export async function beginUpload(db: Db, project: string, name: string, by: string): Promise<string> {
  // Nobody imports from an upload of the day before yesterday.
  await sql`DELETE FROM uploads WHERE project_id = ${project} AND created_at < now() - interval '2 days'`.execute(db)
  const id = newId()
  await sql`INSERT INTO uploads (id, project_id, name, created_by) VALUES (${id}, ${project}, ${name}, ${by})`.execute(
    db,
  )
  return id
}

export const findUpload = (db: Db, project: string, id: string) =>
  first(
    db,
    sql<{ id: string; name: string }>`SELECT id, name FROM uploads WHERE id = ${id} AND project_id = ${project}`,
  )

export const putPart = (db: Db, upload: string, part: number, bytes: Buffer) =>
  sql`
    INSERT INTO upload_parts (upload_id, part, bytes) VALUES (${upload}, ${part}, ${bytes})
    ON CONFLICT (upload_id, part) DO UPDATE SET bytes = EXCLUDED.bytes`.execute(db)

export const discardUpload = (db: Db, upload: string) => sql`DELETE FROM uploads WHERE id = ${upload}`.execute(db)

/** How many parts an upload has, and the first that was never sent; undefined where none is missing. */
export async function partsOf(db: Db, upload: string): Promise<{ count: number; missing: number | undefined }> {
  const rows = await all(
    db,
    sql<{ part: number }>`SELECT part FROM upload_parts WHERE upload_id = ${upload} ORDER BY part`,
  )
  const gap = rows.findIndex((row, i) => row.part !== i)
  return { count: rows.length, missing: rows.length && gap === -1 ? undefined : Math.max(gap, 0) }
}

/**
 * The bytes of an upload of so many parts, a part at a time: memory holds one of them. Throws `gone` where one is not there
 * any more: an upload that was discarded meanwhile must not read like one that ends there.
 */
export async function* uploadBytes(db: Db, upload: string, parts: number): AsyncGenerator<Uint8Array> {
  for (let part = 0; part < parts; part++) {
    const row = await first(
      db,
      sql<{ bytes: Buffer }>`SELECT bytes FROM upload_parts WHERE upload_id = ${upload} AND part = ${part}`,
    )
    yield row?.bytes ?? uploadGone(part)
  }
}

export const uploadGone = (part: number): never =>
  fail('gone', 'The upload is not there any more.', { where: `parts/${part}`, hint: 'Upload the file again.' })
