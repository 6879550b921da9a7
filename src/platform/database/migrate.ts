/** Brings the database to the form this program expects: numbered SQL files, forward only, each applied once and whole. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { fail } from '../errors.ts'

interface Migration {
  number: number
  name: string
  sql: string
  /** Of the text with unix line ends, so that a checkout on Windows has the same. */
  hash: string
}

/** A migration as the database remembers it. */
export type Applied = Pick<Migration, 'number' | 'name' | 'hash'>

/** Held while one process migrates and the others wait: 'plum', 3. */
const migrationLock = '1886287213, 3'

/** `migrations/` of the checkout; the same from `src/` and from `dist/server/`. */
export function migrationsFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'migrations')) || !existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder)) fail('unavailable', 'The folder migrations/ is missing from this installation.')
    folder = dirname(folder)
  }
  return join(folder, 'migrations')
}

/** The migrations of a folder, in order. */
export function readMigrations(folder: string): Migration[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'))
  const migrations = files.sort().map((file) => {
    const [, number, name] = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file) ?? []
    if (!number || !name) return fail('bad_input', 'A migration is named NNNN_name.sql.', { where: join(folder, file) })
    const sql = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n')
    return { number: Number(number), name, sql, hash: createHash('sha256').update(sql).digest('hex') }
  })
  for (const [i, { number, name }] of migrations.entries())
    if (number === migrations[i - 1]?.number)
      fail('bad_input', `Two migrations have the number ${number}.`, { where: join(folder, name) })
  return migrations
}

/** What was applied to this database; nothing where it was never migrated. */
export async function readApplied(client: Pick<pg.Pool, 'query'>): Promise<Applied[]> {
  try {
    const { rows } = await client.query<Applied>('SELECT number, name, hash FROM plumbline_migrations ORDER BY number')
    return rows
  } catch (error) {
    if ((error as pg.DatabaseError).code === '42P01') return []
    throw error
  }
}

/** The migrations that are still to be applied. Refuses a database that has others than ours, or ones that were changed. */
export function outstanding(migrations: Migration[], applied: Applied[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.number, migration]))
  for (const { number, name, hash } of applied) {
    const where = `migration ${number} (${name})`
    if (!known.has(number))
      fail(
        'unavailable',
        'The database was made by a newer Plumbline: it has a migration that this one does not know.',
        {
          where,
          hint: 'Run the newer Plumbline, or restore a backup from before the upgrade.',
        },
      )
    if (known.get(number)!.hash !== hash)
      fail('unavailable', 'A migration differs from the one that was applied to this database.', {
        where,
        hint: 'Applied migrations are never edited: bring the file back and add a new one.',
      })
  }
  const done = applied.at(-1)?.number ?? 0
  const late = migrations.find(({ number }) => number < done && !applied.some((row) => row.number === number))
  if (late)
    fail('unavailable', 'A migration was added below one that is applied already.', {
      where: `migration ${late.number} (${late.name})`,
      hint: 'Give it the next free number.',
    })
  return migrations.filter(({ number }) => number > done)
}

/** Inside the caller's transaction: makes the table that remembers, and applies `todo` in order. */
export async function applyAll(client: pg.PoolClient, todo: Migration[]): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS plumbline_migrations (
       number integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  )
  for (const { number, name, sql, hash } of todo) {
    try {
      await client.query(sql)
    } catch (error) {
      const { message, position } = error as pg.DatabaseError
      const line = position ? ` line ${sql.slice(0, Number(position)).split('\n').length}` : ''
      fail('unavailable', `A migration could not be applied: ${message}`, {
        where: `migration ${number} (${name})${line}`,
        hint: 'Nothing of it was kept.',
        cause: error,
      })
    }
    await client.query('INSERT INTO plumbline_migrations (number, name, hash) VALUES ($1, $2, $3)', [
      number,
      name,
      hash,
    ])
  }
}

async function applyOne(client: pg.PoolClient, migration: Migration): Promise<void> {
  try {
    await client.query('BEGIN')
    await applyAll(client, [migration])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

/**
 * Applies what is outstanding, one transaction a file, under an advisory lock, and answers the names of what it applied.
 * With nothing to do it costs one query.
 */
export async function migrate(pool: pg.Pool, folder = migrationsFolder()): Promise<string[]> {
  const migrations = readMigrations(folder)
  if (!outstanding(migrations, await readApplied(pool)).length) return []
  const client = await pool.connect()
  try {
    await client.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0')
    await client.query(`SELECT pg_advisory_lock(${migrationLock})`)
    const todo = outstanding(migrations, await readApplied(client))
    for (const migration of todo) await applyOne(client, migration)
    return todo.map(({ name }) => name)
  } finally {
    // Ends the connection, and with it the lock and the settings above.
    client.release(true)
  }
}
