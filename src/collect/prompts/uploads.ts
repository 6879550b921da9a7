/** Uploads in parts, kept in the database: any replica may take a part, and a broken line loses one part at most. */
import { sql } from 'kysely'
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

/** The number of the first part that was never sent; undefined where none is missing. */
export async function missingPart(db: Db, upload: string): Promise<number | undefined> {
  const rows = await all(
    db,
    sql<{ part: number }>`SELECT part FROM upload_parts WHERE upload_id = ${upload} ORDER BY part`,
  )
  if (!rows.length) return 0
  const gap = rows.findIndex((row, i) => row.part !== i)
  return gap === -1 ? undefined : gap
}

/** The bytes of an upload, a part at a time: memory holds one of them. */
export async function* uploadBytes(db: Db, upload: string): AsyncGenerator<Uint8Array> {
  for (let part = 0; ; part++) {
    const row = await first(
      db,
      sql<{ bytes: Buffer }>`SELECT bytes FROM upload_parts WHERE upload_id = ${upload} AND part = ${part}`,
    )
    if (!row) return
    yield row.bytes
  }
}
