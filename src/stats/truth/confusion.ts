/**
 * The two halves of every method with a confusion matrix per worker.
 *
 * Model: item i has a true class k with probability p_k; worker w answers l on it with probability pi_wkl, all answers
 * independent given k. Then  q_ik  is proportional to  p_k * product over the labels (w, l) of item i of pi_wkl.
 *
 * Tables over workers are laid out workers x answered x true, so that the inner loop over the true class is contiguous
 * (and cached); `byTruth` turns them to workers x true x answered, the order in which people read them.
 */
import { refuse } from '../errors.ts'
import type { Labels } from './labels.ts'
import { emptyQuality, labelCounts, setQuality, type WorkerQuality } from './result.ts'

/** 160 MB a table of them. */
const cellLimit = 20_000_000

/** One cell for each worker, answered and true class. Throws `bad_input` where they would not fit in memory. */
export function confusionCells({ workers, classes }: Labels): Float64Array {
  const cells = workers * classes * classes
  if (cells > cellLimit)
    refuse(`${workers} workers and ${classes} classes are too many for a confusion matrix each.`, {
      hint: 'Use one-coin, wawa, glad or bwa; is the label column free text?',
    })
  return new Float64Array(cells)
}

/** Expected answers, workers x answered x true, added to `into` (which holds the prior counts). */
export function countAnswers(table: Labels, posterior: Float64Array, into: Float64Array): void {
  const { items, classes, start, worker, label } = table
  for (let i = 0; i < items; i++) {
    for (let o = start[i]!; o < start[i + 1]!; o++) {
      const base = (worker[o]! * classes + label[o]!) * classes
      for (let k = 0; k < classes; k++) into[base + k]! += posterior[i * classes + k]!
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
