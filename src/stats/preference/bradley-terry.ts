/**
 * Bradley and Terry, "Rank Analysis of Incomplete Block Designs: I", Biometrika 39 (1952), with ties (`tie-models.ts`).
 * Scores s are on the log scale, P(i beats j) = 1 / (1 + exp(s_j - s_i)); worth = exp(s) over its sum in the component.
 *
 * Newton's method on the concave log-likelihood of the counts per pair. A prior of x is x wins and x losses of every item
 * against a stand-in of score 0 (Turner et al., "Modelling rankings in R", 2020, for the same device).
 * Scores are centred at 0 in each connected component. What has no finite maximum is named (`finite.ts`).
 *
 * Standard errors: `model`, the inverse of the information; `sandwich` (Huber), also right where votes of one worker hang
 * together or a tie is no half vote: H^-1 (sum over clusters of g g') H^-1, clusters being votes, or workers where given.
 *
 * Worked example: a beats b 3 times of 4: s_a - s_b = log 3 = 1.0986, worths .75 and .25; both errors of the difference 1.1547.
 */
import { refuse } from '../errors.ts'
import { finiteItems } from './finite.ts'
import { cholesky, inverse, multiply, solve } from './linear.ts'
import { type PairLikelihood, pairLikelihood, type TieModel } from './tie-models.ts'
import { type PairCounts, pairCounts, type Votes, winner } from './votes.ts'

export interface BradleyTerryOptions {
  ties?: TieModel
  /** Wins and losses of every item against a stand-in of score 0. */
  prior?: number
  errors?: 'model' | 'sandwich'
  /** Votes of one worker are one cluster of the sandwich; needs `worker`. */
  clusterByWorker?: boolean
}

export interface BradleyTerry {
  /** NaN never occurs: where `reason` is set, score, worth and se are 0 and mean nothing. */
  score: Float64Array
  worth: Float64Array
  se: Float64Array
  component: Int32Array
  /** Why an item has no finite maximum. */
  reason: (string | undefined)[]
  /** log nu of Davidson, log theta of Rao-Kupper; undefined where no tie was seen or none is modelled. */
  tieParameter?: number
  logLikelihood: number
  iterations: number
  converged: boolean
  /** items x items covariance of the centred scores. */
  covariance: Float64Array
}

const iterationLimit = 200
/** The information matrix of more would not fit in memory. */
const itemLimit = 3000

export function bradleyTerry(votes: Votes, options: BradleyTerryOptions = {}): BradleyTerry {
  const pairs = pairCounts(votes)
  const { errors = 'sandwich', clusterByWorker = false } = options
  const fit = fitPairs(pairs, options)
  if (errors === 'model') return fit.result
  if (clusterByWorker && !votes.worker) refuse('There are no workers to cluster by.', { where: 'worker' })
  const meat = clusterByWorker ? workerMeat(votes, fit) : pairMeat(pairs, fit)
  setErrors(fit.result, fit.place, multiply(multiply(fit.bread, meat, fit.size), fit.bread, fit.size), fit.size)
  return fit.result
}

/** The same from counts per pair, with model errors. */
export const bradleyTerryOfPairs = (pairs: PairCounts, options: BradleyTerryOptions = {}): BradleyTerry =>
  fitPairs(pairs, options).result

interface Fit {
  result: BradleyTerry
  /** Position of each item among the unknowns, -1 where it has no finite maximum. */
  place: Int32Array
  /** Unknowns: scores, then the tie parameter where there is one. */
  size: number
  free: number
  eta: number
  likelihood: PairLikelihood
  bread: Float64Array
}

function fitPairs(pairs: PairCounts, { ties = 'half', prior = 0 }: BradleyTerryOptions): Fit {
  if (!(prior >= 0 && Number.isFinite(prior))) refuse('The prior must be a number of 0 or more.', { where: 'prior' })
  const { items } = pairs
  if (items > itemLimit)
    refuse(`Bradley-Terry takes up to ${itemLimit} items, found ${items}.`, { hint: 'Use elo, or the online model.' })
  const { component, reason } = finiteItems(pairs, ties, prior)
  const place = new Int32Array(items).fill(-1)
  let free = 0
  for (let i = 0; i < items; i++) if (reason[i] === undefined) place[i] = free++
  const meets = (p: number) => {
    const [a, b] = [pairs.first[p]!, pairs.second[p]!]
    return place[a]! >= 0 && place[b]! >= 0 && component[a] === component[b]
  }
  const tied = ties !== 'half' && pairs.ties.some((count, p) => count > 0 && meets(p))
  const model: TieModel = tied ? ties : 'half'
  const likelihood = pairLikelihood[model]
  const size = free + Number(tied)
  const groups = new Map<number, number[]>()
  for (let i = 0; i < items; i++) {
    if (place[i]! < 0) continue
    const group = groups.get(component[i]!)
    if (group) group.push(place[i]!)
    else groups.set(component[i]!, [place[i]!])
  }

  let at = new Float64Array(size)
  if (tied) at[free] = model === 'davidson' ? 0 : 0.5
  let state = evaluate(at)
  let iterations = 0
  let converged = size === 0
  while (!converged && iterations < iterationLimit) {
    iterations++
    const factor = cholesky(anchored(state.information), size)
    if (!factor) break
    const step = solve(factor, size, state.gradient)
    const length = step.reduce((top, x) => Math.max(top, Math.abs(x)), 0)
    let scale = Math.min(1, 3 / length)
    let next = move(scale)
    let tried = evaluate(next)
    // rounding alone may let the value fall at the maximum
    while (!(tried.value >= state.value - 1e-12 * Math.abs(state.value)) && scale > 1e-12) {
      scale /= 2
      next = move(scale)
      tried = evaluate(next)
    }
    at = next
    state = tried
    converged = length * scale < 1e-11

    function move(by: number) {
      const moved = at.map((x, n) => x + by * step[n]!)
      // Rao and Kupper's theta is above 1
      if (model === 'rao-kupper' && moved[free]! <= 0) moved[free] = at[free]! / 2
      return moved
    }
  }
  const factor = cholesky(anchored(state.information), size)
  const bread = factor ? inverse(factor, size) : new Float64Array(size * size)

  const result: BradleyTerry = {
    score: new Float64Array(items),
    worth: new Float64Array(items),
    se: new Float64Array(items),
    component,
    reason,
    logLikelihood: state.value,
    iterations,
    converged,
    covariance: new Float64Array(items * items),
  }
  if (tied) result.tieParameter = at[free]!
  for (const group of groups.values()) {
    const mean = group.reduce((sum, n) => sum + at[n]!, 0) / group.length
    const total = group.reduce((sum, n) => sum + Math.exp(at[n]! - mean), 0)
    for (let i = 0; i < items; i++) {
      if (place[i]! < 0 || !group.includes(place[i]!)) continue
      result.score[i] = at[place[i]!]! - mean
      result.worth[i] = Math.exp(result.score[i]!) / total
    }
  }
  setErrors(result, place, bread, size)
  return { result, place, size, free, eta: tied ? at[free]! : 0, likelihood, bread }

  /** Without a prior the scores of a group are free up to a constant: with 1/n added the inverse is the pseudo-inverse plus 1/n. */
  function anchored(information: Float64Array): Float64Array {
    const matrix = information.slice()
    if (prior > 0) return matrix
    for (const group of groups.values())
      for (const a of group) for (const b of group) matrix[a * size + b]! += 1 / group.length
    return matrix
  }

  function evaluate(x: Float64Array) {
    const gradient = new Float64Array(size)
    const information = new Float64Array(size * size)
    let value = 0
    for (let p = 0; p < pairs.first.length; p++) {
      const i = place[pairs.first[p]!]!
      const j = place[pairs.second[p]!]!
      if (!meets(p)) continue
      const [v, d, e, dd, de, ee] = likelihood(
        pairs.wins[p]!,
        pairs.losses[p]!,
        pairs.ties[p]!,
        x[i]! - x[j]!,
        tied ? x[free]! : 0,
      )
      value += v
      gradient[i]! += d
      gradient[j]! -= d
      information[i * size + i]! -= dd
      information[j * size + j]! -= dd
      information[i * size + j]! += dd
      information[j * size + i]! += dd
      if (!tied) continue
      gradient[free]! += e
      information[free * size + free]! -= ee
      information[i * size + free]! -= de
      information[free * size + i]! -= de
      information[j * size + free]! += de
      information[free * size + j]! += de
    }
    for (let i = 0; prior > 0 && i < free; i++) {
      const [v, d, , dd] = pairLikelihood.half(prior, prior, 0, x[i]!, 0)
      value += v
      gradient[i]! += d
      information[i * size + i]! -= dd
    }
    return { value, gradient, information }
  }
}

/** Covariance and errors of the centred scores from that of the unknowns. */
function setErrors(result: BradleyTerry, place: Int32Array, covariance: Float64Array, size: number): void {
  const { component, se } = result
  const items = place.length
  const members = new Map<number, number[]>()
  for (let i = 0; i < items; i++) {
    if (place[i]! < 0) continue
    const group = members.get(component[i]!)
    if (group) group.push(i)
    else members.set(component[i]!, [i])
  }
  // row means inside each group, then C V C with C = I - 1/n
  for (const a of members.values()) {
    for (const b of members.values()) {
      const cell = (i: number, j: number) => covariance[place[i]! * size + place[j]!]!
      const rowMean = a.map((i) => b.reduce((sum, j) => sum + cell(i, j), 0) / b.length)
      const columnMean = b.map((j) => a.reduce((sum, i) => sum + cell(i, j), 0) / a.length)
      const mean = rowMean.reduce((x, y) => x + y, 0) / a.length
      a.forEach((i, m) => {
        b.forEach((j, n) => {
          result.covariance[i * items + j] = cell(i, j) - rowMean[m]! - columnMean[n]! + mean
        })
      })
    }
  }
  for (let i = 0; i < items; i++) se[i] = Math.sqrt(Math.max(result.covariance[i * items + i]!, 0))
}

/** Gradient of one vote in (d, eta) at the fit, d from the first to the second item. */
function voteGradient({ likelihood, eta }: Fit, d: number, outcome: number): [number, number] {
  const [, inD, inEta] = likelihood(
    Number(outcome === winner.left),
    Number(outcome === winner.right),
    Number(outcome === winner.tie),
    d,
    eta,
  )
  return [inD, inEta]
}

/** Sum of g g' with every vote its own cluster, from the counts alone. */
function pairMeat(pairs: PairCounts, fit: Fit): Float64Array {
  const { place, size, free, result } = fit
  const meat = new Float64Array(size * size)
  for (let p = 0; p < pairs.first.length; p++) {
    const i = place[pairs.first[p]!]!
    const j = place[pairs.second[p]!]!
    if (i < 0 || j < 0 || result.component[pairs.first[p]!] !== result.component[pairs.second[p]!]) continue
    const d = result.score[pairs.first[p]!]! - result.score[pairs.second[p]!]!
    const counts = [pairs.wins[p]!, pairs.losses[p]!, pairs.ties[p]!]
    counts.forEach((count, outcome) => {
      if (count === 0) return
      const [inD, inEta] = voteGradient(fit, d, outcome)
      meat[i * size + i]! += count * inD * inD
      meat[j * size + j]! += count * inD * inD
      meat[i * size + j]! -= count * inD * inD
      meat[j * size + i]! -= count * inD * inD
      if (size === free) return
      meat[free * size + free]! += count * inEta * inEta
      meat[i * size + free]! += count * inD * inEta
      meat[free * size + i]! += count * inD * inEta
      meat[j * size + free]! -= count * inD * inEta
      meat[free * size + j]! -= count * inD * inEta
    })
  }
  return meat
}

/** Sum over workers of g g', g a worker's summed gradient. */
function workerMeat({ left, right, outcome, worker, workers = 0 }: Votes, fit: Fit): Float64Array {
  const { place, size, free, result } = fit
  const sums = new Float64Array(workers * size)
  for (let n = 0; n < left.length; n++) {
    const i = place[left[n]!]!
    const j = place[right[n]!]!
    if (i < 0 || j < 0 || result.component[left[n]!] !== result.component[right[n]!]) continue
    const [inD, inEta] = voteGradient(fit, result.score[left[n]!]! - result.score[right[n]!]!, outcome[n]!)
    const base = worker![n]! * size
    sums[base + i]! += inD
    sums[base + j]! -= inD
    if (size > free) sums[base + free]! += inEta
  }
  const meat = new Float64Array(size * size)
  for (let w = 0; w < workers; w++)
    for (let a = 0; a < size; a++) {
      const value = sums[w * size + a]!
      if (value === 0) continue
      for (let b = 0; b < size; b++) meat[a * size + b]! += value * sums[w * size + b]!
    }
  return meat
}
