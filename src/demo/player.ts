/** The process in which the demo plays beside a server: told where and who by its parent, it ends when the parent does. */
import { setPriority } from 'node:os'
import type { Cast } from './bootstrap.ts'
import { asProblem } from './client.ts'
import { play } from './script.ts'

export interface Told {
  url: string
  cast: Cast
  seed: number
}
export type Said = { kind: 'done' } | { kind: 'failed'; message: string }

/** Whoever looks on waits for the server, never for the demo. */
const niceness = 10

const stopping = new AbortController()
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => stopping.abort())
// A terminal's interrupt reaches the whole group; the server decides.
process.on('SIGINT', () => {})

process.once('message', async (told: Told) => {
  try {
    setPriority(niceness)
  } catch {
    // A system that does not allow it plays at the priority it has.
  }
  const said: Said = await play({ ...told, signal: stopping.signal }).then(
    () => ({ kind: 'done' }),
    (error: unknown) => ({ kind: 'failed', message: asProblem(error).message }),
  )
  process.send!(said, () => process.exit())
})
