/** Entry of the thread behind `background.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { bootstrapAgreement } from './agreement/bootstrap.ts'
import { metricDistance, weightDistance } from './agreement/distances.ts'
import { pairableTotals } from './agreement/krippendorff.ts'
import { prepare } from './agreement/prepared.ts'
import { countItems } from './agreement/ratings.ts'
import type { Results, WorkerMessage, WorkerTask } from './background.ts'
import { groupCohesion } from './bias/groups.ts'
import { pairedBootstrap } from './evaluation/paired-bootstrap.ts'
import { finish } from './resampling.ts'

const port = parentPort
if (!port) throw new Error('This file is the entry of a worker thread.')
const post = (message: WorkerMessage): void => port.postMessage(message)

function steps({ kind, work }: WorkerTask): Generator<number, Results[keyof Results]> {
  if (kind === 'paired') return pairedBootstrap(work.first, work.second, work.options)
  if (kind === 'groups') return groupCohesion(work.ratings, work.options)
  const { ratings, scale } = work
  const counts = countItems(ratings)
  const distance =
    'weights' in scale
      ? weightDistance(scale.weights, ratings)
      : metricDistance(scale.metric, ratings, pairableTotals(counts, ratings.categories.length))
  return bootstrapAgreement(prepare(ratings, distance, counts), work.coefficient, work.options)
}

try {
  post({ result: finish(steps(workerData), (progress) => post({ progress })) })
} catch (error) {
  post({ failed: (error as Error).message })
}
