/** A run in a worker thread: the same call as `runTraining`, without its holding up the caller's thread. */
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type TrainerCode, TrainerError } from '../errors.ts'
import type { TrainingEvent } from './events.ts'
import type { RewardFunction } from './learner.ts'
import type { DoneEvent, RunOptions } from './run.ts'
import type { RunSpec } from './spec.ts'

export interface WorkerTask {
  spec: RunSpec
  /** The parent scores the samples. */
  scoresSamples: boolean
}

export type WorkerMessage =
  | { kind: 'event'; event: TrainingEvent }
  | { kind: 'reward'; id: number; items: Parameters<RewardFunction>[0] }
  | { kind: 'failed'; problem: { message: string; code: string; where?: string; hint?: string } }

/** Node runs JavaScript alone: where this is a source file, the worker is what was built from it. */
function entry(): string {
  const built = import.meta.url.endsWith('.js') ? '../worker.js' : '../../../dist/server/trainer/worker.js'
  return fileURLToPath(new URL(built, import.meta.url))
}

export function trainInBackground(
  spec: RunSpec,
  { onEvent = () => {}, signal, reward }: RunOptions = {},
): Promise<DoneEvent> {
  const task: WorkerTask = { spec, scoresSamples: reward !== undefined }
  const worker = new Worker(entry(), { workerData: task })
  const stop = () => worker.postMessage({ stop: true })
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  return new Promise<DoneEvent>((resolve, reject) => {
    let done: DoneEvent | undefined
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'event') {
        if (message.event.event === 'done') done = message.event
        onEvent(message.event)
      } else if (message.kind === 'reward') {
        const { id, items } = message
        reward?.(items).then(
          (scores) => worker.postMessage({ id, scores }),
          (error: Error) => worker.postMessage({ id, failed: error.message }),
        )
      } else {
        const { message: text, code, where, hint } = message.problem
        reject(new TrainerError(code as TrainerCode, text, { where, hint }))
      }
    })
    worker.once('error', reject)
    worker.once('exit', (status) => {
      signal?.removeEventListener('abort', stop)
      if (done) resolve(done)
      else
        reject(new TrainerError('unavailable', `The training thread ended with status ${status} before it was done.`))
    })
  })
}
