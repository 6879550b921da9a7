/**
 * Once per test run: a PostgreSQL for each worker, with a migrated template database that each test file clones. Shared,
 * a long transaction of one test would keep what another wrote from counting as settled.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../src/platform/database/connect.ts'
import { migrate } from '../src/platform/database/migrate.ts'

interface TestServer {
  connection: pg.ClientConfig
  /** Name of the migrated database, and the beginning of the names of its clones. */
  template: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** One for each worker, in the order of VITEST_POOL_ID. */
    testServers: TestServer[]
  }
}

/** The address of a database, also behind a unix socket: postgresql://user@/database?host=/folder */
export function urlOf({ connectionString, user, host }: pg.ClientConfig, database: string): string {
  if (!connectionString) return `postgresql://${user}@/${database}?host=${encodeURIComponent(host!)}`
  // Not every address is a URL: one of a unix socket has a user, but no host.
  return connectionString.replace(/^([a-z]+:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${database}`)
}

async function migrateInto(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url })
  try {
    await migrate(pool)
  } finally {
    await pool.end()
  }
}

const prefix = 'plumbline-test-server-'

/** Ends the servers of test runs that were killed, and removes their folders. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue
    const dataDir = join(tmpdir(), name)
    try {
      process.kill(Number.parseInt(name.slice(prefix.length), 10), 0)
    } catch {
      await (await openDatabase({ dataDir, url: '', role: 'command' })).close()
      rmSync(dataDir, { recursive: true, force: true })
    }
  }
}

interface Running extends TestServer {
  teardown(): Promise<void>
}

/** `url` (a role that may create databases), else an embedded server in a temporary folder. */
async function startServer(url: string): Promise<Running> {
  const dataDir = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  // Root's server runs as another uid; a folder that it cannot enter would put the cluster elsewhere.
  chmodSync(dataDir, 0o711)
  const clear = () => rmSync(dataDir, { recursive: true, force: true })
  const { pool, connection, embedded, close } = await openDatabase({ dataDir, url, role: 'command' }).catch((error) => {
    clear()
    throw error
  })
  const template = `plumbline_test_${randomBytes(4).toString('hex')}`
  const teardown = async () => {
    const { rows } = await pool.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [template],
    )
    for (const { datname } of rows) await pool.query(`DROP DATABASE ${datname} WITH (FORCE)`)
    await close()
    clear()
  }
  try {
    // The data of a test run need not survive a power cut.
    const settings = embedded ? ['fsync', 'synchronous_commit', 'full_page_writes'] : []
    for (const setting of settings) await pool.query(`ALTER SYSTEM SET ${setting} = off`)
    if (embedded) await pool.query('SELECT pg_reload_conf()')
    await pool.query(`CREATE DATABASE ${template} TEMPLATE template0 ENCODING 'UTF8'`)
    await migrateInto(urlOf(connection, template))
  } catch (error) {
    await teardown()
    throw error
  }
  return { connection, template, teardown }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env.TEST_DATABASE_URL ?? ''
  if (!url) await sweep()
  const starting = Array.from({ length: project.config.maxWorkers }, () => startServer(url))
  const started = (await Promise.allSettled(starting)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const teardown = async () => void (await Promise.all(started.map((server) => server.teardown())))
  if (started.length < starting.length) await teardown()
  await Promise.all(starting)
  project.provide(
    'testServers',
    started.map(({ connection, template }) => ({ connection, template })),
  )
  return teardown
}
