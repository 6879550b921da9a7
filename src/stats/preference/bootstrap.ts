/**
 * Bootstrap intervals of Bradley-Terry scores (Efron 1979): votes, or whole workers where the votes of one worker hang
 * together, are drawn with replacement, the model is fitted again, and the 2.5% and 97.5% quantiles of each score are its
 * interval. A sample in which an item has no finite maximum does not count for that item; `used` says how many did.
 */
import { refuse } from '../errors.ts'
import { createRandom } from '../random.ts'
import { type BradleyTerryOptions, bradleyTerryOfPairs } from './bradley-terry.ts'
import { pairCounts, type Votes } from './votes.ts'

export interface BootstrapOptions extends BradleyTerryOptions {
  samples?: number
  seed?: number
  byWorker?: boolean
  /** Called after each sample with the share done; returning false stops, and what was drawn so far is used. */
  onProgress?: (share: number) => boolean | undefined
}

export interface Bootstrap {
  low: Float64Array
  high: Float64Array
  se: Float64Array
  used: Int32Array
}

export function bootstrapScores(votes: Votes, options: BootstrapOptions = {}): Bootstrap {
  const { samples = 1000, seed = 0, byWorker = false, onProgress } = options
  const { items, left, right, outcome, worker, workers = 0 } = votes
  if (byWorker && !worker) refuse('There are no workers to draw.', { where: 'worker' })
  const random = createRandom(seed)
  const units = byWorker ? workers : left.length
  const drawn: number[][] = Array.from({ length: items }, () => [])
  const votesOf: number[][] = Array.from({ length: byWorker ? workers : 0 }, () => [])
  worker?.forEach((w, n) => {
    if (byWorker) votesOf[w]!.push(n)
  })
  for (let sample = 0; sample < samples; sample++) {
    const chosen: number[] = []
    for (let unit = 0; unit < units; unit++) {
      const pick = random.integer(units)
      if (byWorker) for (const n of votesOf[pick]!) chosen.push(n)
      else chosen.push(pick)
    }
    const again = {
      items,
      left: Int32Array.from(chosen, (n) => left[n]!),
      right: Int32Array.from(chosen, (n) => right[n]!),
      outcome: Int8Array.from(chosen, (n) => outcome[n]!),
    }
    const { score, reason } = bradleyTerryOfPairs(pairCounts(again), options)
    for (let i = 0; i < items; i++) if (reason[i] === undefined) drawn[i]!.push(score[i]!)
    if (onProgress?.((sample + 1) / samples) === false) break
  }
  const sorted = drawn.map((scores) => Float64Array.from(scores).sort())
  const quantile = (q: number) => Float64Array.from(sorted, (scores) => at(scores, q))
  const se = Float64Array.from(sorted, (scores) => {
    const mean = scores.reduce((a, b) => a + b, 0) / scores.length
    return scores.length > 1 ? Math.sqrt(scores.reduce((sum, s) => sum + (s - mean) ** 2, 0) / (scores.length - 1)) : 0
  })
  return { low: quantile(0.025), high: quantile(0.975), se, used: Int32Array.from(sorted, (scores) => scores.length) }
}

/** Quantile between order statistics; 0 where nothing was drawn (`used` is then 0). */
function at(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) return 0
  const place = q * (sorted.length - 1)
  const low = Math.floor(place)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!)
}
