/** Kysely over a connection pool. */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Db } from './sql.ts'

// bigint: counts, positions and sequences stay far below 2^53, and strings of digits would compare as text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/** What features call their database. Closing it is the pool owner's: never `destroy()` it. */
export const dbOver = (pool: pg.Pool): Db => new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
