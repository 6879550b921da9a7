/**
 * Bradley-Terry with a reliability and a side bias per worker (the model of Bugakova, Fedorova, Gusev and Drutsa,
 * "Aggregation of Pairwise Comparisons with Reduction of Biases", 2019; compare Chen et al., "Crowd-BT", WSDM 2013).
 * With probability g_w the worker looks and answers by the scores; else the worker answers left with probability b_w:
 *
 *   P(left) = g_w s(s_l - s_r) + (1 - g_w) b_w,   s the logistic function
 *
 * Maximum a posteriori by L-BFGS on (scores, logit g, logit b) with the exact gradient, which a test compares with finite
 * differences. Priors: `prior` wins and losses of every item against a stand-in of score 0 (0.5; without it a clean order
 * would push scores to infinity, its upsets being explained as noise), g ~ Beta(4, 1), b ~ Beta(2, 2), both as densities of
 * the logit, so that a worker with few votes is taken for reliable.
 *
 * Flip probability of a vote: that the worker's answer is not what the pair deserves, P(other side better | answer)
 *   = (1 - g) P(answer | not looking) (1 - s) / P(answer).
 *
 * Worked example: g = .8, b = .9, d = log 3, answer left: P = .8 * .75 + .2 * .9 = .78; flipped .2 * .9 * .25 / .78 = .0577.
 */
import { refuse } from '../errors.ts'
import { cholesky, inverse } from '../linear.ts'
import { logSigmoid, sigmoid } from '../sigmoid.ts'
import { finiteItems } from './finite.ts'
import { minimise } from './optimise.ts'
import { pairCounts, type Votes, winner } from './votes.ts'

export interface WorkerEstimate {
  /** Probability of looking, and its 95% interval. */
  reliability: number
  low: number
  high: number
  /** Probability of left when not looking; its interval is wide for reliable workers. */
  left: number
  leftLow: number
  leftHigh: number
  votes: number
}

export interface AnnotatorAware {
  score: Float64Array
  worth: Float64Array
  se: Float64Array
  component: Int32Array
  workers: WorkerEstimate[]
  /** One a vote; 0 for a tie, which names no side. */
  flip: Float64Array
  logLikelihood: number
  iterations: number
  converged: boolean
}

const looking = [4, 1] as const
const leaning = [2, 2] as const

/**
 * Negative log posterior of x = (scores, logit g of each worker, logit b of each worker); writes its gradient.
 * A tie counts as half a vote for each side.
 */
export function annotatorObjective(votes: Votes, prior: number) {
  const { items, left, right, outcome, worker, workers = 0 } = votes
  return (x: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0)
    let value = 0
    for (let n = 0; n < left.length; n++) {
      const g = items + worker![n]!
      const b = g + workers
      const o = outcome[n]!
      if (o !== winner.right) value += vote(left[n]!, right[n]!, g, b, 1, o === winner.tie ? 0.5 : 1)
      if (o !== winner.left) value += vote(left[n]!, right[n]!, g, b, -1, o === winner.tie ? 0.5 : 1)
    }
    for (let i = 0; i < items; i++) value += beta(i, prior, prior)
    for (let w = 0; w < workers; w++) value += beta(items + w, ...looking) + beta(items + workers + w, ...leaning)
    return value

    function vote(l: number, r: number, g: number, b: number, y: number, weight: number): number {
      const look = sigmoid(x[g]!)
      const a = sigmoid(y * (x[l]! - x[r]!))
      const c = sigmoid(y * x[b]!)
      const p = look * a + (1 - look) * c
      const inD = (weight * look * a * (1 - a) * y) / p
      gradient[l]! -= inD
      gradient[r]! += inD
      gradient[g]! -= (weight * look * (1 - look) * (a - c)) / p
      gradient[b]! -= (weight * (1 - look) * c * (1 - c) * y) / p
      return -weight * Math.log(p)
    }

    function beta(n: number, a: number, b: number): number {
      gradient[n]! -= a - (a + b) * sigmoid(x[n]!)
      return -a * logSigmoid(x[n]!) - b * logSigmoid(-x[n]!)
    }
  }
}

export function annotatorAware(votes: Votes, { prior = 0.5 }: { prior?: number } = {}): AnnotatorAware {
  const { items, left, right, outcome, worker, workers = 0 } = votes
  if (!worker)
    refuse('The annotator-aware model needs to know who voted.', {
      where: 'worker',
      hint: 'Name the column: --columns worker=NAME',
    })
  if (!(prior > 0)) refuse('The annotator-aware model needs a prior above 0.', { where: 'prior' })
  const start = new Float64Array(items + 2 * workers)
  start.fill(1.5, items, items + workers)
  const found = minimise(annotatorObjective(votes, prior), start, { tolerance: 1e-6 })
  const { x } = found
  const curvature = informationOf(votes, x, prior)
  const { component } = finiteItems(pairCounts(votes), 'half', prior)
  const { score, worth, se } = centre(component, x, curvature.items, items)
  const count = new Int32Array(workers)
  for (const w of worker) count[w]!++
  const flip = Float64Array.from({ length: left.length }, (_, n) => {
    if (outcome[n] === winner.tie) return 0
    const y = outcome[n] === winner.left ? 1 : -1
    const look = sigmoid(x[items + worker[n]!]!)
    const a = sigmoid(y * (x[left[n]!]! - x[right[n]!]!))
    const c = sigmoid(y * x[items + workers + worker[n]!]!)
    return ((1 - look) * c * (1 - a)) / (look * a + (1 - look) * c)
  })
  return {
    score,
    worth,
    se,
    component,
    workers: Array.from(count, (n, w) => {
      const [gg, gb, bb] = curvature.workers[w]!
      const determinant = gg * bb - gb * gb
      // a flat or saddle-shaped direction has no error of its own: the prior's curvature stands in
      const [varG, varB] = determinant > 0 && gg > 0 ? [bb / determinant, gg / determinant] : [1 / 0.16, 1]
      const g = interval(x[items + w]!, varG)
      const b = interval(x[items + workers + w]!, varB)
      return { reliability: g[0], low: g[1], high: g[2], left: b[0], leftLow: b[1], leftHigh: b[2], votes: n }
    }),
    flip,
    logLikelihood: -found.value,
    iterations: found.iterations,
    converged: found.converged,
  }
}

const interval = (x: number, variance: number): [number, number, number] => {
  const half = 1.96 * Math.sqrt(variance)
  return [sigmoid(x), sigmoid(x - half), sigmoid(x + half)]
}

/**
 * Curvature of the negative log posterior: for the items with the workers' parameters profiled out (Schur complement; workers
 * do not meet each other), and each worker's own block [gg, gb, bb].
 */
function informationOf(votes: Votes, x: Float64Array, prior: number) {
  const { items, left, right, outcome, worker, workers = 0 } = votes
  const matrix = new Float64Array(items * items)
  const blocks: [number, number, number][] = []
  const crossG = Array.from({ length: workers }, () => new Map<number, number>())
  const crossB = Array.from({ length: workers }, () => new Map<number, number>())
  const bump = (map: Map<number, number>, key: number, by: number) => map.set(key, (map.get(key) ?? 0) + by)
  for (let w = 0; w < workers; w++) {
    const g = sigmoid(x[items + w]!)
    const b = sigmoid(x[items + workers + w]!)
    blocks.push([5 * g * (1 - g), 0, 4 * b * (1 - b)])
  }
  for (let i = 0; i < items; i++) {
    const s = sigmoid(x[i]!)
    matrix[i * items + i]! += 2 * prior * s * (1 - s)
  }
  for (let n = 0; n < left.length; n++) {
    for (const y of outcome[n] === winner.tie ? [1, -1] : [outcome[n] === winner.left ? 1 : -1]) {
      const weight = outcome[n] === winner.tie ? 0.5 : 1
      const w = worker![n]!
      const [l, r] = [left[n]!, right[n]!]
      const g = sigmoid(x[items + w]!)
      const a = sigmoid(y * (x[l]! - x[r]!))
      const c = sigmoid(y * x[items + workers + w]!)
      const p = g * a + (1 - g) * c
      const d = (g * a * (1 - a) * y) / p
      const inG = (g * (1 - g) * (a - c)) / p
      const inB = ((1 - g) * c * (1 - c) * y) / p
      const dd = weight * (d * d - (g * a * (1 - a) * (1 - 2 * a)) / p)
      const dg = weight * (d * inG - (g * (1 - g) * a * (1 - a) * y) / p)
      const db = weight * d * inB
      matrix[l * items + l]! += dd
      matrix[r * items + r]! += dd
      matrix[l * items + r]! -= dd
      matrix[r * items + l]! -= dd
      bump(crossG[w]!, l, dg)
      bump(crossG[w]!, r, -dg)
      bump(crossB[w]!, l, db)
      bump(crossB[w]!, r, -db)
      const block = blocks[w]!
      block[0] += weight * (inG * inG - (g * (1 - g) * (1 - 2 * g) * (a - c)) / p)
      block[1] += weight * (inG * inB + (g * (1 - g) * c * (1 - c) * y) / p)
      block[2] += weight * (inB * inB - ((1 - g) * c * (1 - c) * (1 - 2 * c)) / p)
    }
  }
  for (let w = 0; w < workers; w++) {
    const [gg, gb, bb] = blocks[w]!
    const determinant = gg * bb - gb * gb
    if (!(determinant > 0 && gg > 0)) continue
    for (const [i, ig] of crossG[w]!) {
      const ib = crossB[w]!.get(i)!
      const u = (bb * ig - gb * ib) / determinant
      const v = (gg * ib - gb * ig) / determinant
      for (const [j, jg] of crossG[w]!) matrix[i * items + j]! -= u * jg + v * crossB[w]!.get(j)!
    }
  }
  return { items: matrix, workers: blocks }
}

/** Scores centred in each component, with the errors of the centred scores. */
function centre(component: Int32Array, x: Float64Array, information: Float64Array, items: number) {
  const factor = cholesky(information, items)
  const covariance = factor ? inverse(factor, items) : undefined
  const score = new Float64Array(items)
  const worth = new Float64Array(items)
  const se = new Float64Array(items)
  for (const id of new Set(component)) {
    const group = [...component.keys()].filter((i) => component[i] === id)
    const n = group.length
    const mean = group.reduce((sum, i) => sum + x[i]!, 0) / n
    const total = group.reduce((sum, i) => sum + Math.exp(x[i]! - mean), 0)
    const row = group.map((i) => group.reduce((sum, j) => sum + (covariance?.[i * items + j] ?? 0), 0) / n)
    const all = row.reduce((a, b) => a + b, 0) / n
    group.forEach((i, m) => {
      score[i] = x[i]! - mean
      worth[i] = Math.exp(score[i]!) / total
      se[i] = Math.sqrt(Math.max((covariance?.[i * items + i] ?? 0) - 2 * row[m]! + all, 0))
    })
  }
  return { score, worth, se }
}
