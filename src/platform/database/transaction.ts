/** One transaction around a function, and typed queries on a pool or inside that transaction. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

/** Serialisation failure and deadlock: PostgreSQL asks to try again, and the second try may well succeed. */
const retriable = new Set(['40001', '40P01'])
const attempts = 5

/**
 * Runs `act` in one transaction: everything or nothing. After a serialisation failure or a deadlock it runs again, up to
 * five times in all, so it must do nothing that a rollback does not take back.
 */
export async function transaction<T>(pool: pg.Pool, act: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(pool, act)
    } catch (error) {
      const again = error instanceof pg.DatabaseError && retriable.has(error.code ?? '') && attempt < attempts
      if (!again) throw error
      // Those who collided must not collide again in step.
      await sleep(Math.random() * 10 * 2 ** attempt)
    }
  }
}

async function tryOnce<T>(pool: pg.Pool, act: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const result = await act(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((fault: Error) => (broken = fault))
    throw error
  } finally {
    client.release(broken)
  }
}

/** Typed queries that each take a connection of the pool; for a transaction use `transaction` and `within`. */
export const queries = <Tables>(pool: pg.Pool): Kysely<Tables> =>
  new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })

/** Typed queries on the one connection of a transaction. */
export function within<Tables>(client: pg.PoolClient): Kysely<Tables> {
  const lent = { query: client.query.bind(client), release: () => {} }
  const pool = { connect: async () => lent, end: async () => {} }
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: pool as unknown as pg.Pool }) })
}
