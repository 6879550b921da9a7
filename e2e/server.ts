/** Plumbline as people start it: the command line and a server of its own, on a database in a temporary folder. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const program = join(root, 'launch', 'start.mjs')
/** Without the test runner's mode, in which a build would be one for development. */
const { NODE_ENV: _, ...env } = process.env
const run = promisify(execFile)

export interface Plumbline {
  url: string
  /** Where the owner's account is made. */
  setupLink: string
  /** Runs a command on the same data and reads the JSON that it prints. */
  command<T>(...args: string[]): Promise<T>
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

/** @param variables of the server's environment, besides those of the test runner */
export async function startPlumbline(variables: Record<string, string> = {}): Promise<Plumbline> {
  const data = mkdtempSync(join(tmpdir(), 'plumbline-e2e-'))
  // Root's PostgreSQL runs as another user, who must be able to enter.
  chmodSync(data, 0o711)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const args = [program, 'serve', '--data', data, '--port', String(port), '--no-demo']
  const server = spawn(process.execPath, args, {
    cwd: root,
    env: { ...env, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  const setupLink = await new Promise<string>((found, failed) => {
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const link = /http\S+\/invitation\/\S+/.exec(said)?.[0]
      if (link) found(link)
    })
    server.once('exit', () => failed(new Error(`The server ended: ${said}`)))
  })
  return {
    url,
    setupLink,
    async command<T>(...args: string[]) {
      const { stdout } = await run(process.execPath, [program, ...args, '--data', data, '--json'], {
        cwd: root,
        env: { ...env, PLUMBLINE_URL: url },
      })
      return JSON.parse(stdout) as T
    },
    async close() {
      const ended = once(server, 'exit')
      server.kill('SIGTERM')
      await ended
      rmSync(data, { recursive: true, force: true })
    },
  }
}
