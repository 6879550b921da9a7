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
  let last: Promise<unknown> = Promise.resolve()
  /** One statement at a time: jobs end while others begin. */
  const ask = (statement: string, id: string): Promise<boolean> => {
    const answer = last.then(async () => {
      const { rows } = await client.query<{ answer: boolean }>(`SELECT ${statement}(${key}) AS answer`, [id])
      return rows[0]!.answer
    })
    last = answer.catch(() => {})
    return answer
  }
  return {
    lost,
    take: (id) => ask('pg_try_advisory_lock', id),
    async release(id) {
      await ask('pg_advisory_unlock', id)
    },
    close: () => client.end(),
  }
}
