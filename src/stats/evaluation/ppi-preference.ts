/**
 * Prediction-powered Bradley-Terry scores: few human comparisons and many of a judge (PPI++ for generalised linear models,
 * arXiv 2311.01453, section 4). The scores solve
 *
 * mean of human gradients + lambda (mean of the judge's gradients over all other pairs - mean of them over the labelled pairs) = 0,
 *
 * covariance H^-1 V H^-1, V = lambda^2 cov(judge) / N + cov(human - lambda judge) / n; lambda makes its trace smallest, cut to 0..1.
 * Scores are on the log scale and sum to 0. A tie counts half a win. The human part has n - models degrees of freedom.
 *
 * Worked example: with lambda = 0 the scores are the Bradley-Terry scores of the human comparisons: 3 wins of 4 between two
 * models give ln 3 between them.
 */
import { tQuantile } from '../distributions.ts'
import { invertPositive, sigmoid } from '../logistic.ts'

export interface JudgedPairs {
  left: Int32Array
  right: Int32Array
  /** 1 the left model won, 0 the right one, 0.5 a tie. */
  judge: Float64Array
}

export interface PpiScores {
  scores: { score: number; se: number; low: number; high: number }[]
  lambda: number
  n: number
  others: number
}

type Outcomes = { left: Int32Array; right: Int32Array }

/**
 * @param labelled pairs that a person compared too: `human` beside the judge's outcome
 * @param others pairs with the judge's outcome alone
 */
export function ppiBradleyTerry(
  models: number,
  labelled: JudgedPairs & { human: Float64Array },
  others: JudgedPairs,
  confidence = 0.95,
): PpiScores | { undefined: string } {
  const n = labelled.left.length
  const m = others.left.length
  if (models < 2) return { undefined: 'two models or more are needed' }
  const needed = Math.max(10, 3 * models)
  if (n < needed) return { undefined: `${n} human comparisons; at least ${needed} are needed` }
  if (!connected(models, labelled)) return { undefined: 'the human comparisons do not connect all models' }
  let lambda = 0
  // lambda depends on the scores and they on it: two rounds settle what first order theory asks for.
  let scores = solve(lambda)
  for (let round = 0; round < 2 && scores; round++) {
    lambda = m > 0 ? bestLambda(scores) : 0
    scores = solve(lambda)
  }
  if (!scores) return { undefined: 'a model won or lost every comparison: its score has no finite estimate' }
  const covariance = covarianceAt(scores, lambda)
  if (!covariance) return { undefined: 'the comparisons do not tell the models apart' }
  const full = centred(scores, covariance)
  const t = tQuantile(0.5 + confidence / 2, n - models)
  return {
    scores: full.map(({ score, se }) => ({ score, se, low: score - t * se, high: score + t * se })),
    lambda,
    n,
    others: m,
  }

  /** Scores of models 1.. relative to model 0. */
  function solve(weight: number): Float64Array | undefined {
    const at = new Float64Array(models)
    for (let step = 0; step < 100; step++) {
      const gradient = new Float64Array(models)
      const hessian = Array.from({ length: models }, () => new Array<number>(models).fill(0))
      accumulate(labelled, labelled.human, 1 / n)
      if (weight > 0) {
        accumulate(labelled, labelled.judge, -weight / n)
        accumulate(others, others.judge, weight / m)
      }
      const inverse = invertPositive(hessian.slice(1).map((row) => row.slice(1)))
      if (!inverse) return undefined
      let largest = 0
      for (const [row, own] of inverse.entries()) {
        const move = own.reduce((sum, cell, column) => sum + cell * gradient[column + 1]!, 0)
        const short = Math.max(-2, Math.min(2, move))
        at[row + 1]! += short
        largest = Math.max(largest, Math.abs(short))
      }
      if (largest < 1e-10) return at
      if (at.some((score) => Math.abs(score) > 50)) return undefined

      function accumulate({ left, right }: Outcomes, outcome: Float64Array, scale: number) {
        for (let i = 0; i < left.length; i++) {
          const [l, r] = [left[i]!, right[i]!]
          const p = sigmoid(at[l]! - at[r]!)
          const rest = scale * (outcome[i]! - p)
          const curve = scale * p * (1 - p)
          gradient[l]! += rest
          gradient[r]! -= rest
          hessian[l]![l]! += curve
          hessian[r]![r]! += curve
          hessian[l]![r]! -= curve
          hessian[r]![l]! -= curve
        }
      }
    }
    return undefined
  }

  /** Sum over pairs of rest a times rest b as a matrix over models, divided by their number, means taken out. */
  function crossed(
    at: Float64Array,
    pairs: Outcomes,
    a: (i: number, p: number) => number,
    b: (i: number, p: number) => number,
  ) {
    const count = pairs.left.length
    const matrix = Array.from({ length: models }, () => new Array<number>(models).fill(0))
    const meanA = new Float64Array(models)
    const meanB = new Float64Array(models)
    for (let i = 0; i < count; i++) {
      const [l, r] = [pairs.left[i]!, pairs.right[i]!]
      const p = sigmoid(at[l]! - at[r]!)
      const [x, y] = [a(i, p), b(i, p)]
      const product = (x * y) / count
      matrix[l]![l]! += product
      matrix[r]![r]! += product
      matrix[l]![r]! -= product
      matrix[r]![l]! -= product
      meanA[l]! += x / count
      meanA[r]! -= x / count
      meanB[l]! += y / count
      meanB[r]! -= y / count
    }
    for (let k = 0; k < models; k++) for (let l = 0; l < models; l++) matrix[k]![l]! -= meanA[k]! * meanB[l]!
    return matrix.slice(1).map((row) => row.slice(1))
  }

  function informationInverse(at: Float64Array) {
    const half = Array.from({ length: models }, () => new Array<number>(models).fill(0))
    const count = n + m
    for (const { left, right } of [labelled, others])
      for (let i = 0; i < left.length; i++) {
        const [l, r] = [left[i]!, right[i]!]
        const p = sigmoid(at[l]! - at[r]!)
        const curve = (p * (1 - p)) / count
        half[l]![l]! += curve
        half[r]![r]! += curve
        half[l]![r]! -= curve
        half[r]![l]! -= curve
      }
    return invertPositive(half.slice(1).map((row) => row.slice(1)))
  }

  function bestLambda(at: Float64Array): number {
    const inverse = informationInverse(at)
    if (!inverse) return 0
    const human = (i: number, p: number) => labelled.human[i]! - p
    const judge = (i: number, p: number) => labelled.judge[i]! - p
    const other = (i: number, p: number) => others.judge[i]! - p
    const together = traceOf(inverse, crossed(at, labelled, human, judge))
    const alone = traceOf(inverse, crossed(at, others, other, other))
    return alone > 0 ? Math.max(0, Math.min(1, together / ((1 + n / m) * alone))) : 0
  }

  function covarianceAt(at: Float64Array, weight: number): number[][] | undefined {
    const inverse = informationInverse(at)
    if (!inverse) return undefined
    const rest = (i: number, p: number) => labelled.human[i]! - p - weight * (labelled.judge[i]! - p)
    const own = crossed(at, labelled, rest, rest)
    const other = weight > 0 ? crossed(at, others, judgeRest, judgeRest) : undefined
    const meat = own.map((row, k) =>
      row.map((cell, l) => cell / (n - models) + (other ? (weight * weight * other[k]![l]!) / m : 0)),
    )
    return product(product(inverse, meat), inverse)
  }

  function judgeRest(i: number, p: number): number {
    return others.judge[i]! - p
  }
}

const product = (a: number[][], b: number[][]) =>
  a.map((row) => b[0]!.map((_, c) => row.reduce((sum, cell, k) => sum + cell * b[k]![c]!, 0)))

/** Trace of A M A. */
const traceOf = (a: number[][], matrix: number[][]) =>
  product(product(a, matrix), a).reduce((sum, row, k) => sum + row[k]!, 0)

/** Scores that sum to 0, and their standard errors, from scores relative to the first model. */
function centred(scores: Float64Array, covariance: number[][]) {
  const models = scores.length
  const mean = scores.reduce((sum, score) => sum + score, 0) / models
  const cell = (k: number, l: number) => (k === 0 || l === 0 ? 0 : covariance[k - 1]![l - 1]!)
  let all = 0
  const row = Array.from({ length: models }, (_, k) => {
    let sum = 0
    for (let l = 0; l < models; l++) sum += cell(k, l)
    all += sum
    return sum
  })
  return Array.from(scores, (score, k) => ({
    score: score - mean,
    se: Math.sqrt(Math.max(0, cell(k, k) - (2 * row[k]!) / models + all / (models * models))),
  }))
}

function connected(models: number, { left, right }: Outcomes): boolean {
  const leader = Int32Array.from({ length: models }, (_, k) => k)
  const find = (k: number): number => {
    let at = k
    while (leader[at] !== at) at = leader[at] = leader[leader[at]!]!
    return at
  }
  for (let i = 0; i < left.length; i++) leader[find(left[i]!)] = find(right[i]!)
  return leader.every((_, k) => find(k) === find(0))
}
