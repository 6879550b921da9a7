/** Long resampling in a worker thread: shows its progress and ends at once when its signal is aborted. */
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Bootstrap, BootstrapCoefficient, BootstrapOptions } from './agreement/bootstrap.ts'
import type { MetricName, WeightName } from './agreement/distances.ts'
import type { Undefined } from './agreement/estimate.ts'
import type { Ratings } from './agreement/ratings.ts'
import type { GroupCohesion, GroupedRatings, GroupOptions } from './bias/groups.ts'
import { StatsError } from './errors.ts'
import type { PairedDifference, PairedOptions } from './evaluation/paired-bootstrap.ts'

/** Each kind of work with what it takes; a distance given as a function cannot cross to a thread and is left out. */
export interface Work {
  agreement: {
    ratings: Ratings
    coefficient: BootstrapCoefficient
    scale: { weights: WeightName } | { metric: MetricName }
    options: BootstrapOptions
  }
  paired: { first: Float64Array; second: Float64Array; options: PairedOptions }
  groups: { ratings: GroupedRatings; options: Omit<GroupOptions, 'distance'> }
}

export interface Results {
  agreement: Bootstrap | Undefined
  paired: PairedDifference | Undefined
  groups: (GroupCohesion | Undefined)[]
}

export type WorkerTask = { [K in keyof Work]: { kind: K; work: Work[K] } }[keyof Work]
export type WorkerMessage = { progress: number } | { result: Results[keyof Results] } | { failed: string }

/** Node runs JavaScript alone: where this is a source file, the worker is what was built from it. */
function entry(): string {
  const built = import.meta.url.endsWith('.js') ? './worker.js' : '../../dist/server/stats/worker.js'
  return fileURLToPath(new URL(built, import.meta.url))
}

/** Throws `stopped` when the signal is aborted. */
export function resampleInBackground<K extends keyof Work>(
  kind: K,
  work: Work[K],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (share: number) => void } = {},
): Promise<Results[K]> {
  return new Promise((resolve, reject) => {
    const stopped = () => new StatsError('stopped', 'The computation was stopped.')
    if (signal?.aborted) return reject(stopped())
    const worker = new Worker(entry(), { workerData: { kind, work } })
    const stop = () => {
      reject(stopped())
      void worker.terminate()
    }
    signal?.addEventListener('abort', stop, { once: true })
    worker.on('message', (message: WorkerMessage) => {
      if ('progress' in message) onProgress?.(message.progress)
      else if ('result' in message) resolve(message.result as Results[K])
      else reject(new StatsError('bad_input', message.failed))
    })
    worker.once('error', reject)
    worker.once('exit', (status) => {
      signal?.removeEventListener('abort', stop)
      reject(new StatsError('stopped', `The thread ended with status ${status} before it was done.`))
    })
  })
}
