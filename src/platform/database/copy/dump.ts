/**
 * The content of a database as a stream: what the migrations made, table by table, all of one moment. A backup file and a
 * running database both read as a `Dump`, so that restoring and moving are the same work.
 *
 * The tables of pg-boss are not part of it: the table `jobs` says what was under way, and the queue is built from it anew.
 */
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { fail } from '../../errors.ts'
import { type Applied, readApplied } from '../migrate.ts'

export interface TableContent {
  table: string
  columns: string[]
  rows: number
  /** Over all rows, in whatever order: the same content has the same fingerprint in every database. */
  fingerprint: string
}

interface SequenceState {
  sequence: string
  value: string
  called: boolean
}

export interface Header {
  format: 'plumbline-backup'
  version: 1
  madeAt: string
  server: string
  migrations: Applied[]
  tables: TableContent[]
  sequences: SequenceState[]
}

export interface Dump {
  header: Header
  /** The rows of each table in the order of the header, in COPY's text format. Read them in order, and all of them. */
  tables(): AsyncIterable<{ content: TableContent; rows: AsyncIterable<Buffer> }>
}

export type Client = Pick<pg.PoolClient, 'query'>

export const quoted = pg.escapeIdentifier

/** What a row looks like as text depends on these; the same on both sides, whatever the server's own settings. */
export const pinSettings = (client: Client) =>
  client.query(
    `SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL timezone = 'UTC';
     SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL search_path = public;
     SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = 0`,
  )

interface Table {
  table: string
  columns: string[]
}

/** What an extension put into `public` belongs to the server, not to us. */
export const notOfExtension = (oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = ${oid} AND deptype = 'e')`

/** The tables with the columns that hold content (generated ones are computed again). */
export async function tablesOf(client: Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `SELECT c.relname AS table,
            array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '') AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'plumbline_migrations'
       AND ${notOfExtension('c.oid')}
       AND a.attnum > 0 AND NOT a.attisdropped
     GROUP BY c.relname ORDER BY c.relname`,
  )
  return rows
}

export async function contentOf(client: Client, { table, columns }: Table): Promise<TableContent> {
  const { rows } = await client.query<{ rows: string; fingerprint: string }>(
    `SELECT count(*)::text AS rows,
            concat_ws('-', coalesce(sum(hashtextextended(t::text, 0)::numeric), 0),
                           coalesce(sum(hashtextextended(t::text, 1)::numeric), 0)) AS fingerprint
     FROM ${quoted(table)} t`,
  )
  return { table, columns, rows: Number(rows[0]!.rows), fingerprint: rows[0]!.fingerprint }
}

async function sequencesOf(client: Client): Promise<SequenceState[]> {
  const { rows } = await client.query<{ sequence: string }>(
    `SELECT relname AS sequence FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' AND ${notOfExtension('oid')}
     ORDER BY relname`,
  )
  const states: SequenceState[] = []
  for (const { sequence } of rows) {
    const state = await client.query<Omit<SequenceState, 'sequence'>>(
      `SELECT last_value::text AS value, is_called AS called FROM ${quoted(sequence)}`,
    )
    states.push({ sequence, ...state.rows[0]! })
  }
  return states
}

/** Opens one moment of a database; the caller ends the transaction. Writers are not held up. */
export async function dumpOf(client: pg.PoolClient, now: Date): Promise<Dump> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  await pinSettings(client)
  const migrations = await readApplied(client)
  const names = await tablesOf(client)
  if (!migrations.length || !names.length)
    return fail('not_found', 'There is nothing to copy: this database was never used by Plumbline.', {
      hint: 'Check --data and DATABASE_URL.',
    })
  // Nobody may change the form of a table before its turn.
  await client.query(`LOCK TABLE ${names.map(({ table }) => quoted(table)).join(', ')} IN ACCESS SHARE MODE`)
  const tables: TableContent[] = []
  for (const one of names) tables.push(await contentOf(client, one))
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
  const header: Header = {
    format: 'plumbline-backup',
    version: 1,
    madeAt: now.toISOString(),
    server: `PostgreSQL ${rows[0]!.server_version}`,
    migrations,
    tables,
    // Read after the tables: a sequence may be ahead of the rows, never behind them.
    sequences: await sequencesOf(client),
  }
  return {
    header,
    async *tables() {
      for (const content of tables) {
        const columns = content.columns.map(quoted).join(', ')
        yield { content, rows: client.query(copyTo(`COPY ${quoted(content.table)} (${columns}) TO STDOUT`)) }
      }
    },
  }
}
