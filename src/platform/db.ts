/** Kysely over a connection pool. */
import { createHash } from 'node:crypto'
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import pg from 'pg'
import { runCopy } from './copy.ts'
import type { Db } from './sql.ts'

// bigint: counts, positions and sequences stay far below 2^53, and strings of digits would compare as text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

const names = new Map<string, string>()

/** Names of statements by their text. There are as many as the code has, times the optional parts of each. */
function nameOf(text: string): string {
  let name = names.get(text)
  if (!name) {
    name = createHash('sha1').update(text).digest('base64url')
    names.set(text, name)
  }
  return name
}

type Lent = Awaited<ReturnType<PostgresPool['connect']>>

/**
 * Lends connections on which every statement with parameters is prepared under a name: PostgreSQL parses and plans it once
 * a connection. Planning a claim takes longer than running it.
 */
function preparing(pool: pg.Pool): PostgresPool {
  const lent = new WeakMap<pg.PoolClient, Lent>()
  const lend = (client: pg.PoolClient) => {
    const query = (text: unknown, values?: unknown[]) => {
      if (typeof text !== 'string' || !values?.length) return client.query(text as string, values)
      if (text.startsWith('COPY ')) return runCopy(client, text, values[0] as string)
      return client.query({ name: nameOf(text), text, values })
    }
    const made = { query, release: () => client.release() } as unknown as Lent
    lent.set(client, made)
    return made
  }
  const connect = async () => {
    const client = await pool.connect()
    return lent.get(client) ?? lend(client)
  }
  return { options: pool.options, connect, end: () => pool.end() } as PostgresPool
}

/** What features call their database. Closing it is the pool owner's: never `destroy()` it. */
export const dbOver = (pool: pg.Pool): Db =>
  new Kysely<unknown>({ dialect: new PostgresDialect({ pool: preparing(pool) }) })
