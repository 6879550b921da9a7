/** Puts a dump into an empty database, in one transaction: everything, verified, or nothing. */
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { fail } from '../../errors.ts'
import { type Applied, applyAll, migrationsFolder, readMigrations } from '../migrate.ts'
import {
  type Client,
  contentOf,
  type Dump,
  type Header,
  notOfExtension,
  pinSettings,
  quoted,
  type TableContent,
  tablesOf,
} from './dump.ts'

export interface Loaded {
  tables: number
  rows: number
  /** Tables of the source that no migration makes: somebody added them by hand. */
  leftOut: string[]
}

/** Guards against two restores at once: 'plum', 4. */
const restoreLock = '1886287213, 4'

async function refuseUnlessEmpty(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname IN ('public', 'pgboss') AND ${notOfExtension('c.oid')}
     ORDER BY 1 LIMIT 1`,
  )
  if (rows[0])
    fail('conflict', `The database to write to is not empty: it has ${rows[0].name}.`, {
      hint: 'Choose a new data folder (--data DIR) or an empty database; nothing is ever written over.',
    })
}

/** Our migrations up to the last one of the dump; its later ones are applied when the program opens the database. */
function migrationsFor(applied: Applied[]): ReturnType<typeof readMigrations> {
  const ours = readMigrations(migrationsFolder())
  return applied.map(({ number, name, hash }) => {
    const same = ours.find((migration) => migration.number === number)
    const where = `migration ${number} (${name})`
    if (!same)
      return fail('unavailable', 'This was made by a newer Plumbline, with a migration that this one does not know.', {
        where,
        hint: 'Use the newer Plumbline.',
      })
    if (same.hash !== hash)
      return fail('unavailable', 'A migration differs from the one this was made with.', {
        where,
        hint: 'Use the Plumbline that made it, then upgrade.',
      })
    return same
  })
}

type Tables = Awaited<ReturnType<typeof tablesOf>>

/** Every table that the migrations make must be there, in this form. Others, that somebody added by hand, are not ours. */
function checkForm(header: Header, tables: Tables): void {
  const form = (list: Tables) => list.map(({ table, columns }) => `${table} (${[...columns].sort().join(', ')})`)
  const saved = new Set(form(header.tables))
  const odd = form(tables).find((one) => !saved.has(one))
  if (odd)
    fail('bad_input', 'The tables are not those that its migrations make.', {
      where: odd,
      hint: 'The file, or the database it was made from, was changed by hand.',
    })
}

/** Foreign keys are taken off while rows arrive in any order and put back, which checks every row. Answers how. */
async function dropForeignKeys(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ off: string; on: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS off,
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS on
     FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`,
  )
  for (const { off } of rows) await client.query(off)
  return rows.map(({ on }) => on)
}

async function loadTables(client: pg.PoolClient, dump: Dump, ours: Set<string>): Promise<void> {
  for await (const { content, rows } of dump.tables()) {
    const { table, columns } = content
    const sink = ours.has(table)
      ? client.query(copyFrom(`COPY ${quoted(table)} (${columns.map(quoted).join(', ')}) FROM STDIN`))
      : new Writable({ write: (_chunk, _encoding, next) => next() })
    await pipeline(Readable.from(rows), sink)
  }
}

async function verify(client: Client, saved: TableContent[]): Promise<void> {
  const hint = 'Nothing was kept. The source is damaged: take another backup.'
  for (const want of saved) {
    const have = await contentOf(client, want)
    if (have.rows !== want.rows)
      fail('bad_input', `Table ${want.table} should have ${want.rows} rows but has ${have.rows}.`, {
        where: want.table,
        hint,
      })
    if (have.fingerprint !== want.fingerprint)
      fail('bad_input', `The rows of table ${want.table} are not those that were saved.`, { where: want.table, hint })
  }
}

async function loadWithin(client: pg.PoolClient, dump: Dump): Promise<Loaded> {
  const { header } = dump
  await pinSettings(client)
  await client.query(`SET LOCAL maintenance_work_mem = '256MB'; SELECT pg_advisory_xact_lock(${restoreLock})`)
  await refuseUnlessEmpty(client)
  await applyAll(client, migrationsFor(header.migrations))
  const tables = await tablesOf(client)
  checkForm(header, tables)
  const ours = new Set(tables.map(({ table }) => table))
  // Some migrations write rows; the dump has them as they became.
  await client.query(`TRUNCATE ${[...ours].map(quoted).join(', ')}`)
  const foreignKeys = await dropForeignKeys(client)
  await loadTables(client, dump, ours)
  for (const on of foreignKeys) await client.query(on)
  for (const { sequence, value, called } of header.sequences)
    await client.query(
      `SELECT setval(oid::regclass, $2, $3) FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'S'`,
      [quoted(sequence), value, called],
    )
  const loaded = header.tables.filter(({ table }) => ours.has(table))
  await verify(client, loaded)
  // Transaction ids start anew here: followers of the event log must not compare them with the old ones.
  await client.query('SELECT begin_epoch()')
  return {
    tables: loaded.length,
    rows: loaded.reduce((sum, { rows }) => sum + rows, 0),
    leftOut: header.tables.map(({ table }) => table).filter((table) => !ours.has(table)),
  }
}

const broken = new Set(['22', '23', '42'])

/** Loads `dump` into the empty database of `client`. Every count and fingerprint holds afterwards, or nothing was written. */
export async function load(client: pg.PoolClient, dump: Dump): Promise<Loaded> {
  let loaded: Loaded
  try {
    await client.query('BEGIN')
    loaded = await loadWithin(client, dump)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    const { code = '', message, table } = error as pg.DatabaseError
    if (code.length === 5 && broken.has(code.slice(0, 2)))
      fail('bad_input', `A row cannot be loaded: ${message}`, {
        where: table,
        hint: 'Nothing was kept. The source is damaged: take another backup.',
        cause: error,
      })
    throw error
  }
  await client.query('ANALYZE')
  return loaded
}
