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
import { cholesky, inverse, multiply, solve } from '../linear.ts'
import { weakComponents } from '../preference/components.ts'
import { sigmoid } from '../sigmoid.ts'

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
  const free = models - 1
  if (models < 2) return { undefined: 'two models or more are needed' }
  const needed = Math.max(10, 3 * models)
  if (n < needed) return { undefined: `${n} human comparisons; at least ${needed} are needed` }
  if (weakComponents(models, labelled.left, labelled.right).some((part) => part > 0))
    return { undefined: 'the human comparisons do not connect all models' }
  let lambda = 0
  // lambda depends on the scores and they on it: two rounds settle what first order theory asks for.
  let scores = scoresAt(lambda)
  for (let round = 0; round < 2 && scores; round++) {
    lambda = m > 0 ? bestLambda(scores) : 0
    scores = scoresAt(lambda)
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
  function scoresAt(weight: number): Float64Array | undefined {
    const at = new Float64Array(models)
    for (let step = 0; step < 100; step++) {
      const gradient = new Float64Array(models)
      const hessian = new Float64Array(free * free)
      accumulate(labelled, labelled.human, 1 / n)
      if (weight > 0) {
        accumulate(labelled, labelled.judge, -weight / n)
        accumulate(others, others.judge, weight / m)
      }
      const factor = cholesky(hessian, free, singular)
      if (!factor) return undefined
      let largest = 0
      for (const [row, move] of solve(factor, free, gradient.subarray(1)).entries()) {
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
          gradient[l]! += rest
          gradient[r]! -= rest
          addPair(hessian, free, l, r, scale * p * (1 - p))
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
    const matrix = new Float64Array(free * free)
    const meanA = new Float64Array(models)
    const meanB = new Float64Array(models)
    for (let i = 0; i < count; i++) {
      const [l, r] = [pairs.left[i]!, pairs.right[i]!]
      const p = sigmoid(at[l]! - at[r]!)
      const [x, y] = [a(i, p), b(i, p)]
      addPair(matrix, free, l, r, (x * y) / count)
      meanA[l]! += x / count
      meanA[r]! -= x / count
      meanB[l]! += y / count
      meanB[r]! -= y / count
    }
    for (let k = 0; k < free; k++) for (let l = 0; l < free; l++) matrix[k * free + l]! -= meanA[k + 1]! * meanB[l + 1]!
    return matrix
  }

  function informationInverse(at: Float64Array) {
    const information = new Float64Array(free * free)
    const count = n + m
    for (const { left, right } of [labelled, others])
      for (let i = 0; i < left.length; i++) {
        const [l, r] = [left[i]!, right[i]!]
        const p = sigmoid(at[l]! - at[r]!)
        addPair(information, free, l, r, (p * (1 - p)) / count)
      }
    const factor = cholesky(information, free, singular)
    return factor ? inverse(factor, free) : undefined
  }

  function bestLambda(at: Float64Array): number {
    const bread = informationInverse(at)
    if (!bread) return 0
    const human = (i: number, p: number) => labelled.human[i]! - p
    const judge = (i: number, p: number) => labelled.judge[i]! - p
    const other = (i: number, p: number) => others.judge[i]! - p
    const together = traceOf(bread, free, crossed(at, labelled, human, judge))
    const alone = traceOf(bread, free, crossed(at, others, other, other))
    return alone > 0 ? Math.max(0, Math.min(1, together / ((1 + n / m) * alone))) : 0
  }

  function covarianceAt(at: Float64Array, weight: number): Float64Array | undefined {
    const bread = informationInverse(at)
    if (!bread) return undefined
    const rest = (i: number, p: number) => labelled.human[i]! - p - weight * (labelled.judge[i]! - p)
    const own = crossed(at, labelled, rest, rest)
    const other = weight > 0 ? crossed(at, others, judgeRest, judgeRest) : undefined
    const meat = own.map((cell, k) => cell / (n - models) + (other ? (weight * weight * other[k]!) / m : 0))
    return multiply(multiply(bread, meat, free), bread, free)
  }

  function judgeRest(i: number, p: number): number {
    return others.judge[i]! - p
  }
}

/** A pivot of the information below this share of its diagonal is rounding: some model is not told from the others. */
const singular = 1e-12

/** Adds value (e_l - e_r) (e_l - e_r)' to a matrix over models 1..; model 0 is the one they are relative to. */
function addPair(matrix: Float64Array, size: number, left: number, right: number, value: number) {
  const [l, r] = [left - 1, right - 1]
  if (l >= 0) matrix[l * size + l]! += value
  if (r >= 0) matrix[r * size + r]! += value
  if (l < 0 || r < 0) return
  matrix[l * size + r]! -= value
  matrix[r * size + l]! -= value
}

/** Trace of A M A. */
function traceOf(a: Float64Array, size: number, matrix: Float64Array): number {
  const product = multiply(multiply(a, matrix, size), a, size)
  let sum = 0
  for (let k = 0; k < size; k++) sum += product[k * size + k]!
  return sum
}

/** Scores that sum to 0, and their standard errors, from scores relative to the first model. */
function centred(scores: Float64Array, covariance: Float64Array) {
  const models = scores.length
  const mean = scores.reduce((sum, score) => sum + score, 0) / models
  const cell = (k: number, l: number) => (k === 0 || l === 0 ? 0 : covariance[(k - 1) * (models - 1) + l - 1]!)
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
