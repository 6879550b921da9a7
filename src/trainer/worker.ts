/**
 * Entry of a worker thread that trains: kernels block the thread they run on, a server's must stay free. Speaks in plain
 * messages: events out, `stop` in, and rewards asked of the parent where it scores samples itself.
 */
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerMessage, WorkerTask } from './schedule/background.ts'
import type { RewardFunction } from './schedule/learner.ts'
import { runTraining } from './schedule/run.ts'

const port = parentPort
if (!port) throw new Error('This file is the entry of a worker thread.')
const task: WorkerTask = workerData
const stop = new AbortController()
const waiting = new Map<number, { resolve: (scores: number[]) => void; reject: (error: Error) => void }>()
const post = (message: WorkerMessage): void => port.postMessage(message)

port.on('message', (message: { stop: true } | { id: number; scores: number[] } | { id: number; failed: string }) => {
  if ('stop' in message) {
    stop.abort()
    return
  }
  const asked = waiting.get(message.id)
  waiting.delete(message.id)
  if ('scores' in message) asked?.resolve(message.scores)
  else asked?.reject(new Error(message.failed))
})

/**
 * Lets the other threads of this process go first: the kernels take every core, and a server on the same cores must still
 * answer. Linux alone has a priority a thread; the threads of the kernels begin with that of the thread that starts them.
 */
function giveWay(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), 10)
  } catch {}
}

let asked = 0
const reward: RewardFunction = (items) =>
  new Promise((resolve, reject) => {
    const id = asked++
    waiting.set(id, { resolve, reject })
    post({ kind: 'reward', id, items: [...items] })
  })

giveWay()
try {
  await runTraining(task.spec, {
    signal: stop.signal,
    onEvent: (event) => post({ kind: 'event', event }),
    ...(task.scoresSamples ? { reward } : {}),
  })
} catch (error) {
  const { message, code, where, hint } = error as Error & { code?: string; where?: string; hint?: string }
  post({ kind: 'failed', problem: { message, code: code ?? 'internal', where, hint } })
}
port.close()
