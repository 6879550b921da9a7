/**
 * Mixture of Bradley-Terry models over groups of workers (Vitelli et al. 2018 for the idea; EM after McLachlan and Peel 2000):
 * each worker belongs to one of G groups, each group has its own scores. Where values differ, one ranking for all hides it.
 *
 *   r_wg ~ share_g * product over w's votes of P(vote | scores of g);   scores of g: votes weighed by r_wg.
 *
 * Start: every worker's residual votes against the common scores as a vector; centres by farthest points, so that the start
 * depends on the votes alone. BIC = -2 log L + (G (items - 1) + G - 1) log votes compares numbers of groups.
 *
 * Worked example: with G = 1 it is Bradley-Terry with the same prior.
 */
import { refuse } from '../errors.ts'
import { logSigmoid } from '../sigmoid.ts'
import { bradleyTerryOfPairs } from './bradley-terry.ts'
import { type PairCounts, pairCounts, type Votes, winner } from './votes.ts'

export interface Mixture {
  /** One array of centred scores a group. */
  scores: Float64Array[]
  shares: Float64Array
  /** workers x groups, each row summing to 1. */
  membership: Float64Array
  logLikelihood: number
  bic: number
  iterations: number
  converged: boolean
}

export function mixtureBradleyTerry(
  votes: Votes,
  groups: number,
  { prior = 0.5, iterations = 200, tolerance = 1e-6 }: { prior?: number; iterations?: number; tolerance?: number } = {},
): Mixture {
  const { items, left, right, outcome, worker, workers = 0 } = votes
  if (!worker) refuse('A mixture over groups of workers needs to know who voted.', { where: 'worker' })
  if (!(prior > 0))
    refuse('The mixture needs a prior above 0: a small group may leave an item undefeated.', { where: 'prior' })
  const pairs = pairCounts(votes)
  const pairOf = pairIndex(pairs)
  const membership = firstMembership(votes, bradleyTerryOfPairs(pairs, { prior }).score, groups)
  let scores: Float64Array[] = []
  let shares = new Float64Array(groups)
  let logLikelihood = Number.NEGATIVE_INFINITY
  let done = 0
  let converged = false
  while (done < iterations && !converged) {
    done++
    scores = Array.from({ length: groups }, (_, g) => bradleyTerryOfPairs(weighed(g), { prior }).score)
    shares = shares.map((_, g) => {
      let sum = 0
      for (let w = 0; w < workers; w++) sum += membership[w * groups + g]!
      return sum / workers
    })
    const before = logLikelihood
    logLikelihood = expect()
    converged = Math.abs(logLikelihood - before) < tolerance
  }
  const parameters = groups * (items - 1) + groups - 1
  const bic = -2 * logLikelihood + parameters * Math.log(left.length)
  return { scores, shares, membership, logLikelihood, bic, iterations: done, converged }

  function weighed(g: number): PairCounts {
    const counts = {
      wins: new Float64Array(pairs.first.length),
      losses: new Float64Array(pairs.first.length),
      ties: new Float64Array(pairs.first.length),
    }
    for (let n = 0; n < left.length; n++) {
      const weight = membership[worker![n]! * groups + g]!
      const p = pairOf(left[n]!, right[n]!)
      if (outcome[n] === winner.tie) counts.ties[p]! += weight
      else if ((outcome[n] === winner.left) === left[n]! < right[n]!) counts.wins[p]! += weight
      else counts.losses[p]! += weight
    }
    return { ...pairs, ...counts }
  }

  function expect(): number {
    const log = new Float64Array(workers * groups)
    for (let w = 0; w < workers; w++)
      for (let g = 0; g < groups; g++) log[w * groups + g] = Math.log(Math.max(shares[g]!, 1e-300))
    for (let n = 0; n < left.length; n++) {
      for (let g = 0; g < groups; g++) {
        const d = scores[g]![left[n]!]! - scores[g]![right[n]!]!
        const y = outcome[n] === winner.tie ? 0.5 : Number(outcome[n] === winner.left)
        log[worker![n]! * groups + g]! += y * logSigmoid(d) + (1 - y) * logSigmoid(-d)
      }
    }
    let total = 0
    for (let w = 0; w < workers; w++) {
      const row = log.subarray(w * groups, (w + 1) * groups)
      const top = row.reduce((a, b) => Math.max(a, b))
      const sum = row.reduce((s, v) => s + Math.exp(v - top), 0)
      total += top + Math.log(sum)
      for (let g = 0; g < groups; g++) membership[w * groups + g] = Math.exp(row[g]! - top) / sum
    }
    return total
  }
}

function pairIndex({ items, first, second }: PairCounts): (a: number, b: number) => number {
  const place = new Map<number, number>()
  first.forEach((a, p) => {
    place.set(a * items + second[p]!, p)
  })
  return (a, b) => place.get(a < b ? a * items + b : b * items + a)!
}

function firstMembership(
  { items, left, right, outcome, worker, workers = 0 }: Votes,
  common: Float64Array,
  groups: number,
): Float64Array {
  const residual = Array.from({ length: workers }, () => new Float64Array(items))
  const count = new Int32Array(workers)
  for (let n = 0; n < left.length; n++) {
    const y = outcome[n] === winner.tie ? 0.5 : Number(outcome[n] === winner.left)
    const r = y - Math.exp(logSigmoid(common[left[n]!]! - common[right[n]!]!))
    const own = residual[worker![n]!]!
    own[left[n]!]! += r
    own[right[n]!]! -= r
    count[worker![n]!]!++
  }
  residual.forEach((own, w) => {
    for (let i = 0; i < items; i++) own[i]! /= Math.sqrt(Math.max(count[w]!, 1))
  })
  const distance = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0)
  // the common scores only serve to find the first group
  const centres = [farthest([new Float64Array(items)])]
  while (centres.length < groups) centres.push(farthest(centres))
  const membership = new Float64Array(workers * groups)
  residual.forEach((own, w) => {
    const far = centres.map((centre) => distance(own, centre))
    const nearest = far.indexOf(Math.min(...far))
    for (let g = 0; g < groups; g++)
      membership[w * groups + g] = groups === 1 ? 1 : g === nearest ? 0.9 : 0.1 / (groups - 1)
  })
  return membership

  function farthest(from: readonly Float64Array[]): Float64Array {
    let far = residual[0]!
    let most = -1
    for (const own of residual) {
      const near = Math.min(...from.map((centre) => distance(own, centre)))
      if (near <= most + 1e-12) continue
      most = near
      far = own
    }
    return far
  }
}
