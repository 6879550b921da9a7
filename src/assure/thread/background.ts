/**
 * A thread for statistics, with database connections of its own: what it reads, parses and computes holds up nobody who
 * works meanwhile. It begins with the first piece of work and ends when none has come for a while.
 */
import { Worker } from 'node:worker_threads'
import type pg from 'pg'
import { PlumblineError, type Problem } from '../../platform/errors.ts'
import { threadEntry } from '../../platform/threads.ts'
import type { Measure } from './work.ts'

export type ThreadRequest =
  | { id: number; kind: string; input: unknown; connection: pg.ClientConfig }
  | { id: number; end: true }

export type ThreadAnswer =
  | { id: number; result: unknown }
  | { id: number; problem: Problem }
  | { id: number; failed: string }

export interface StatisticsThread<M> {
  measure: M
  close(): Promise<void>
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** One running thread. */
function conversation() {
  const worker = new Worker(threadEntry('thread.js'))
  const waiting = new Map<number, Waiting>()
  const ended = new Promise<void>((done) => worker.once('exit', () => done()))
  const end = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on('message', (answer: ThreadAnswer) => {
    const asker = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('result' in answer) asker?.resolve(answer.result)
    else asker?.reject('problem' in answer ? new PlumblineError(answer.problem) : new Error(answer.failed))
  })
  worker.once('error', (error) => end(error as Error))
  worker.once('exit', () => end(new Error('the thread of statistics ended before it was done')))
  return {
    waiting,
    ended,
    ask: (request: ThreadRequest) =>
      new Promise<unknown>((resolve, reject) => {
        waiting.set(request.id, { resolve, reject })
        worker.postMessage(request)
      }),
    end: async (id: number) => {
      worker.postMessage({ id, end: true } satisfies ThreadRequest)
      await ended
    },
  }
}

/**
 * `M`: the work that the entry knows, if more than this station's.
 * @param connection read anew for each piece of work: the embedded server may come back at another socket
 */
export function statisticsThread<M = Measure>(
  connection: () => pg.ClientConfig,
  { idleMs = 60_000 } = {},
): StatisticsThread<M> {
  let running: ReturnType<typeof conversation> | undefined
  let idle: NodeJS.Timeout | undefined
  let last = 0
  let closing: Promise<void> = Promise.resolve()

  const rest = () => {
    const thread = running
    running = undefined
    clearTimeout(idle)
    if (thread) closing = Promise.all([closing, thread.end(++last)]).then(() => {})
    return closing
  }
  const measure = async (kind: string, input: unknown) => {
    clearTimeout(idle)
    if (!running) {
      const begun = conversation()
      running = begun
      // One that broke down is not asked again.
      void begun.ended.then(() => {
        if (running === begun) running = undefined
      })
    }
    const thread = running
    try {
      return await thread.ask({ id: ++last, kind, input, connection: connection() })
    } finally {
      if (running === thread && thread.waiting.size === 0) idle = setTimeout(rest, idleMs).unref()
    }
  }
  return { measure: measure as M, close: rest }
}
