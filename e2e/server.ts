/** Plumbline as people start it: the command line and a server of its own, on a database in a temporary folder. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const program = join(root, 'launch', 'start.mjs')
/** Without the test runner's mode, in which a build would be one for development. */
const { NODE_ENV: _, ...env } = process.env
const run = promisify(execFile)

export interface Plumbline {
  url: string
  /** The data folder. */
  data: string
  /** Where the owner's account is made. */
  setupLink: string
  /** Runs a command on the same data and reads the JSON that it prints. */
  command<T>(...args: string[]): Promise<T>
  /** Kills the server outright and starts another on its data. */
  crash(): Promise<void>
  close(): Promise<void>
}

/** A port that was free a moment ago: the address that the server prints must name it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (!address || typeof address === 'string') throw new Error('There is no free port.')
  return address.port
}

interface Served {
  data: string
  port: number
  variables: Record<string, string>
  /** The owner has an account: no link is printed. */
  isSetUp: boolean
}

interface Running {
  url: string
  setupLink?: string
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** Waits until the server can be worked with. */
async function serve({ data, port, variables, isSetUp }: Served): Promise<Running> {
  const url = `http://127.0.0.1:${port}`
  const args = [program, 'serve', '--data', data, '--port', String(port), '--no-demo']
  const server = spawn(process.execPath, args, {
    cwd: root,
    env: { ...env, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const link = () => /http\S+\/invitation\/\S+/.exec(said)?.[0]
  const isReady = async () =>
    isSetUp ? (await fetch(`${url}/readyz`).catch(() => undefined))?.ok : link() !== undefined
  while (!(await isReady())) {
    if (server.exitCode !== null) throw new Error(`The server ended: ${said}`)
    await sleep(50)
  }
  return {
    url,
    setupLink: link(),
    async end(signal) {
      const ended = once(server, 'exit')
      server.kill(signal)
      await ended
    },
  }
}
/** @param variables of the server's environment, besides those of the test runner */
export async function startPlumbline(variables: Record<string, string> = {}): Promise<Plumbline> {
  const data = mkdtempSync(join(tmpdir(), 'plumbline-e2e-'))
  // Root's PostgreSQL runs as another user, who must be able to enter.
  chmodSync(data, 0o711)
  const port = await freePort()
  let running = await serve({ data, port, variables, isSetUp: false })
  const { url, setupLink } = running
  return {
    url,
    data,
    setupLink: setupLink!,
    async command<T>(...args: string[]) {
      const { stdout } = await run(process.execPath, [program, ...args, '--data', data, '--json'], {
        cwd: root,
        env: { ...env, PLUMBLINE_URL: url },
      })
      return JSON.parse(stdout) as T
    },
    async crash() {
      await running.end('SIGKILL')
      running = await serve({ data, port, variables, isSetUp: true })
    },
    async close() {
      await running.end('SIGTERM')
      rmSync(data, { recursive: true, force: true })
    },
  }
}
