/** One PostgreSQL for the process: the embedded one of the data folder, or the server that DATABASE_URL names. */
import pg from 'pg'
import type { Role } from './embedded/presence.ts'
import { checkServer, withUser } from './server.ts'

export interface Database {
  pool: pg.Pool
  /** For clients that keep a connection of their own: LISTEN, pg-boss. Read it anew for each connection. */
  connection: pg.ClientConfig
  embedded: boolean
  /** Ends the pool; whoever leaves the embedded server last stops it. May be called more than once. */
  close(): Promise<void>
}

interface Options {
  dataDir: string
  /** A PostgreSQL 15 or newer; without it the embedded server of `dataDir` is joined or started. */
  url?: string
  role: Role
}

/** Connections of one process: `serve` answers many people, a command works alone. */
const poolSize = { serve: 20, command: 5 } as const
/** A page waits at most this long; commands (imports, exports, rebuilding) take what they need. */
const statementTimeoutMs = { serve: 30_000, command: 0 } as const
/** An import may wait for its input in the middle of a transaction; a page never does. */
const idleInTransactionMs = { serve: 60_000, command: 0 } as const
/** How long the pool may take to get its connections back before they are cut. */
const drainMs = 10_000

/**
 * A connection that breaks is replaced at the next query, and the query it carried fails; without a listener its error
 * event would end the process, for idle connections (the pool's event) and lent ones (their own) alike.
 */
export function surviving(pool: pg.Pool): pg.Pool {
  return pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}))
}

function poolFor(connection: pg.ClientConfig, role: Role): pg.Pool {
  return surviving(
    new pg.Pool({
      ...connection,
      max: poolSize[role],
      statement_timeout: statementTimeoutMs[role],
      idle_in_transaction_session_timeout: idleInTransactionMs[role],
      connectionTimeoutMillis: 15_000,
      keepAlive: true,
    }),
  )
}

async function drain(pool: pg.Pool): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((done) => (timer = setTimeout(done, drainMs)))
  await Promise.race([pool.end(), late])
  clearTimeout(timer)
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= run())
}

async function openServer(url: string, role: Role): Promise<Database> {
  const connection: pg.ClientConfig = { connectionString: withUser(url), application_name: `plumbline ${role}` }
  await checkServer(connection)
  const pool = poolFor(connection, role)
  return { pool, connection, embedded: false, close: once(() => drain(pool)) }
}

async function openEmbedded(dataDir: string, role: Role): Promise<Database> {
  const { stayAt } = await import('./embedded/supervisor.ts')
  const connection: pg.ClientConfig = {
    user: 'plumbline',
    database: 'plumbline',
    application_name: `plumbline ${role}`,
  }
  let pool: pg.Pool | undefined
  const stay = await stayAt(dataDir, role, (socketDir) => {
    connection.host = socketDir
    if (pool) pool.options.host = socketDir
  })
  connection.host = stay.socketDir
  pool = poolFor(connection, role)
  const close = once(async () => {
    if (pool) await drain(pool)
    await stay.leave()
  })
  return { pool, connection, embedded: true, close }
}

/**
 * Opens the database of this process. Fails with a `PlumblineError` that says what stands in the way: a second `serve`
 * on the folder (`conflict`), a full disk, permissions, a server that cannot be reached or is too old (`unavailable`).
 */
export function openDatabase({ dataDir, url = process.env.DATABASE_URL, role }: Options): Promise<Database> {
  return url ? openServer(url, role) : openEmbedded(dataDir, role)
}
