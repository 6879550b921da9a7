/**
 * Logistic regression by Newton's method with step halving; for a handful of columns and any number of rows.
 *
 * maximise sum_i w_i (y_i eta_i - ln(1 + exp eta_i)) - ridge/2 |b|^2, eta = offset + X b. Standard errors: inverse information,
 * or the sandwich of cluster sums (Liang and Zeger 1986, doi 10.1093/biomet/73.1.13) where rows of one worker or prompt hang
 * together, scaled by clusters / (clusters - 1).
 *
 * Worked example: one column of ones, 3 of 4 outcomes are 1: b = ln 3 = 1.0986, se = 1 / sqrt(4 * 3/16) = 1.1547.
 */
import { cholesky, inverse, multiply, solve } from './linear.ts'
import { sigmoid, softplus } from './sigmoid.ts'

export interface LogisticData {
  /** Columns of X, each as long as y. */
  columns: Float64Array[]
  /** Outcomes in 0..1. */
  y: ArrayLike<number>
  offset?: Float64Array
  weight?: Float64Array
  /** Number of the cluster of each row, from 0. */
  cluster?: Int32Array
  ridge?: number
}

export interface LogisticFit {
  coefficients: number[]
  se: number[]
  logLikelihood: number
}

/** A column that repeats others leaves no more than this of its information. */
const singular = 1e-12

export function fitLogistic({
  columns,
  y,
  offset,
  weight,
  cluster,
  ridge = 0,
}: LogisticData): LogisticFit | { undefined: string } {
  const n = y.length
  const d = columns.length
  const b = new Array<number>(d).fill(0)
  const etaOf = (at: readonly number[], i: number) => {
    let eta = offset ? offset[i]! : 0
    for (let c = 0; c < d; c++) eta += at[c]! * columns[c]![i]!
    return eta
  }
  const logLikelihood = (at: readonly number[]) => {
    let sum = 0
    for (let i = 0; i < n; i++) {
      const eta = etaOf(at, i)
      sum += (weight ? weight[i]! : 1) * (y[i]! * eta - softplus(eta))
    }
    for (const value of at) sum -= (ridge / 2) * value * value
    return sum
  }
  const derivatives = () => {
    const gradient = Float64Array.from(b, (value) => -ridge * value)
    const information = new Float64Array(d * d)
    for (let c = 0; c < d; c++) information[c * d + c] = ridge
    for (let i = 0; i < n; i++) {
      const p = sigmoid(etaOf(b, i))
      const w = weight ? weight[i]! : 1
      for (let c = 0; c < d; c++) {
        const x = columns[c]![i]! * w
        gradient[c]! += (y[i]! - p) * x
        for (let e = 0; e <= c; e++) information[c * d + e]! += p * (1 - p) * x * columns[e]![i]!
      }
    }
    for (let c = 0; c < d; c++) for (let e = 0; e < c; e++) information[e * d + c] = information[c * d + e]!
    return { gradient, factor: cholesky(information, d, singular) }
  }

  let value = logLikelihood(b)
  let converged = false
  for (let iteration = 0; iteration < 60 && !converged; iteration++) {
    const { gradient, factor } = derivatives()
    if (!factor) return { undefined: 'a column is constant, or repeats another one' }
    const step = solve(factor, d, gradient)
    let size = 1
    let next = b
    let better = value
    for (; size > 1e-6; size /= 2) {
      next = b.map((own, c) => own + size * step[c]!)
      better = logLikelihood(next)
      if (better >= value - 1e-12 * Math.abs(value)) break
    }
    for (let c = 0; c < d; c++) b[c] = next[c]!
    converged = step.every((move, c) => Math.abs(move) < 1e-9 * (1 + Math.abs(b[c]!)))
    value = better
    if (b.some((own) => Math.abs(own) > 1e4)) break
  }
  if (!converged)
    return { undefined: 'the outcomes can be told apart without error: the effect has no finite estimate' }

  const { factor } = derivatives()
  if (!factor) return { undefined: 'the outcomes can be told apart without error: the effect has no finite estimate' }
  const bread = inverse(factor, d)
  const covariance = cluster ? sandwich(bread) : bread
  return { coefficients: b, se: b.map((_, c) => Math.sqrt(covariance[c * d + c]!)), logLikelihood: value }

  function sandwich(bread: Float64Array): Float64Array {
    const clusters = new Map<number, number[]>()
    for (let i = 0; i < n; i++) {
      let sums = clusters.get(cluster![i]!)
      if (!sums) {
        sums = new Array<number>(d).fill(0)
        clusters.set(cluster![i]!, sums)
      }
      const rest = (weight ? weight[i]! : 1) * (y[i]! - sigmoid(etaOf(b, i)))
      for (let c = 0; c < d; c++) sums[c]! += rest * columns[c]![i]!
    }
    const scale = clusters.size / Math.max(1, clusters.size - 1)
    const meat = new Float64Array(d * d)
    for (const sums of clusters.values())
      for (let c = 0; c < d; c++) for (let e = 0; e < d; e++) meat[c * d + e]! += scale * sums[c]! * sums[e]!
    return multiply(multiply(bread, meat, d), bread, d)
  }
}
