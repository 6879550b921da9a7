/** Backup, restore and move: one database read as of one moment, another filled in one transaction, both compared. */
import type pg from 'pg'
import { fail } from '../../errors.ts'
import { type Dump, dumpOf } from './dump.ts'
import { readBackup, writeBackup } from './file.ts'
import { type Loaded, load } from './load.ts'

interface Saved {
  tables: number
  rows: number
  bytes: number
  madeAt: string
}

/** What a database was filled with, and the moment it shows. */
type Filled = Loaded & { madeAt: string }

async function reading<T>(pool: pg.Pool, use: (dump: Dump) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    return await use(await dumpOf(client, new Date()))
  } finally {
    // Ends the transaction with the connection, also in the middle of a COPY.
    client.release(true)
  }
}

async function loading(pool: pg.Pool, dump: Dump): Promise<Filled> {
  const client = await pool.connect()
  try {
    return { ...(await load(client, dump)), madeAt: dump.header.madeAt }
  } finally {
    client.release(true)
  }
}

/** Writes one moment of a database to a new file. People may go on working. */
export const backup = (pool: pg.Pool, file: string): Promise<Saved> =>
  reading(pool, async (dump) => {
    const { tables, madeAt } = dump.header
    const bytes = await writeBackup(file, dump)
    return { tables: tables.length, rows: tables.reduce((sum, { rows }) => sum + rows, 0), bytes, madeAt }
  })

/** Fills an empty database from a backup file. */
export const restore = async (file: string, pool: pg.Pool): Promise<Filled> => loading(pool, await readBackup(file))

async function refuseWhileServed(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'plumbline serve'`,
  )
  if (rows.length)
    fail('conflict', 'The database to move is in use: what people do from now on would stay behind.', {
      hint: "Stop 'plumbline serve' first; it starts again on the new database.",
    })
}

/** Fills the empty database `to` with all of `from`, which is left as it was. */
export async function move(from: pg.Pool, to: pg.Pool): Promise<Filled> {
  await refuseWhileServed(from)
  return reading(from, (dump) => loading(to, dump))
}
