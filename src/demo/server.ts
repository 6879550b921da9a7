/** The server that the demo's client speaks to, as anybody starts one: a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PlumblineError } from '../platform/errors.ts'
import { until } from './client.ts'

interface DemoServer {
  url: string
  stop(): Promise<void>
}

/** Starts `serve` and waits until it can work. Throws what kept it from that. */
export async function startServer(
  { data, port }: { data: string; port: number },
  signal: AbortSignal,
): Promise<DemoServer> {
  const url = `http://127.0.0.1:${port}`
  const args = ['serve', '--no-demo', '--data', data, '--port', String(port)]
  // A terminal sends its interrupt to both; the server waits for the client that still speaks to it.
  const child = spawn(process.execPath, [process.argv[1]!, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000)
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  const failed = (): PlumblineError =>
    new PlumblineError({
      code: 'unavailable',
      message: said.trim().replace(/^plumbline: /, '') || 'The server did not start.',
    })
  try {
    await until(
      async () => {
        if (child.exitCode !== null) throw failed()
        const answer = await fetch(`${url}/readyz`, { signal }).catch(() => undefined)
        return answer?.ok || undefined
      },
      signal,
      100,
    )
  } catch (error) {
    await stop()
    throw error
  }
  return { url, stop }
}
