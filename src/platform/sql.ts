/** How features speak to PostgreSQL: Kysely's `sql` with SQL as SQL; rows are typed where they are read. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, type RawBuilder, sql } from 'kysely'

/** A connection pool or an open transaction: a store function takes either. */
export type Db = Kysely<unknown>

/** A value as jsonb. The driver would take an array for a PostgreSQL array. */
export const json = (value: unknown): RawBuilder<unknown> => sql`${JSON.stringify(value ?? null)}::jsonb`

/**
 * Numbers written into the statement instead of handed to it: a partial index serves a prepared statement only where its
 * condition stands in the text. Otherwise PostgreSQL plans it anew each time, which takes longer than running it.
 */
export const literals = <Name extends string>(values: Record<Name, number>): Record<Name, RawBuilder<number>> =>
  Object.fromEntries(Object.entries<number>(values).map(([name, value]) => [name, sql.lit(value)])) as never

/** For `ILIKE`: whatever holds this text. */
export const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`

/** An array within an array: PostgreSQL's own arrays of arrays would all have to be of one length. */
export const arrayText = (items: string[]) => `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`)}}`

export const all = async <R>(db: Db, query: RawBuilder<R>): Promise<R[]> => (await query.execute(db)).rows

/** The first row, or undefined. */
export const first = async <R>(db: Db, query: RawBuilder<R>): Promise<R | undefined> =>
  (await query.execute(db)).rows[0]

/** The first row of a query that always has one. */
export async function one<R>(db: Db, query: RawBuilder<R>): Promise<R> {
  const row = await first(db, query)
  if (!row) throw new Error('a query that always has a row had none')
  return row
}

/** A page out of rows of which one more was asked for: that one tells whether another page follows, after `keyOf` the last. */
export function pageFrom<Row, Key>(found: readonly Row[], limit: number, keyOf: (last: Row) => Key) {
  const rows = found.slice(0, limit)
  return { rows, next: found.length > limit ? keyOf(rows.at(-1)!) : null }
}

/** SQLSTATE of a failed statement. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : undefined
export const uniqueViolation = '23505'

/** Serialisation failure and deadlock: PostgreSQL asks to try again, and the second try may well succeed. */
const retriable = new Set(['40001', '40P01'])

/** Runs again after a deadlock: for a statement that is a transaction by itself. */
export async function untilDone<T>(act: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act()
    } catch (error) {
      if (attempt === attempts || !retriable.has(sqlState(error) ?? '')) throw error
      // Those who collided must not collide again in step.
      await sleep(Math.random() * 10 * 2 ** attempt)
    }
  }
}

/** One transaction: everything or nothing. Runs again after a deadlock, so it must do nothing that a rollback leaves. */
export const inTransaction = <T>(db: Db, act: (trx: Db) => Promise<T>, attempts = 5): Promise<T> =>
  untilDone(() => db.transaction().execute(act), attempts)
