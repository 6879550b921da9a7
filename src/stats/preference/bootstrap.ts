/**
 * Bootstrap intervals of Bradley-Terry scores (Efron 1979): votes, or whole workers where the votes of one worker hang
 * together, are drawn with replacement, the model is fitted again, and the 2.5% and 97.5% quantiles of each score are its
 * interval. A sample in which an item has no finite maximum does not count for that item; `used` says how many did.
 *
 * Scores are relative: a fit centres them over the items that it could score. Without the best item all others would seem better,
 * so that each set of scores of a sample is moved to the mean that its items have in the fit of all votes.
 *
 * Worked example: scores 3, 0, -1, -2; in a sample without a loss of the first the others come out as 1, 0, -1 and are moved by
 * the mean of 0, -1, -2, to 0, -1, -2.
 */
import { refuse } from '../errors.ts'
import { createRandom } from '../random.ts'
import { quantile } from '../resampling.ts'
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
  const whole = bradleyTerryOfPairs(pairCounts(votes), options).score
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
    const { score, reason, component } = bradleyTerryOfPairs(pairCounts(again), options)
    // Fewer votes never connect more: what a sample scores together, the whole fit does too.
    const scored = new Map<number, number[]>()
    for (let i = 0; i < items; i++)
      if (reason[i] === undefined) scored.set(component[i]!, [...(scored.get(component[i]!) ?? []), i])
    for (const set of scored.values()) {
      const shift = set.reduce((sum, i) => sum + whole[i]! - score[i]!, 0) / set.length
      for (const i of set) drawn[i]!.push(score[i]! + shift)
    }
    if (onProgress?.((sample + 1) / samples) === false) break
  }
  const sorted = drawn.map((scores) => Float64Array.from(scores).sort())
  // 0 where nothing was drawn: `used` is then 0.
  const limit = (q: number) => Float64Array.from(sorted, (scores) => (scores.length > 0 ? quantile(scores, q) : 0))
  const se = Float64Array.from(sorted, (scores) => {
    const mean = scores.reduce((a, b) => a + b, 0) / scores.length
    return scores.length > 1 ? Math.sqrt(scores.reduce((sum, s) => sum + (s - mean) ** 2, 0) / (scores.length - 1)) : 0
  })
  return { low: limit(0.025), high: limit(0.975), se, used: Int32Array.from(sorted, (scores) => scores.length) }
}
