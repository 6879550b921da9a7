/**
 * Logistic regression by Newton's method with step halving; for a handful of columns and any number of rows.
 *
 * maximise sum_i w_i (y_i eta_i - ln(1 + exp eta_i)) - ridge/2 |b|^2, eta = offset + X b. Standard errors: inverse information,
 * or the sandwich of cluster sums (Liang and Zeger 1986, doi 10.1093/biomet/73.1.13) where rows of one worker or prompt hang
 * together, scaled by clusters / (clusters - 1).
 *
 * Worked example: one column of ones, 3 of 4 outcomes are 1: b = ln 3 = 1.0986, se = 1 / sqrt(4 * 3/16) = 1.1547.
 */
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
  covariance: number[][]
  logLikelihood: number
}

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
    const gradient = b.map((value) => -ridge * value)
    const information = b.map((_, c) => b.map((_, e) => (c === e ? ridge : 0)))
    for (let i = 0; i < n; i++) {
      const p = sigmoid(etaOf(b, i))
      const w = weight ? weight[i]! : 1
      for (let c = 0; c < d; c++) {
        const x = columns[c]![i]! * w
        gradient[c]! += (y[i]! - p) * x
        for (let e = 0; e <= c; e++) information[c]![e]! += p * (1 - p) * x * columns[e]![i]!
      }
    }
    for (let c = 0; c < d; c++) for (let e = 0; e < c; e++) information[e]![c] = information[c]![e]!
    return { gradient, information }
  }

  let value = logLikelihood(b)
  let converged = false
  for (let iteration = 0; iteration < 60 && !converged; iteration++) {
    const { gradient, information } = derivatives()
    const inverse = invertPositive(information)
    if (!inverse) return { undefined: 'a column is constant, or repeats another one' }
    const step = inverse.map((row) => row.reduce((sum, cell, c) => sum + cell * gradient[c]!, 0))
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

  const { information } = derivatives()
  const inverse = invertPositive(information)
  if (!inverse) return { undefined: 'the outcomes can be told apart without error: the effect has no finite estimate' }
  const covariance = cluster ? sandwich(inverse) : inverse
  return { coefficients: b, covariance, se: covariance.map((row, c) => Math.sqrt(row[c]!)), logLikelihood: value }

  function sandwich(bread: number[][]): number[][] {
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
    const meat = b.map(() => new Array<number>(d).fill(0))
    for (const sums of clusters.values())
      for (let c = 0; c < d; c++) for (let e = 0; e < d; e++) meat[c]![e]! += scale * sums[c]! * sums[e]!
    return multiply(multiply(bread, meat), bread)
  }
}

export const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

function multiply(a: number[][], b: number[][]): number[][] {
  return a.map((row) => b[0]!.map((_, c) => row.reduce((sum, cell, k) => sum + cell * b[k]![c]!, 0)))
}

/** Inverse of a symmetric positive definite matrix by Cholesky; undefined where it is not, to rounding. */
export function invertPositive(matrix: number[][]): number[][] | undefined {
  const d = matrix.length
  const l = matrix.map(() => new Array<number>(d).fill(0))
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]![j]!
      for (let k = 0; k < j; k++) sum -= l[i]![k]! * l[j]![k]!
      if (i !== j) l[i]![j] = sum / l[j]![j]!
      else {
        if (!(sum > 1e-12 * matrix[i]![i]!)) return undefined
        l[i]![i] = Math.sqrt(sum)
      }
    }
  const columns = matrix.map((_, unit) => {
    const x = new Array<number>(d).fill(0)
    for (let i = 0; i < d; i++) {
      let sum = i === unit ? 1 : 0
      for (let k = 0; k < i; k++) sum -= l[i]![k]! * x[k]!
      x[i] = sum / l[i]![i]!
    }
    for (let i = d - 1; i >= 0; i--) {
      let sum = x[i]!
      for (let k = i + 1; k < d; k++) sum -= l[k]![i]! * x[k]!
      x[i] = sum / l[i]![i]!
    }
    return x
  })
  return columns
}
