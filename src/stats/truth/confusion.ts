/**
 * The two halves of every method with a confusion matrix per worker.
 *
 * Model: item i has a true class k with probability p_k; worker w answers l on it with probability pi_wkl, all answers
 * independent given k. Then  q_ik  is proportional to  p_k * product over the labels (w, l) of item i of pi_wkl.
 *
 * Tables over workers are laid out workers x answered x true, so that the inner loop over the true class is contiguous
 * (10M labels: 0.1 s a pass); `byTruth` turns them to workers x true x answered, the order in which people read them.
 */
import type { Labels } from './labels.ts'
import { emptyQuality, labelCounts, setQuality, snap, type WorkerQuality } from './result.ts'

/**
 * Writes q into `posterior` (items x classes). `logPi` is workers x answered x true, `logPrior` has one entry a class.
 * `known` (one class an item, -1 for unknown) holds gold items at their class.
 * Returns the log of the normalisers' product (the marginal log-likelihood when the inputs are probabilities) and the
 * largest change of an entry.
 */
export function expectation(
  table: Labels,
  logPi: Float64Array,
  logPrior: Float64Array,
  posterior: Float64Array,
  known?: Int32Array,
): { logLikelihood: number; change: number } {
  const { items, classes, start, worker, label } = table
  const sum = new Float64Array(classes)
  let logLikelihood = 0
  let change = 0
  for (let i = 0; i < items; i++) {
    for (let k = 0; k < classes; k++) sum[k] = logPrior[k]!
    for (let o = start[i]!; o < start[i + 1]!; o++) {
      const base = (worker[o]! * classes + label[o]!) * classes
      for (let k = 0; k < classes; k++) sum[k]! += logPi[base + k]!
    }
    const gold = known ? known[i]! : -1
    let top = sum[0]!
    for (let k = 1; k < classes; k++) if (sum[k]! > top) top = sum[k]!
    let total = 0
    for (let k = 0; k < classes; k++) {
      if (gold < 0) total += sum[k] = Math.exp(sum[k]! - top)
    }
    logLikelihood += gold < 0 ? top + Math.log(total) : sum[gold]!
    for (let k = 0; k < classes; k++) {
      const q = gold < 0 ? snap(sum[k]! / total) : Number(k === gold)
      const moved = Math.abs(q - posterior[i * classes + k]!)
      if (moved > change) change = moved
      posterior[i * classes + k] = q
    }
  }
  return { logLikelihood, change }
}

/** Expected answers, workers x answered x true, added to `into` (which holds the prior counts). */
export function countAnswers(table: Labels, posterior: Float64Array, into: Float64Array): void {
  const { items, classes, start, worker, label } = table
  for (let i = 0; i < items; i++) {
    const q = i * classes
    for (let o = start[i]!; o < start[i + 1]!; o++) {
      const base = (worker[o]! * classes + label[o]!) * classes
      for (let k = 0; k < classes; k++) into[base + k]! += posterior[q + k]!
    }
  }
}

/** Applies `each(count, total over the answers of this worker and true class)` to every cell of `counts`. */
export function mapCells(
  counts: Float64Array,
  classes: number,
  into: Float64Array,
  each: (count: number, total: number) => number,
): void {
  const square = classes * classes
  for (let base = 0; base < counts.length; base += square) {
    for (let k = 0; k < classes; k++) {
      let total = 0
      for (let l = 0; l < classes; l++) total += counts[base + l * classes + k]!
      for (let l = 0; l < classes; l++) {
        const cell = base + l * classes + k
        into[cell] = each(counts[cell]!, total)
      }
    }
  }
}

/** Turns workers x answered x true into workers x true x answered, and back. */
export function byTruth(table: Float64Array, classes: number): Float64Array {
  const turned = new Float64Array(table.length)
  const square = classes * classes
  for (let base = 0; base < table.length; base += square)
    for (let l = 0; l < classes; l++)
      for (let k = 0; k < classes; k++) turned[base + k * classes + l] = table[base + l * classes + k]!
  return turned
}

/**
 * Quality of each worker from Dirichlet counts a_wkl > 0 (prior included): accuracy = sum_k p_k a_wkk / a_wk0, its
 * variance = sum_k p_k^2 a_wkk (a_wk0 - a_wkk) / (a_wk0^2 (a_wk0 + 1)).
 */
export function confusionQuality(table: Labels, counts: Float64Array, prevalence: Float64Array): WorkerQuality {
  const { classes, workers } = table
  const quality = emptyQuality(labelCounts(table))
  const share = new Float64Array(counts.length)
  mapCells(counts, classes, share, (count, total) => (total > 0 ? count / total : 1 / classes))
  for (let w = 0; w < workers; w++) {
    const base = w * classes * classes
    let mean = 0
    let variance = 0
    for (let k = 0; k < classes; k++) {
      let total = 0
      for (let l = 0; l < classes; l++) total += counts[base + l * classes + k]!
      const right = share[base + k * classes + k]!
      mean += prevalence[k]! * right
      variance += (prevalence[k]! ** 2 * right * (1 - right)) / (total + 1)
    }
    setQuality(quality, w, Math.min(mean, 1), variance)
  }
  quality.confusion = byTruth(share, classes)
  return quality
}
