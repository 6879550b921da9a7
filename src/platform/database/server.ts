/** A PostgreSQL that somebody else runs (DATABASE_URL): reachable, new enough, writable, UTF-8. */
import { userInfo } from 'node:os'
import pg from 'pg'
import { fail } from '../errors.ts'

const oldest = 15

/** Host and database of a connection, never its password. */
function placeOf(client: pg.Client): string {
  return `${client.host}:${client.port}/${client.database ?? ''}`
}

function hintFor(code: string): string {
  if (code === '28P01' || code === '28000')
    return 'Check user and password in DATABASE_URL, and pg_hba.conf of the server.'
  if (code === '3D000')
    return 'Create the database (CREATE DATABASE ... ENCODING UTF8), or correct its name in DATABASE_URL.'
  if (code === '57P03') return 'The server is starting or shutting down; try again in a moment.'
  return 'Check host, port and network in DATABASE_URL (postgresql://USER:PASSWORD@HOST:PORT/DATABASE).'
}

/** As libpq does: an address without a user means the account this process runs as (PGUSER comes first). */
export function withUser(address: string): string {
  if (process.env.PGUSER || !URL.canParse(address)) return address
  const url = new URL(address)
  if (url.username || url.searchParams.has('user')) return address
  try {
    url.username = userInfo().username
  } catch {
    // An account without a name: the server says that it wants a user.
  }
  return url.href
}

function clientFor(connection: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client({ ...connection, connectionTimeoutMillis: 10_000 })
  } catch (error) {
    return fail('bad_input', 'DATABASE_URL is not a PostgreSQL address.', {
      where: 'DATABASE_URL',
      hint: 'It looks like postgresql://USER:PASSWORD@HOST:PORT/DATABASE.',
      cause: error,
    })
  }
}

/** Connects once and refuses a server that Plumbline cannot work on. */
export async function checkServer(connection: pg.ClientConfig): Promise<void> {
  const client = clientFor(connection)
  const where = placeOf(client)
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    fail('unavailable', `The database server cannot be used: ${message || code}`, {
      where,
      hint: hintFor(code),
      cause: error,
    })
  }
  try {
    const { rows } = await client.query<{ version: number; encoding: string; standby: boolean }>(
      `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
              pg_is_in_recovery() AS standby`,
    )
    const { version, encoding, standby } = rows[0]!
    if (version < oldest * 10_000)
      fail('unavailable', `The server is PostgreSQL ${Math.floor(version / 10_000)}; ${oldest} or newer is needed.`, {
        where,
        hint: 'Upgrade the server, or leave DATABASE_URL empty to use the embedded one.',
      })
    if (encoding !== 'UTF8')
      fail('unavailable', `The database is encoded in ${encoding}; UTF8 is needed.`, {
        where,
        hint: `CREATE DATABASE plumbline ENCODING 'UTF8' TEMPLATE template0`,
      })
    if (standby)
      fail('unavailable', 'The server is a read-only standby.', { where, hint: 'Name the primary in DATABASE_URL.' })
  } finally {
    await client.end()
  }
}
