/**
 * A model in a thread of its own: the kernels block whatever thread they run in, and a server must not wait. One model
 * answers one request after the other; prompts that belong together are best sent together, as one batch.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { PlumblineError, type Problem } from '../platform/errors.ts'
import { threadEntry } from '../platform/threads.ts'
import type { Message } from '../trainer/text/chat.ts'
import type { Answer, TextOptions } from './generation.ts'
import type { Item, LogProb } from './score.ts'

export interface WorkerTask {
  path: string
  /** See `Opening`. */
  dataDir?: string
  threads?: number
}

/** What is left out is as the model's own generation settings say; the temperature else 1. */
export type BackgroundOptions = Omit<TextOptions, 'onText' | 'isStopped' | 'temperature'> & { temperature?: number }

type Prompts = readonly (string | Message[])[]

/** What became of one prompt of several: a prompt that does not fit fails alone. */
export type Outcome = { answer: Answer; problem?: undefined } | { problem: Problem; answer?: undefined }

export interface AnswerRequest {
  id: number
  kind: 'answer' | 'sample'
  prompts: Prompts
  options: BackgroundOptions
}
export interface ScoreRequest {
  id: number
  kind: 'score' | 'log-probs'
  items: readonly Item[]
  maxLength: number
}
export type WorkerRequest = AnswerRequest | ScoreRequest | { id: number; kind: 'stop' } | { kind: 'close' }

export type WorkerAnswer =
  | { id: number; kind: 'ready'; head: 'lm' | 'scalar'; parameters: number }
  | { id: number; kind: 'text'; index: number; piece: string }
  | { id: number; kind: 'answers'; answers: Answer[] }
  | { id: number; kind: 'outcomes'; outcomes: Outcome[] }
  | { id: number; kind: 'scores'; scores: number[] }
  | { id: number; kind: 'log-probs'; logProbs: LogProb[] }
  | { id: number; kind: 'failed'; problem: Problem }

export interface BackgroundModel {
  head: 'lm' | 'scalar'
  parameters: number
  /** Answers in the order of the prompts. `onText` hears pieces as they come; an aborted signal ends them early. */
  answer(
    prompts: Prompts,
    options: BackgroundOptions & { signal?: AbortSignal; onText?: (index: number, piece: string) => void },
  ): Promise<Answer[]>
  /** Answers without being watched, as one batch. Throws the reason of an aborted signal. */
  sample(prompts: Prompts, options: BackgroundOptions & { signal?: AbortSignal }): Promise<Outcome[]>
  /** By a reward model its score, else the mean log-probability a token. */
  score(items: readonly Item[], maxLength?: number): Promise<number[]>
  /** Of each response, under a language model. */
  logProbs(items: readonly Item[], maxLength?: number): Promise<LogProb[]>
  close(): Promise<void>
  /** Settles when its thread is gone, closed or died: whatever is asked after that fails. */
  ended: Promise<void>
}

interface Waiting {
  resolve(answer: WorkerAnswer): void
  reject(error: Error): void
  onText?: (index: number, piece: string) => void
}

/** The messages to and from the thread: each request has an answer, or fails when the thread ends. */
function conversation(task: WorkerTask) {
  const worker = new Worker(threadEntry('models/worker.js'), { workerData: task })
  const waiting = new Map<number, Waiting>()
  let ended: Error | undefined
  const end = (error: Error): void => {
    ended ??= error
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
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
  const closed = new PlumblineError({ code: 'unavailable', message: 'The model was closed.', where: task.path })
  const exited = new Promise<void>((done) => worker.once('exit', () => done()))
  worker.once('error', end)
  void exited.then(() => end(closed))
  return {
    worker,
    exited,
    /**
     * Whoever waits hears of it at once; the thread ends by itself, after the step that it is in: to end it from outside,
     * in the middle of a kernel, would take the process with it.
     */
    async close(): Promise<void> {
      end(closed)
      worker.postMessage({ kind: 'close' } satisfies WorkerRequest)
      const patience = new AbortController()
      const { signal } = patience
      await Promise.race([exited, sleep(closeMs, undefined, { signal }).catch(() => {})])
      patience.abort()
      worker.unref()
    },
    /** Sends the request, if there is one, and resolves with the answer of that kind. */
    ask: <K extends WorkerAnswer['kind']>(id: number, kind: K, request?: WorkerRequest, onText?: Waiting['onText']) =>
      new Promise<WorkerAnswer>((resolve, reject) => {
        if (ended) return reject(ended)
        waiting.set(id, { resolve, reject, onText })
        if (request) worker.postMessage(request)
      }).then((answer) => {
        if (answer.kind !== kind) throw new Error(`the thread answered ${answer.kind} where ${kind} was asked`)
        return answer as Extract<WorkerAnswer, { kind: K }>
      }),
  }
}

const mostTokens = 2048
/** How long a closing model is waited for. */
const closeMs = 30_000

/** `path` as `findModel` answers it. Throws what opening the model throws. */
export async function openInBackground(path: string, options: Omit<WorkerTask, 'path'> = {}): Promise<BackgroundModel> {
  const { worker, ask, close, exited } = conversation({ path, ...options })
  let lastId = 0
  /** Tells the thread when the signal is aborted, until `answered` has settled. */
  const stoppable = async <T>(id: number, signal: AbortSignal | undefined, answered: Promise<T>): Promise<T> => {
    const stop = (): void => worker.postMessage({ id, kind: 'stop' } satisfies WorkerRequest)
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
    return answered.finally(() => signal?.removeEventListener('abort', stop))
  }
  const { head, parameters } = await ask(0, 'ready')
  return {
    head,
    parameters,
    answer: async (prompts, { signal, onText, ...options }) => {
      const id = ++lastId
      const answered = ask(id, 'answers', { id, kind: 'answer', prompts, options }, onText)
      return (await stoppable(id, signal, answered)).answers
    },
    sample: async (prompts, { signal, ...options }) => {
      const id = ++lastId
      const { outcomes } = await stoppable(id, signal, ask(id, 'outcomes', { id, kind: 'sample', prompts, options }))
      signal?.throwIfAborted()
      return outcomes
    },
    score: async (items, maxLength = mostTokens) => {
      const id = ++lastId
      return (await ask(id, 'scores', { id, kind: 'score', items, maxLength })).scores
    },
    logProbs: async (items, maxLength = mostTokens) => {
      const id = ++lastId
      return (await ask(id, 'log-probs', { id, kind: 'log-probs', items, maxLength })).logProbs
    },
    close,
    ended: exited,
  }
}
