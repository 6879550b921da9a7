/** The advisory locks of the jobs that this process runs, held by one connection: when the process dies they are gone. */
import pg from 'pg'

export interface Locks {
  /** False: somebody else holds it. Not to be asked twice for one id: a session gets its own lock again. */
  take(id: string): Promise<boolean>
  release(id: string): Promise<void>
  /** Settles when the connection is lost, and every lock with it. */
  lost: Promise<void>
  close(): Promise<void>
}

const key = 'hashtextextended($1::text, 0)'

export async function openLocks(connection: pg.ClientConfig): Promise<Locks> {
  const client = new pg.Client({ ...connection, keepAlive: true })
  const lost = new Promise<void>((done) => {
    client.on('error', () => done())
    client.on('end', () => done())
  })
  await client.connect()
  return {
    lost,
    async take(id) {
      const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${key}) AS taken`, [id])
      return rows[0]!.taken
    },
    async release(id) {
      await client.query(`SELECT pg_advisory_unlock(${key})`, [id])
    },
    close: () => client.end(),
  }
}
