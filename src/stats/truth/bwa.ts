/**
 * Bayesian weighted average: Li, Rubinstein and Cohn, "Truth Inference at Scale: A Bayesian Model for Adjudicating Highly
 * Redundant Crowd Annotations", WWW 2019. For every class, an item's truth is a number z near 0 or 1, an answer is that
 * number plus noise of its worker's precision v_w; both have conjugate priors:
 *
 *   v_w = (a + n_w) / (b + sum over w's answers of (y - z)^2),   z_i = (m + sum v_w y) / (1 + sum v_w),   m = mean z
 *
 * a = 15; b makes the prior variance that of the vote shares: b = a * 4 (1 - 1/K) * sum over answers of z (1 - z) / answers.
 * Each class against the rest, iterated to convergence from the vote shares. Cheap, and strong with many answers an item.
 *
 * Worked example: one item, answers 1 1 0, a = 15, K = 2: z = 2/3, b = 15 * 2 * 2/9 = 6.667; v = 16 / (6.667 + 1/9) = 2.361
 * for the first two, 16 / (6.667 + 4/9) = 2.25 for the third; z = (2/3 + 4.721) / (1 + 6.971) = .6759.
 */
import type { Labels } from './labels.ts'
import { labelCounts, prevalenceOf, qualityFromPosterior, type Step, snap, type Truth, voteShares } from './result.ts'

export interface BwaOptions {
  /** Pseudo-answers behind the prior of a worker's precision. */
  strength?: number
  iterations?: number
  tolerance?: number
}

export function bwa(table: Labels, options: BwaOptions = {}): Truth {
  const { iterations = 500, tolerance = 1e-6 } = options
  const { items, workers, classes } = table
  const posterior = new Float64Array(items * classes)
  const weights = new Float64Array(workers)
  const trace: Step[] = []
  let longest = 0
  let converged = true
  const shares = voteShares(table)
  for (let k = 0; k < classes; k++) {
    const fit = oneAgainstRest(table, shares, k, options.strength ?? 15, iterations, tolerance)
    for (let i = 0; i < items; i++) posterior[i * classes + k] = Math.max(fit.truth[i]!, 0)
    for (let w = 0; w < workers; w++) weights[w]! += fit.precision[w]! / classes
    converged &&= fit.converged
    if (fit.trace.length > longest) {
      longest = fit.trace.length
      trace.splice(0, trace.length, ...fit.trace)
    }
  }
  for (let i = 0; i < items; i++) {
    let sum = 0
    for (let k = 0; k < classes; k++) sum += posterior[i * classes + k]!
    for (let k = 0; k < classes; k++) posterior[i * classes + k]! /= sum
  }
  const quality = qualityFromPosterior(table, posterior)
  quality.parameter = weights
  return {
    method: 'bwa',
    posterior,
    prevalence: prevalenceOf(posterior, classes),
    quality,
    trace,
    iterations: longest,
    converged,
  }
}

function oneAgainstRest(
  table: Labels,
  shares: Float64Array,
  k: number,
  strength: number,
  iterations: number,
  tolerance: number,
) {
  const { items, workers, classes, start, worker, label } = table
  let truth = Float64Array.from({ length: items }, (_, i) => shares[i * classes + k]!)
  let scatter = 0
  for (let i = 0; i < items; i++) scatter += (start[i + 1]! - start[i]!) * truth[i]! * (1 - truth[i]!)
  // where no answer disagrees the variance is 0 and the precision would have no bound
  const b = Math.max((strength * 4 * (1 - 1 / classes) * scatter) / label.length, 1e-9)
  const count = labelCounts(table)
  const precision = new Float64Array(workers)
  const trace: Step[] = []
  let converged = false
  while (trace.length < iterations && !converged) {
    precision.fill(b)
    let mean = 0
    for (let i = 0; i < items; i++) {
      mean += truth[i]! / items
      for (let o = start[i]!; o < start[i + 1]!; o++)
        precision[worker[o]!]! += (Number(label[o] === k) - truth[i]!) ** 2
    }
    for (let w = 0; w < workers; w++) precision[w] = (strength + count[w]!) / precision[w]!
    const next = new Float64Array(items)
    let change = 0
    let residual = 0
    for (let i = 0; i < items; i++) {
      let sum = mean
      let total = 1
      for (let o = start[i]!; o < start[i + 1]!; o++) {
        total += precision[worker[o]!]!
        if (label[o] === k) sum += precision[worker[o]!]!
      }
      next[i] = snap(sum / total)
      change = Math.max(change, Math.abs(next[i]! - truth[i]!))
      residual += (next[i]! - truth[i]!) ** 2
    }
    truth = next
    trace.push({ objective: -residual, change })
    converged = change < tolerance
  }
  return { truth, precision, trace, converged }
}
