/** Rows into a table by COPY: a fraction of what INSERT takes, for this program and for PostgreSQL alike. */
import { CompiledQuery } from 'kysely'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Db } from './sql.ts'

/** In the text form of each type; null is NULL. */
type CopyValue = string | number | null

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }
const special = /[\\\t\n\r]/
const escaped = (text: string) => (special.test(text) ? text.replace(/[\\\t\n\r]/g, (found) => escapes[found]!) : text)
const field = (value: CopyValue) =>
  value === null ? '\\N' : typeof value === 'number' ? String(value) : escaped(value)

/** `table` and `columns` are our own words, never a user's. A row that cannot be stored fails them all. */
export async function copyRows<Row>(
  db: Db,
  table: string,
  columns: string[],
  rows: Row[],
  values: (row: Row) => CopyValue[],
): Promise<void> {
  if (!rows.length) return
  const text = rows.map((row) => `${values(row).map(field).join('\t')}\n`).join('')
  await db.executeQuery(CompiledQuery.raw(`COPY ${table} (${columns}) FROM STDIN`, [text]))
}

/** How a connection runs what `copyRows` asks for. */
export const runCopy = (client: pg.PoolClient, statement: string, text: string) =>
  new Promise<{ command: string; rowCount: number; rows: [] }>((done, failed) => {
    const stream = client.query(copyFrom(statement))
    // What breaks off while its text is on the way fails a second time, and an error that nobody hears ends the process. The
    // text is one message: it goes out whole, or its connection is lost and the pool drops it; none is left half way.
    stream.on('error', failed)
    stream.once('finish', () => done({ command: 'COPY', rowCount: stream.rowCount, rows: [] }))
    stream.end(Buffer.from(text))
  })
