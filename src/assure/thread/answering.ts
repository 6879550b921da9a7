/** What the thread behind `background.ts` does; its entry, `src/thread.ts`, says which work there is. */
import { parentPort } from 'node:worker_threads'
import pg from 'pg'
import { surviving } from '../../platform/database/connect.ts'
import { dbOver } from '../../platform/db.ts'
import { isProblem, toProblem } from '../../platform/errors.ts'
import type { Db } from '../../platform/sql.ts'
import type { ThreadAnswer, ThreadRequest } from './background.ts'

let pool: pg.Pool | undefined
let reached: string | undefined

/** The pool of this connection; another one takes its place when the server has moved. */
function poolAt(connection: pg.ClientConfig): pg.Pool {
  const address = JSON.stringify(connection)
  if (pool && reached === address) return pool
  void pool?.end()
  reached = address
  pool = surviving(new pg.Pool({ ...connection, max: 4, connectionTimeoutMillis: 15_000, keepAlive: true }))
  return pool
}

/** Does what it is asked, piece by piece, until it is told to end. */
// biome-ignore lint/complexity/noBannedTypes: the pairing of kind and input is what `Measure` says
export function answerWith(work: Record<string, Function>): void {
  const port = parentPort
  if (!port) throw new Error('This is the work of a worker thread.')
  const post = (answer: ThreadAnswer) => port.postMessage(answer)
  port.on('message', async (request: ThreadRequest) => {
    if ('end' in request) {
      await pool?.end()
      port.close()
      return
    }
    const { id, kind, input, connection } = request
    try {
      const db: Db = dbOver(poolAt(connection))
      post({ id, result: await work[kind]!(db, input) })
    } catch (error) {
      if (isProblem(error)) post({ id, problem: toProblem(error) })
      else post({ id, failed: (error as Error).stack ?? String(error) })
    }
  })
}
