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
import { cholesky, inverse, multiply, solve } from '../linear.ts'
import { finiteItems } from './finite.ts'
import { joinParts, type Parts, splitPairs, splitVotes } from './parts.ts'
import { type Fit, pairMeat, setErrors, workerMeat } from './sandwich.ts'
import { pairLikelihood, type TieModel } from './tie-models.ts'
import { type PairCounts, pairCounts, type Votes } from './votes.ts'

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
  /** items x items covariance of the centred scores; not given where parts were fitted one by one. */
  covariance?: Float64Array
}

const iterationLimit = 200
/** Its matrices grow with the square of the items, its time with the cube: more would take minutes. */
const itemLimit = 2000

export function bradleyTerry(votes: Votes, options: BradleyTerryOptions = {}): BradleyTerry {
  const { errors = 'sandwich', clusterByWorker = false } = options
  if (clusterByWorker && !votes.worker) refuse('There are no workers to cluster by.', { where: 'worker' })
  const pairs = pairCounts(votes)
  const parts = partsOf(pairs, options)
  const fitPart = (part: PairCounts, own: () => Votes): BradleyTerry => {
    const fit = fitPairs(part, options)
    if (errors === 'model') return fit.result
    const meat = clusterByWorker ? workerMeat(own(), fit) : pairMeat(part, fit)
    setErrors(fit.result, fit.place, multiply(multiply(fit.bread, meat, fit.size), fit.bread, fit.size), fit.size)
    return fit.result
  }
  if (!parts) return fitPart(pairs, () => votes)
  const ownVotes = clusterByWorker ? splitVotes(votes, parts) : []
  return joinParts(
    pairs.items,
    parts,
    parts.pairs.map((part, n) => fitPart(part, () => ownVotes[n]!)),
  )
}

/** The same from counts per pair, with model errors. */
export function bradleyTerryOfPairs(pairs: PairCounts, options: BradleyTerryOptions = {}): BradleyTerry {
  const parts = partsOf(pairs, options)
  if (!parts) return fitPairs(pairs, options).result
  return joinParts(
    pairs.items,
    parts,
    parts.pairs.map((part) => fitPairs(part, options).result),
  )
}

/** Parts that were never compared share nothing but a tie parameter: without one they are fitted one by one. */
function partsOf(pairs: PairCounts, { ties = 'half' }: BradleyTerryOptions): Parts | undefined {
  if (ties !== 'half' && pairs.ties.some((count) => count > 0)) return undefined
  const parts = splitPairs(pairs)
  return parts.pairs.length > 1 ? parts : undefined
}

function fitPairs(pairs: PairCounts, { ties = 'half', prior = 0 }: BradleyTerryOptions): Fit {
  if (!(prior >= 0 && Number.isFinite(prior))) refuse('The prior must be a number of 0 or more.', { where: 'prior' })
  const { items } = pairs
  if (items > itemLimit)
    refuse(`Bradley-Terry takes up to ${itemLimit} items that are compared with each other, found ${items}.`, {
      hint: 'Use elo, or the online model.',
    })
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
