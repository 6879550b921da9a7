/**
 * Plackett-Luce for partial rankings with ties: Luce (1959), Plackett (1975); ties after Turner, van Etten, Firth and
 * Kosmidis, "Modelling rankings in R: the PlackettLuce package", Computational Statistics 35 (2020).
 *
 * A ranking is a chain of choices. From the items that are left, the tied group S of t items is chosen with probability
 *
 *   delta_t (product of worth over S)^(1/t) / Z,   Z = sum over t of delta_t e_t(worth^(1/t)),   delta_1 = 1,
 *
 * e_t the elementary symmetric polynomial: no subset is ever listed. Items that no ranking names cost nothing.
 * `prior` is a pseudo-count: each item wins and loses that often against a stand-in of worth 1.
 *
 * Worked example (Netflix rankings of PrefLib, 588 voters over four films, prior .5):
 * worths .2306285 .4510655 .1684719 .1498342.
 */
import { refuse } from '../errors.ts'
import { cholesky, inverse, multiply } from '../linear.ts'
import { logSigmoid, sigmoid } from '../sigmoid.ts'
import { hessianOf, minimise } from './optimise.ts'
import { joinParts } from './parts.ts'
import { finiteRanked, type Ranking, splitRankings } from './rankings.ts'

export interface PlackettLuceOptions {
  prior?: number
  errors?: 'model' | 'sandwich'
}

export interface PlackettLuce {
  /** Log worth, centred in each component; 0 where `reason` is set. */
  score: Float64Array
  worth: Float64Array
  se: Float64Array
  component: Int32Array
  reason: (string | undefined)[]
  /** delta_t for groups of 2, 3, ... tied items, up to the largest seen. */
  tiePrevalence: number[]
  logLikelihood: number
  iterations: number
  converged: boolean
}

/** Its curvature is taken by differences, two passes over the rankings an item: more would take minutes. */
const itemLimit = 1000

/** One choice: `chosen` out of `left` (which contains it). */
interface Choice {
  chosen: number[]
  left: number[]
}

export function plackettLuce(
  items: number,
  rankings: readonly Ranking[],
  options: PlackettLuceOptions = {},
): PlackettLuce {
  const hasTies = rankings.some(({ groups }) => groups.some((group) => group.length > 1))
  const parts = splitRankings(items, rankings)
  // without a tie parameter, parts that no ranking connects share nothing
  if (hasTies || parts.rankings.length < 2) return fitRankings(items, rankings, options)
  const results = parts.rankings.map((own, n) => fitRankings(parts.items[n]!.length, own, options))
  return { ...joinParts(items, parts, results), tiePrevalence: [] }
}

function fitRankings(items: number, rankings: readonly Ranking[], options: PlackettLuceOptions): PlackettLuce {
  const { prior = 0, errors = 'sandwich' } = options
  if (!(prior >= 0 && Number.isFinite(prior))) refuse('The prior must be a number of 0 or more.', { where: 'prior' })
  if (items > itemLimit)
    refuse(`Plackett-Luce takes up to ${itemLimit} items that rankings connect, found ${items}.`, { where: 'items' })
  const { component, reason } = finiteRanked(items, rankings, prior)
  const place = new Int32Array(items).fill(-1)
  const members: number[] = []
  for (let i = 0; i < items; i++) if (reason[i] === undefined) place[i] = members.push(i) - 1
  const chains = rankings.map((ranking, n) => ({
    choices: choicesOf(ranking, place, component, n),
    weight: ranking.weight,
  }))
  const largest = Math.max(1, ...chains.flatMap(({ choices }) => choices.map(({ chosen }) => chosen.length)))
  const size = members.length + largest - 1

  const chainValue = (choices: readonly Choice[], x: Float64Array, gradient: Float64Array, weight: number) => {
    let value = 0
    for (const choice of choices) value += addChoice(choice, x, members.length, largest, gradient, weight)
    return value * weight
  }
  const objective = (x: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0)
    let value = 0
    for (const { choices, weight } of chains) value += chainValue(choices, x, gradient, weight)
    for (let i = 0; prior > 0 && i < members.length; i++) {
      value -= prior * (logSigmoid(x[i]!) + logSigmoid(-x[i]!))
      gradient[i]! -= prior * (1 - 2 * sigmoid(x[i]!))
    }
    return value
  }
  const found = minimise(objective, new Float64Array(size), { tolerance: 1e-9 })
  const { bread, groups } = breadOf(hessianOf(objective, found.x))
  let covariance = bread
  if (errors === 'sandwich') {
    const meat = new Float64Array(size * size)
    const g = new Float64Array(size)
    for (const { choices, weight } of chains) {
      g.fill(0)
      chainValue(choices, found.x, g, 1)
      for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) meat[a * size + b]! += weight * g[a]! * g[b]!
    }
    covariance = multiply(multiply(bread, meat, size), bread, size)
  }
  return report()

  /** Inverse of the Hessian; without a prior, one free constant a component is held by adding 1/n. */
  function breadOf(hessian: Float64Array) {
    const byComponent = new Map<number, number[]>()
    members.forEach((item, n) => {
      const group = byComponent.get(component[item]!)
      if (group) group.push(n)
      else byComponent.set(component[item]!, [n])
    })
    const groups = [...byComponent.values()]
    if (prior === 0)
      for (const group of groups)
        for (const a of group) for (const b of group) hessian[a * size + b]! += 1 / group.length
    const factor = cholesky(hessian, size)
    return { bread: factor ? inverse(factor, size) : new Float64Array(size * size), groups }
  }

  function report(): PlackettLuce {
    const result: PlackettLuce = {
      score: new Float64Array(items),
      worth: new Float64Array(items),
      se: new Float64Array(items),
      component,
      reason,
      tiePrevalence: Array.from(found.x.subarray(members.length), Math.exp),
      logLikelihood: -found.value,
      iterations: found.iterations,
      converged: found.converged,
    }
    for (const group of groups) {
      const n = group.length
      const mean = group.reduce((sum, a) => sum + found.x[a]!, 0) / n
      const total = group.reduce((sum, a) => sum + Math.exp(found.x[a]! - mean), 0)
      const cell = (a: number, b: number) => covariance[a * size + b]!
      const rows = group.map((a) => group.reduce((sum, b) => sum + cell(a, b), 0) / n)
      const all = rows.reduce((x, y) => x + y, 0) / n
      group.forEach((a, m) => {
        const item = members[a]!
        result.score[item] = found.x[a]! - mean
        result.worth[item] = Math.exp(result.score[item]!) / total
        result.se[item] = Math.sqrt(Math.max(cell(a, a) - 2 * rows[m]! + all, 0))
      })
    }
    return result
  }
}

function choicesOf({ groups, unranked = [] }: Ranking, place: Int32Array, component: Int32Array, at: number): Choice[] {
  const seen = new Set<number>()
  for (const item of [...groups.flat(), ...unranked]) {
    if (seen.has(item)) refuse('An item stands twice in a ranking.', { where: `ranking ${at + 1}` })
    seen.add(item)
  }
  const choices: Choice[] = []
  // items of two components are chosen from apart: votes between them say nothing of either
  for (const part of new Set([...seen].filter((item) => place[item]! >= 0).map((item) => component[item]!))) {
    const known = (list: number[]) =>
      list.filter((item) => component[item] === part && place[item]! >= 0).map((item) => place[item]!)
    const kept = groups.map(known).filter((group) => group.length > 0)
    const below = known(unranked)
    for (let g = 0; g < kept.length; g++) {
      const left = [...kept.slice(g).flat(), ...below]
      if (left.length > 1) choices.push({ chosen: kept[g]!, left })
    }
  }
  return choices
}

/** Adds one choice: returns its negative log probability, adds weight times its gradient. */
function addChoice(
  { chosen, left }: Choice,
  x: Float64Array,
  scores: number,
  largest: number,
  gradient: Float64Array,
  weight: number,
): number {
  let top = Number.NEGATIVE_INFINITY
  for (const a of left) top = Math.max(top, x[a]!)
  const logDelta = (t: number) => (t === 1 ? 0 : x[scores + t - 2]!)
  const mass = new Float64Array(largest + 1)
  const inside: Float64Array[] = []
  let z = 0
  for (let t = 1; t <= Math.min(largest, left.length); t++) {
    const power = left.map((a) => Math.exp((x[a]! - top) / t))
    const e = symmetric(power, t)
    const delta = Math.exp(logDelta(t))
    mass[t] = delta * e[t]!
    z += mass[t]!
    // sum over the sets of t that hold a: power_a times e_{t-1} of the others
    inside[t] = Float64Array.from(power, (value) => delta * value * without(e, value, t - 1))
  }
  const t = chosen.length
  let value = Math.log(z) - logDelta(t)
  for (const a of chosen) {
    value -= (x[a]! - top) / t
    gradient[a]! -= weight / t
  }
  for (let s = 1; s < inside.length; s++) {
    left.forEach((a, n) => {
      gradient[a]! += (weight * inside[s]![n]!) / (s * z)
    })
    if (s > 1) gradient[scores + s - 2]! += (weight * mass[s]!) / z
  }
  if (t > 1) gradient[scores + t - 2]! -= weight
  return value
}

/** e_0 .. e_degree of the values. */
function symmetric(values: number[], degree: number): Float64Array {
  const e = new Float64Array(degree + 1)
  e[0] = 1
  for (const value of values) for (let t = degree; t >= 1; t--) e[t]! += value * e[t - 1]!
  return e
}

/** e_degree of the values but one: e_m without v = e_m - v e_{m-1} without v. */
function without(e: Float64Array, value: number, degree: number): number {
  let kept = 1
  for (let m = 1; m <= degree; m++) kept = e[m]! - value * kept
  return kept
}
