/**
 * Ordered ratings with severity: the many-facet Rasch model (Linacre 1989) with Andrich's rating scale (1978). Rating k of
 * 0 .. K - 1 by worker w on item i:
 *
 *   log P(k) / P(k - 1) = t_i - c_w - h_k,   t the item's quality, c the worker's severity, h the steps of the scale
 *
 * Maximum a posteriori with t ~ N(0, 4), c ~ N(0, 1), h ~ N(0, 9): concave, so that there is one answer; the priors keep
 * items with only top ratings finite. `fair` is the rating that a worker of average severity would give on average.
 * Errors come from the curvature, an item's given the severities, a severity's with the items' uncertainty taken off.
 *
 * Worked example: two workers rate the same ten items, the second always one step lower: its severity is higher, and items
 * that only it rated get a fair rating above the plain mean.
 */
import { refuse } from '../errors.ts'
import { minimise } from '../preference/optimise.ts'
import type { Labels } from './labels.ts'

export interface OrdinalTruth {
  quality: Float64Array
  qualitySe: Float64Array
  /** Expected rating (0 .. classes - 1) by a worker of average severity. */
  fair: Float64Array
  /** Above 0: gives lower ratings than the others. Centred. */
  severity: Float64Array
  severitySe: Float64Array
  /** classes - 1 steps, from the lowest. */
  steps: Float64Array
  logPosterior: number
  iterations: number
  converged: boolean
}

const priorVariance = { quality: 4, severity: 1, step: 9 }

/** `table.label` holds ordered ratings: 0 is the lowest class. */
export function ordinalTruth(table: Labels): OrdinalTruth {
  const { items, workers, classes, start, worker, label } = table
  if (classes < 2) refuse('Ordered ratings need a scale of two classes or more.')
  const atWorker = items
  const atStep = items + workers
  const p = new Float64Array(classes)
  const objective = (x: Float64Array, gradient: Float64Array): number => {
    let value = 0
    for (let n = 0; n < x.length; n++) {
      const v = n < atWorker ? priorVariance.quality : n < atStep ? priorVariance.severity : priorVariance.step
      gradient[n] = x[n]! / v
      value += (x[n]! * x[n]!) / (2 * v)
    }
    const steps = x.subarray(atStep)
    for (let i = 0; i < items; i++) {
      for (let o = start[i]!; o < start[i + 1]!; o++) {
        const w = worker[o]!
        const k = label[o]!
        const { mean } = probabilities(x[i]! - x[atWorker + w]!, steps, p)
        value -= Math.log(Math.max(p[k]!, 1e-300))
        gradient[i]! -= k - mean
        gradient[atWorker + w]! += k - mean
        // step h counts when the rating reaches it: above(h) - P(above)
        let above = 0
        for (let h = classes - 2; h >= 0; h--) {
          above += p[h + 1]!
          gradient[atStep + h]! += Number(k > h) - above
        }
      }
    }
    return value
  }
  const found = minimise(objective, new Float64Array(items + workers + classes - 1), { tolerance: 1e-7 })
  const { x } = found
  const steps = x.slice(atStep)
  const mean = x.subarray(atWorker, atStep).reduce((a, b) => a + b, 0) / Math.max(workers, 1)
  const severity = x.slice(atWorker, atStep).map((c) => c - mean)
  const quality = x.slice(0, items).map((t) => t - mean)
  const onItem = new Float64Array(items).fill(1 / priorVariance.quality)
  const variances = new Float64Array(label.length)
  eachAnswer((i, o, v) => {
    onItem[i]! += v
    variances[o] = v
  })
  const onWorker = new Float64Array(workers).fill(1 / priorVariance.severity)
  eachAnswer((i, o, v) => {
    onWorker[worker[o]!]! += v * (1 - v / onItem[i]!)
  })
  return {
    quality,
    qualitySe: onItem.map((v) => 1 / Math.sqrt(v)),
    fair: quality.map((t) => probabilities(t, steps, p).mean),
    severity,
    severitySe: onWorker.map((v) => 1 / Math.sqrt(v)),
    steps,
    logPosterior: -found.value,
    iterations: found.iterations,
    converged: found.converged,
  }

  function eachAnswer(visit: (item: number, answer: number, variance: number) => void) {
    for (let i = 0; i < items; i++)
      for (let o = start[i]!; o < start[i + 1]!; o++)
        visit(i, o, probabilities(x[i]! - x[atWorker + worker[o]!]!, steps, p).variance)
  }
}

/** Writes the probability of each rating into `p`; returns mean and variance of the rating. */
export function probabilities(d: number, steps: Float64Array, p: Float64Array): { mean: number; variance: number } {
  let log = 0
  let top = 0
  p[0] = 0
  for (let k = 1; k < p.length; k++) {
    log += d - steps[k - 1]!
    p[k] = log
    if (log > top) top = log
  }
  let total = 0
  for (let k = 0; k < p.length; k++) total += p[k] = Math.exp(p[k]! - top)
  let mean = 0
  let square = 0
  for (let k = 0; k < p.length; k++) {
    p[k]! /= total
    mean += k * p[k]!
    square += k * k * p[k]!
  }
  return { mean, variance: Math.max(square - mean * mean, 0) }
}
