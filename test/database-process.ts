/** Starts `database-child.ts` as a real process. Node 20 runs no TypeScript, so it is bundled first. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import type { Problem } from '../src/platform/errors.ts'

interface Message {
  open?: true
  interrupted?: true
  problem?: Problem
  rows?: Record<string, unknown>[]
  fault?: string
}

export interface DatabaseProcess {
  child: ChildProcess
  /** What it said first: that it is open, or why not. */
  first: Message
  query(sql: string): Promise<Message>
  /** Resolves with the next thing it says. */
  next(): Promise<Message>
  /** Sends the signal and waits for its end; answers the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

interface Account {
  uid?: number
  gid?: number
}

const here = fileURLToPath(new URL('.', import.meta.url))

/** Bundles the child once for a test file. */
export async function databaseProcesses(): Promise<{
  start(dataDir: string, role?: 'serve' | 'command', as?: Account, wrapper?: string[]): Promise<DatabaseProcess>
  /** Starts it and waits for nothing. */
  spawn(dataDir: string): ChildProcess
  close(): void
}> {
  // Below node_modules, so that the packages are found from there.
  const folder = join(here, '../node_modules/.plumbline', `database-child-${process.pid}`)
  await build({
    root: here,
    configFile: false,
    logLevel: 'silent',
    build: { ssr: join(here, 'database-child.ts'), outDir: folder, emptyOutDir: true, minify: false },
  })
  const script = join(folder, 'database-child.js')
  return {
    start: (dataDir, role = 'command', as = {}, wrapper = []) =>
      answering(spawnChild([...wrapper, process.execPath, script, dataDir, role], as)),
    spawn: (dataDir) => spawnChild([process.execPath, script, dataDir, 'command'], {}),
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** In a group of its own, as a terminal gives to each command. */
const spawnChild = ([program, ...args]: string[], as: Account): ChildProcess =>
  spawn(program!, args, { ...as, stdio: ['pipe', 'pipe', 'ignore'], detached: true })

async function answering(child: ChildProcess): Promise<DatabaseProcess> {
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const next = async (): Promise<Message> => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the database process ended')
    return JSON.parse(value)
  }
  return {
    child,
    first: await next(),
    next,
    query(sql) {
      child.stdin!.write(`${sql}\n`)
      return next()
    },
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      const [code] = await exited
      return code
    },
  }
}
