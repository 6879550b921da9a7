/** A database of its own for a test file: a clone of the migrated template, dropped on close. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { surviving } from '../src/platform/database/connect.ts'
import { urlOf } from './setup.ts'

export interface TestDatabase {
  pool: pg.Pool
  /** For clients of their own (LISTEN, pg-boss). */
  connection: pg.ClientConfig
  /** The same as an address, for a child process: DATABASE_URL. */
  url: string
  close(): Promise<void>
}

async function inServer(connection: pg.ClientConfig, sql: string): Promise<void> {
  const client = new pg.Client(connection)
  await client.connect()
  await client.query(sql)
  await client.end()
}

/** Clones the template (about 50 ms). `max`: connections of its pool. `empty`: without a single table. */
export async function testDatabase({ max = 20, empty = false } = {}): Promise<TestDatabase> {
  const server = inject('testServers')[Number(process.env.VITEST_POOL_ID) - 1]!
  const name = `${server.template}_${randomBytes(4).toString('hex')}`
  await inServer(
    server.connection,
    `CREATE DATABASE ${name} TEMPLATE ${empty ? "template0 ENCODING 'UTF8'" : server.template}`,
  )
  const url = urlOf(server.connection, name)
  const connection: pg.ClientConfig = { connectionString: url }
  const pool = surviving(new pg.Pool({ ...connection, max }))
  return {
    pool,
    connection,
    url,
    async close() {
      await pool.end()
      await inServer(server.connection, `DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}

/** How many connections of the database wait for a lock that another holds. */
export async function lockWaits(pool: pg.Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  )
  return rowCount ?? 0
}
