/**
 * Bradley-Terry with what else pulls at a vote (Springall 1973; Agresti, "Categorical Data Analysis", 11.6, for the home
 * advantage):  logit P(left) = s_l - s_r + sum_m beta_m x_m.
 * A column of ones is the pull of the left side; the difference of log lengths is that of length. Scores are then what would
 * be preferred at equal length and without a side. A tie counts as half a vote for each. Newton's method; errors from the
 * sandwich with every vote its own cluster, or from the information.
 *
 * Worked example (American League 1987, Agresti): seven teams, home advantage beta = .302.
 */
import { refuse } from '../errors.ts'
import { cholesky, inverse, multiply, solve } from '../linear.ts'
import { logSigmoid, sigmoid } from '../sigmoid.ts'
import { finiteItems } from './finite.ts'
import { pairCounts, type Votes, winner } from './votes.ts'

export interface Covariate {
  name: string
  /** One a vote, from the left item's point of view: 1 for the side, log length left - log length right, ... */
  values: ArrayLike<number>
}

export interface Contextual {
  /** Centred at 0 in each component; 0 where `reason` is set. */
  score: Float64Array
  se: Float64Array
  component: Int32Array
  reason: (string | undefined)[]
  effects: { name: string; estimate: number; se: number; low: number; high: number }[]
  logLikelihood: number
  iterations: number
  converged: boolean
}

export function contextualBradleyTerry(
  votes: Votes,
  covariates: readonly Covariate[],
  { prior = 0, errors = 'sandwich' }: { prior?: number; errors?: 'model' | 'sandwich' } = {},
): Contextual {
  const { items, left, right, outcome } = votes
  for (const { name, values } of covariates)
    for (let n = 0; n < left.length; n++)
      if (!Number.isFinite(values[n])) refuse('A covariate is not a number.', { where: `${name}, vote ${n + 1}` })
  const { component, reason } = finiteItems(pairCounts(votes), 'half', prior)
  const place = new Int32Array(items).fill(-1)
  const members: number[] = []
  for (let i = 0; i < items; i++) if (reason[i] === undefined) place[i] = members.push(i) - 1
  const free = members.length
  const size = free + covariates.length
  const groups = [...new Set(members.map((i) => component[i]!))].map((id) =>
    members.flatMap((i, n) => (component[i] === id ? [n] : [])),
  )

  let at = new Float64Array(size)
  let state = evaluate(at)
  let iterations = 0
  let converged = false
  while (!converged && iterations < 100) {
    iterations++
    const factor = cholesky(state.information, size)
    if (!factor)
      refuse('A covariate cannot be told apart from the items or from another one.', {
        where: covariates.map(({ name }) => name).join(', '),
        hint: 'Leave out what never changes, or what follows from the rest.',
      })
    const step = solve(factor, size, state.gradient)
    const length = step.reduce((top, v) => Math.max(top, Math.abs(v)), 0)
    let scale = 1
    let next = at
    let tried = state
    do {
      next = at.map((v, n) => v + scale * step[n]!)
      tried = evaluate(next)
      scale /= 2
    } while (!(tried.value >= state.value - 1e-12 * Math.abs(state.value)) && scale > 1e-10)
    at = next
    state = tried
    converged = length < 1e-10
  }
  const factor = cholesky(state.information, size)
  const bread = factor ? inverse(factor, size) : new Float64Array(size * size)
  const covariance = errors === 'model' ? bread : multiply(multiply(bread, state.meat, size), bread, size)
  const score = new Float64Array(items)
  const se = new Float64Array(items)
  for (const group of groups) {
    const n = group.length
    const mean = group.reduce((sum, a) => sum + at[a]!, 0) / n
    const row = group.map((a) => group.reduce((sum, b) => sum + covariance[a * size + b]!, 0) / n)
    const all = row.reduce((x, y) => x + y, 0) / n
    group.forEach((a, m) => {
      score[members[a]!] = at[a]! - mean
      se[members[a]!] = Math.sqrt(Math.max(covariance[a * size + a]! - 2 * row[m]! + all, 0))
    })
  }
  const effects = covariates.map(({ name }, m) => {
    const estimate = at[free + m]!
    const error = Math.sqrt(Math.max(covariance[(free + m) * size + free + m]!, 0))
    return { name, estimate, se: error, low: estimate - 1.96 * error, high: estimate + 1.96 * error }
  })
  return { score, se, component, reason, effects, logLikelihood: state.loglik, iterations, converged }

  function evaluate(x: Float64Array) {
    const gradient = new Float64Array(size)
    const information = new Float64Array(size * size)
    const meat = new Float64Array(size * size)
    let value = 0
    const places = new Int32Array(2 + covariates.length)
    const signs = new Float64Array(2 + covariates.length)
    for (let n = 0; n < left.length; n++) {
      const l = place[left[n]!]!
      const r = place[right[n]!]!
      if (l < 0 || r < 0 || component[left[n]!] !== component[right[n]!]) continue
      places[0] = l
      places[1] = r
      signs[0] = 1
      signs[1] = -1
      let d = x[l]! - x[r]!
      covariates.forEach(({ values }, m) => {
        places[2 + m] = free + m
        signs[2 + m] = values[n]!
        d += x[free + m]! * values[n]!
      })
      const y = outcome[n] === winner.tie ? 0.5 : Number(outcome[n] === winner.left)
      const p = sigmoid(d)
      value += y * logSigmoid(d) + (1 - y) * logSigmoid(-d)
      for (let a = 0; a < places.length; a++) {
        gradient[places[a]!]! += signs[a]! * (y - p)
        for (let b = 0; b < places.length; b++) {
          const cell = places[a]! * size + places[b]!
          information[cell]! += signs[a]! * signs[b]! * p * (1 - p)
          meat[cell]! += signs[a]! * signs[b]! * (y - p) ** 2
        }
      }
    }
    const loglik = value
    for (let i = 0; prior > 0 && i < free; i++) {
      value += prior * (logSigmoid(x[i]!) + logSigmoid(-x[i]!))
      const s = sigmoid(x[i]!)
      gradient[i]! += prior * (1 - 2 * s)
      information[i * size + i]! += 2 * prior * s * (1 - s)
    }
    if (prior === 0)
      for (const group of groups)
        for (const a of group) for (const b of group) information[a * size + b]! += 1 / group.length
    return { value, loglik, gradient, information, meat }
  }
}
