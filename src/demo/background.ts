/** The demo beside a server that is being looked at: begun on an empty data folder, gone on with after a restart, never twice. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Db } from '../platform/sql.ts'
import { bootstrap, demoState, dismiss } from './bootstrap.ts'
import type { Said, Told } from './player.ts'

interface DemoOptions {
  db: Db
  /** Where this very process listens. */
  url: string
  say(line: string): void
}

const seed = 1

/** Does nothing where something else is in the data folder, or the demo is over. */
export async function demoInBackground({ db, url, say }: DemoOptions): Promise<{ stop(): Promise<void> } | undefined> {
  const state = await demoState(db)
  if (state === 'over') return undefined
  const cast = await bootstrap(db, url, new Date())
  const child = fork(fileURLToPath(new URL('./player.js', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  let stopped = false
  child.send({ url, cast, seed } satisfies Told)
  say(`plumbline: the demo ${state === 'absent' ? 'is playing' : 'goes on'}; it takes about two minutes`)
  let over = false
  const end = (problem: string | undefined) => {
    if (stopped || over) return
    over = true
    say(`plumbline: the demo ${problem === undefined ? 'is through' : `has ended: ${problem}`}`)
    // Its keys are not left lying about; a demo that could not go on is not tried again.
    dismiss(db, cast.project, new Date(), problem).catch(() => {})
  }
  child.once('message', (said: Said) => end(said.kind === 'done' ? undefined : said.message))
  child.once('exit', () => end('its process died'))
  return {
    async stop() {
      stopped = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}
