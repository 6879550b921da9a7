/** Whether a database, or a backup file, is whole: every row is read, counted and fingerprinted. */
import type pg from 'pg'
import { migrationsFolder, outstanding, readMigrations } from '../migrate.ts'
import { type Client, dumpOf, quoted, type TableContent } from './dump.ts'
import { readBackup } from './file.ts'

interface Verdict {
  ok: boolean
  tables: Pick<TableContent, 'table' | 'rows' | 'fingerprint'>[]
  /** What is wrong, one sentence each. */
  problems: string[]
  /** Whether each index was compared with its table (needs a superuser and the extension amcheck). */
  indexesCompared: boolean
}

const plainTables = (tables: TableContent[]): Verdict['tables'] =>
  tables.map(({ table, rows, fingerprint }) => ({ table, rows, fingerprint }))

/** Rows whose foreign key points to nothing: never, unless files were damaged or constraints were switched off. */
async function orphans(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ child: string; parent: string; name: string; from: string[]; to: string[] }>(
    `SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent, conname AS name,
            (SELECT array_agg(attname::text ORDER BY i) FROM unnest(conkey) WITH ORDINALITY AS k(n, i)
             JOIN pg_attribute ON attrelid = conrelid AND attnum = n) AS from,
            (SELECT array_agg(attname::text ORDER BY i) FROM unnest(confkey) WITH ORDINALITY AS k(n, i)
             JOIN pg_attribute ON attrelid = confrelid AND attnum = n) AS to
     FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 3`,
  )
  const problems: string[] = []
  for (const { child, parent, name, from, to } of rows) {
    const set = from.map((column) => `c.${quoted(column)} IS NOT NULL`).join(' AND ')
    const same = from.map((column, i) => `p.${quoted(to[i]!)} = c.${quoted(column)}`).join(' AND ')
    const found = await client.query<{ n: string }>(
      `SELECT count(*)::text AS n FROM ${child} c WHERE ${set} AND NOT EXISTS (SELECT FROM ${parent} p WHERE ${same})`,
    )
    if (found.rows[0]!.n !== '0') problems.push(`${found.rows[0]!.n} rows of ${child} point to nothing (${name}).`)
  }
  return problems
}

/** Identity columns whose next value is taken already. */
async function lateSequences(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `SELECT attrelid::regclass::text AS table, attname AS column,
            pg_get_serial_sequence(attrelid::regclass::text, attname) AS sequence
     FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attidentity <> '' ORDER BY 1, 2`,
  )
  const problems: string[] = []
  for (const { table, column, sequence } of rows) {
    const found = await client.query<{ late: boolean | null }>(
      `SELECT (SELECT max(${quoted(column)}) FROM ${table}) > (SELECT last_value FROM ${sequence}) AS late`,
    )
    if (found.rows[0]!.late) problems.push(`The counter of ${table}.${column} is behind its rows.`)
  }
  return problems
}

/** Compares each index with its table. The extension is there only for the time of this transaction. */
async function damagedIndexes(client: pg.PoolClient): Promise<string[] | undefined> {
  const { rows: can } = await client.query(
    `SELECT FROM pg_available_extensions, pg_roles WHERE name = 'amcheck' AND rolname = current_user AND rolsuper`,
  )
  if (!can.length) return undefined
  const problems: string[] = []
  await client.query('BEGIN')
  try {
    await client.query('SET LOCAL statement_timeout = 0; CREATE EXTENSION IF NOT EXISTS amcheck')
    const { rows } = await client.query<{ oid: string; name: string; valid: boolean }>(
      `SELECT c.oid, c.oid::regclass::text AS name, indisvalid AS valid
       FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am am ON am.oid = relam
       WHERE relnamespace = 'public'::regnamespace AND amname = 'btree' AND relkind = 'i' ORDER BY 2`,
    )
    for (const { oid, name, valid } of rows) {
      await client.query('SAVEPOINT one')
      try {
        if (!valid) problems.push(`Index ${name} was never finished.`)
        else await client.query('SELECT bt_index_check($1::oid, true)', [oid])
        await client.query('RELEASE one')
      } catch (error) {
        await client.query('ROLLBACK TO one')
        problems.push(`Index ${name} does not agree with its table: ${(error as Error).message}`)
      }
    }
  } finally {
    await client.query('ROLLBACK')
  }
  return problems
}

/** Reads everything in one moment. A damaged page shows as a problem too: the server checks what it reads. */
export async function checkDatabase(pool: pg.Pool): Promise<Verdict> {
  const client = await pool.connect()
  try {
    const { header } = await dumpOf(client, new Date())
    outstanding(readMigrations(migrationsFolder()), header.migrations)
    const problems = [...(await orphans(client)), ...(await lateSequences(client))]
    await client.query('ROLLBACK')
    const indexes = await damagedIndexes(client)
    problems.push(...(indexes ?? []))
    return {
      ok: !problems.length,
      tables: plainTables(header.tables),
      problems,
      indexesCompared: indexes !== undefined,
    }
  } finally {
    client.release(true)
  }
}

/** Reads a backup file to its end, without a database. */
export async function checkBackup(file: string): Promise<Verdict> {
  const dump = await readBackup(file)
  const problems: string[] = []
  for await (const { content, rows } of dump.tables()) {
    let count = 0
    for await (const chunk of rows) for (let at = -1; (at = chunk.indexOf(10, at + 1)) >= 0; ) count++
    if (count !== content.rows)
      problems.push(`Table ${content.table} should have ${content.rows} rows, and the file has ${count}.`)
  }
  return { ok: !problems.length, tables: plainTables(dump.header.tables), problems, indexesCompared: false }
}
