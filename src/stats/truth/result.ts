/** What every method of truth inference gives, and the readings that they share. */
import { betaQuantile } from '../distributions.ts'
import type { Labels } from './labels.ts'

/** Per worker; all arrays have one entry a worker. A worker without labels has the prior's quality. */
export interface WorkerQuality {
  /** Probability that an answer of this worker names the true class. */
  accuracy: Float64Array
  se: Float64Array
  /** 95% interval. */
  readonly low: Float64Array
  readonly high: Float64Array
  labels: Int32Array
  /** workers x classes (true) x classes (answered), each row summing to 1; only of methods that model it. */
  confusion?: Float64Array
  /** The method's own parameter: GLAD's ability, MACE's probability of knowing, BWA's weight. */
  parameter?: Float64Array
}

/** One step of the fit: its objective (log-likelihood, log posterior or bound) and the largest change of a posterior. */
export interface Step {
  objective: number
  change: number
}

export interface Truth {
  method: string
  /** items x classes, each row summing to 1. */
  posterior: Float64Array
  /** Share of each class among the items. */
  prevalence: Float64Array
  quality: WorkerQuality
  trace: Step[]
  iterations: number
  converged: boolean
  /** Marginal log-likelihood of the labels at the estimate, where the method has one. */
  logLikelihood?: number
}

const grid = 2 ** 40
const step = 1 / grid

/**
 * Puts a probability on a grid of 2^-40. Where the answers are symmetric (two workers who always disagree), EM stands on a
 * saddle: rounding would push it off to one side, another one for another order of the names, and call it evidence.
 */
export const snap = (probability: number): number => Math.floor(probability * grid + 0.5) * step

/** Two posteriors closer than this are a tie: nothing but rounding tells them apart. */
const tieWidth = 1e-9

/** The most probable classes of an item: one, or several when they tie. */
export function best(posterior: Float64Array, classes: number, item: number): number[] {
  const row = posterior.subarray(item * classes, (item + 1) * classes)
  const top = row.reduce((a, b) => Math.max(a, b), 0)
  return [...row.keys()].filter((k) => row[k]! >= top - tieWidth)
}

/** Share of the items with known truth (>= 0) that the posterior names; a tie counts by its share of the right class. */
export function accuracyAgainst(posterior: Float64Array, classes: number, truth: ArrayLike<number>): number {
  let right = 0
  let known = 0
  for (let i = 0; i < truth.length; i++) {
    if (truth[i]! < 0) continue
    known++
    const named = best(posterior, classes, i)
    if (named.includes(truth[i]!)) right += 1 / named.length
  }
  return right / known
}

/** items x classes shares of the votes; an item without votes is uniform. */
export function voteShares({ items, classes, start, label }: Labels): Float64Array {
  const shares = new Float64Array(items * classes)
  for (let i = 0; i < items; i++) {
    const n = start[i + 1]! - start[i]!
    if (n === 0) shares.fill(1 / classes, i * classes, (i + 1) * classes)
    for (let o = start[i]!; o < start[i + 1]!; o++) shares[i * classes + label[o]!]! += 1 / n
  }
  return shares
}

/** Mean of the posterior over the items. */
export function prevalenceOf(posterior: Float64Array, classes: number): Float64Array {
  const share = new Float64Array(classes)
  const items = posterior.length / classes
  for (let i = 0; i < items; i++) for (let k = 0; k < classes; k++) share[k]! += posterior[i * classes + k]!
  return share.map((sum) => sum / items)
}

/** Labels given by each worker. */
export function labelCounts({ workers, worker }: Labels): Int32Array {
  const count = new Int32Array(workers)
  for (const w of worker) count[w]!++
  return count
}

/** Interval of a share whose posterior has this mean and variance, read as a beta distribution. */
export function betaMoments(mean: number, variance: number): { low: number; high: number } {
  const size = variance > 0 ? (mean * (1 - mean)) / variance - 1 : Number.POSITIVE_INFINITY
  if (!(size > 0 && size < 1e12) || mean <= 0 || mean >= 1) {
    const se = Math.sqrt(Math.max(variance, 0))
    return { low: Math.max(0, mean - 1.96 * se), high: Math.min(1, mean + 1.96 * se) }
  }
  const a = mean * size
  const b = (1 - mean) * size
  return { low: betaQuantile(0.025, a, b), high: betaQuantile(0.975, a, b) }
}

/**
 * Quality as the expected share of right answers under the posterior of the items, with Jeffreys' prior Beta(1/2, 1/2):
 * expected right answers r of n give Beta(r + 1/2, n - r + 1/2).
 */
export function qualityFromPosterior(table: Labels, posterior: Float64Array): WorkerQuality {
  const { workers, classes, items, start, worker, label } = table
  const right = new Float64Array(workers)
  for (let i = 0; i < items; i++)
    for (let o = start[i]!; o < start[i + 1]!; o++) right[worker[o]!]! += posterior[i * classes + label[o]!]!
  return qualityFromRight(right, labelCounts(table))
}

/** The same from the expected number of right answers of each worker. */
export function qualityFromRight(right: Float64Array, labels: Int32Array): WorkerQuality {
  const quality = emptyQuality(labels)
  for (let w = 0; w < labels.length; w++) {
    const a = right[w]! + 0.5
    const b = labels[w]! - right[w]! + 0.5
    setQuality(quality, w, a / (a + b), (a * b) / ((a + b) ** 2 * (a + b + 1)))
  }
  return quality
}

/** Intervals are computed when first read: for thousands of workers they cost more than a fit. */
export function emptyQuality(labels: Int32Array): WorkerQuality {
  const accuracy = new Float64Array(labels.length)
  const se = new Float64Array(labels.length)
  let bounds: { low: Float64Array; high: Float64Array } | undefined
  const interval = () => {
    const made = { low: new Float64Array(labels.length), high: new Float64Array(labels.length) }
    accuracy.forEach((mean, w) => {
      const { low, high } = betaMoments(mean, se[w]! ** 2)
      made.low[w] = low
      made.high[w] = high
    })
    return made
  }
  return {
    accuracy,
    se,
    labels,
    get low() {
      bounds ??= interval()
      return bounds.low
    },
    get high() {
      bounds ??= interval()
      return bounds.high
    },
  }
}

export function setQuality(quality: WorkerQuality, worker: number, mean: number, variance: number): void {
  quality.accuracy[worker] = mean
  quality.se[worker] = Math.sqrt(Math.max(variance, 0))
}
