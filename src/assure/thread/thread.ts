/** Entry of the thread behind `background.ts`. */
import { parentPort } from 'node:worker_threads'
import pg from 'pg'
import { surviving } from '../../platform/database/connect.ts'
import { dbOver } from '../../platform/db.ts'
import { isProblem } from '../../platform/errors.ts'
import type { ThreadAnswer, ThreadRequest } from './background.ts'
import { measureHere } from './work.ts'

const port = parentPort
if (!port) throw new Error('This file is the entry of a worker thread.')
const post = (answer: ThreadAnswer) => port.postMessage(answer)

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

port.on('message', async (request: ThreadRequest) => {
  if (request.kind === 'end') {
    await pool?.end()
    port.close()
    return
  }
  const { id, kind, input, connection } = request
  try {
    post({ id, result: await measureHere(dbOver(poolAt(connection)))(kind, input as never) })
  } catch (error) {
    if (isProblem(error)) {
      const { code, message, where, hint } = error
      post({ id, problem: { code, message, where, hint } })
    } else post({ id, failed: (error as Error).stack ?? String(error) })
  }
})
