/**
 * Numbers instead of classes: each worker has a bias and a spread (Raykar et al., "Learning from Crowds", JMLR 11, 2010,
 * section 5; with conjugate priors so that a worker with one answer is not taken for exact).
 *
 *   y_iw = x_i + b_w + e,  e ~ N(0, s_w^2),   b_w ~ N(0, v),   s_w^2 ~ inverse gamma that counts as one answer of variance v
 *
 * v is the pooled variance inside items, so that everything scales with the unit of the numbers. EM with x as the hidden part:
 *   x_i = sum (y - b_w)/s_w^2 / sum 1/s_w^2,   b_w = sum (y - x_i) / (n + s_w^2/v),
 *   s_w^2 = (v + sum ((y - x_i - b_w)^2 + var x_i)) / (n + 1)
 *
 * Worked example: one item, answers 1 and 3 of two workers: pooled variance 2, both stay alike, x = 2.
 */
import { refuse } from '../errors.ts'
import type { Step } from './result.ts'

export interface NumericRatings {
  readonly items: number
  readonly workers: number
  readonly item: Int32Array
  readonly worker: Int32Array
  readonly value: Float64Array
}

export interface NumericTruth {
  /** One an item; an item without ratings has the mean of all. */
  value: Float64Array
  /** -1 for an item without ratings, whose error has no bound. */
  se: Float64Array
  workers: { bias: number; biasSe: number; spread: number; weight: number; ratings: number }[]
  trace: Step[]
  iterations: number
  converged: boolean
}

const pseudoAnswers = 1

export function numericTruth(
  ratings: NumericRatings,
  { iterations = 1000, tolerance = 1e-8 }: { iterations?: number; tolerance?: number } = {},
): NumericTruth {
  const { items, workers, item, worker, value } = ratings
  const bad = value.findIndex((y) => !Number.isFinite(y))
  if (bad >= 0) refuse('A rating is not a number.', { where: `row ${bad + 1}` })
  const n = value.length
  const perItem = countOf(item, items)
  const perWorker = countOf(worker, workers)
  const mean = new Float64Array(items)
  for (let r = 0; r < n; r++) mean[item[r]!]! += value[r]! / perItem[item[r]!]!
  let squares = 0
  for (let r = 0; r < n; r++) squares += (value[r]! - mean[item[r]!]!) ** 2
  const freedom = n - perItem.filter((count) => count > 0).length
  const grand = value.reduce((a, b) => a + b, 0) / Math.max(n, 1)
  // all agree, or nobody rated twice: any scale will do, since no disagreement is to be explained
  const pooled = freedom > 0 && squares > 0 ? squares / freedom : 1
  const bias = new Float64Array(workers)
  const variance = new Float64Array(workers).fill(pooled)
  const x = mean.map((m, i) => (perItem[i]! > 0 ? m : grand))
  const spread = new Float64Array(items)
  const trace: Step[] = []
  let converged = false
  while (trace.length < iterations && !converged) {
    const change = locate()
    const sum = new Float64Array(workers)
    for (let r = 0; r < n; r++) sum[worker[r]!]! += value[r]! - x[item[r]!]!
    for (let w = 0; w < workers; w++) bias[w] = sum[w]! / (perWorker[w]! + variance[w]! / pooled)
    // a shift of all biases against all items costs nothing but prior: at the maximum their mean is 0
    const level = bias.reduce((a, b) => a + b, 0) / Math.max(workers, 1)
    for (let w = 0; w < workers; w++) bias[w]! -= level
    const scatter = new Float64Array(workers)
    for (let r = 0; r < n; r++) {
      const w = worker[r]!
      scatter[w]! += (value[r]! - x[item[r]!]! - bias[w]!) ** 2 + spread[item[r]!]!
    }
    for (let w = 0; w < workers; w++)
      variance[w] = (pseudoAnswers * pooled + scatter[w]!) / (perWorker[w]! + pseudoAnswers)
    trace.push({ objective: logLikelihood(), change: change / Math.sqrt(pooled) })
    converged = trace.length > 1 && change < tolerance * Math.sqrt(pooled)
  }
  locate()
  return {
    value: x,
    se: spread.map((v, i) => (perItem[i]! > 0 ? Math.sqrt(v) : -1)),
    workers: Array.from(bias, (b, w) => ({
      bias: b,
      biasSe: Math.sqrt(variance[w]! / (perWorker[w]! + variance[w]! / pooled)),
      spread: Math.sqrt(variance[w]!),
      weight: pooled / variance[w]!,
      ratings: perWorker[w]!,
    })),
    trace,
    iterations: trace.length,
    converged,
  }

  function locate(): number {
    const sum = new Float64Array(items)
    const precision = new Float64Array(items)
    for (let r = 0; r < n; r++) {
      const w = worker[r]!
      sum[item[r]!]! += (value[r]! - bias[w]!) / variance[w]!
      precision[item[r]!]! += 1 / variance[w]!
    }
    let change = 0
    for (let i = 0; i < items; i++) {
      if (perItem[i] === 0) continue
      const next = sum[i]! / precision[i]!
      change = Math.max(change, Math.abs(next - x[i]!))
      x[i] = next
      spread[i] = 1 / precision[i]!
    }
    return change
  }

  /** Of the ratings at the present centre, up to a constant. */
  function logLikelihood(): number {
    let sum = 0
    for (let r = 0; r < n; r++) {
      const w = worker[r]!
      sum -= 0.5 * (Math.log(variance[w]!) + (value[r]! - x[item[r]!]! - bias[w]!) ** 2 / variance[w]!)
    }
    return sum
  }
}

function countOf(index: Int32Array, size: number): Int32Array {
  const count = new Int32Array(size)
  for (const n of index) count[n]!++
  return count
}
