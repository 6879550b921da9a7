/**
 * A model in a thread of its own: the kernels block whatever thread they run in, and a server must not wait. One model
 * answers one request after the other; prompts that belong together are best sent together, as one batch.
 */
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { PlumblineError, type Problem } from '../platform/errors.ts'
import type { Message } from '../trainer/text/chat.ts'
import type { Text } from '../trainer/text/rows.ts'
import type { Answer, TextOptions } from './generation.ts'

export interface WorkerTask {
  path: string
  threads?: number
}

/** What the model's own generation settings leave open may be left out. */
export type BackgroundOptions = Omit<TextOptions, 'onText'>

export type WorkerRequest =
  | { id: number; kind: 'answer'; prompts: readonly (string | Message[])[]; options: BackgroundOptions }
  | { id: number; kind: 'score'; items: readonly { prompt: Text; response: Text }[]; maxLength: number }
  | { id: number; kind: 'stop' }

export type WorkerAnswer =
  | { id: number; kind: 'ready'; head: 'lm' | 'scalar'; parameters: number }
  | { id: number; kind: 'text'; index: number; piece: string }
  | { id: number; kind: 'answers'; answers: Answer[] }
  | { id: number; kind: 'scores'; scores: number[] }
  | { id: number; kind: 'failed'; problem: Problem }

export interface BackgroundModel {
  head: 'lm' | 'scalar'
  parameters: number
  /** Answers in the order of the prompts. `onText` hears pieces as they come; an aborted signal ends them early. */
  answer(
    prompts: readonly (string | Message[])[],
    options: BackgroundOptions & { signal?: AbortSignal; onText?: (index: number, piece: string) => void },
  ): Promise<Answer[]>
  /** By a reward model its score, else the mean log-probability a token. */
  score(items: readonly { prompt: Text; response: Text }[], maxLength?: number): Promise<number[]>
  close(): Promise<void>
}

/** Node runs JavaScript alone: where this is a source file, the worker is what was built from it. */
function entry(): string {
  const built = import.meta.url.endsWith('.js') ? './worker.js' : '../../dist/server/models/worker.js'
  return fileURLToPath(new URL(built, import.meta.url))
}

interface Waiting {
  resolve(answer: WorkerAnswer): void
  reject(error: Error): void
  onText?: (index: number, piece: string) => void
}

/** `path` as `findModel` answers it. Throws what opening the model throws. */
export async function openInBackground(path: string, threads?: number): Promise<BackgroundModel> {
  const worker = new Worker(entry(), { workerData: { path, threads } satisfies WorkerTask })
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  const failAll = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  const ask = (id: number, request?: WorkerRequest, onText?: Waiting['onText']) =>
    new Promise<WorkerAnswer>((resolve, reject) => {
      waiting.set(id, { resolve, reject, onText })
      if (request) worker.postMessage(request)
    })
  worker.on('message', (message: WorkerAnswer) => {
    const asker = waiting.get(message.id)
    if (message.kind === 'text') {
      asker?.onText?.(message.index, message.piece)
      return
    }
    waiting.delete(message.id)
    if (message.kind === 'failed') asker?.reject(new PlumblineError(message.problem))
    else asker?.resolve(message)
  })
  worker.once('error', failAll)
  worker.once('exit', () =>
    failAll(new PlumblineError({ code: 'unavailable', message: 'The model was closed.', where: path })),
  )
  const ready = await ask(0)
  if (ready.kind !== 'ready') throw new PlumblineError({ code: 'internal', message: 'The model did not open.' })
  return {
    head: ready.head,
    parameters: ready.parameters,
    answer: async (prompts, { signal, onText, ...options }) => {
      const id = ++lastId
      const stop = (): void => worker.postMessage({ id, kind: 'stop' } satisfies WorkerRequest)
      const answered = ask(id, { id, kind: 'answer', prompts, options }, onText)
      if (signal?.aborted) stop()
      signal?.addEventListener('abort', stop, { once: true })
      const message = await answered.finally(() => signal?.removeEventListener('abort', stop))
      return message.kind === 'answers' ? message.answers : []
    },
    score: async (items, maxLength = 2048) => {
      const id = ++lastId
      const message = await ask(id, { id, kind: 'score', items, maxLength })
      return message.kind === 'scores' ? message.scores : []
    },
    close: async () => void (await worker.terminate()),
  }
}
