/**
 * Independent Bayesian classifier combination: Kim and Ghahramani, "Bayesian Classifier Combination", AISTATS 2012;
 * variational form of Simpson, Roberts, Psorakis and Smith, "Dynamic Bayesian Combination of Multiple Imperfect
 * Classifiers" (2013). Dawid and Skene's model with Dirichlet priors on the class shares and on every row of every
 * confusion matrix, and with the posterior of both instead of a point: a worker with few answers stays near the prior.
 *
 *   nu_k = c_k + sum_i q_ik,   a_wkl = a0_kl + sum over w's answers l of q_ik
 *   log q_ik = psi(nu_k) - psi(sum nu) + sum over labels (w, l) of [psi(a_wkl) - psi(sum_l a_wkl)] + const
 *
 * Prior a0: 4 on the diagonal, 1 off it; c = 1; start: vote shares. The objective is the evidence lower bound.
 *
 * Mirrored classes (which of two responses is better): nothing but the lot decides which stands first, so "first" and "second" must
 * be one class seen from two sides. `mirror` ties pi_kl = pi_m(k)m(l) and p_k = p_m(k); a tied parameter has the counts of both,
 * and where a cell and its image stand in one row they share the probability of their sum. Swapping an item's classes then
 * swaps its posterior and changes nothing else.
 *
 * Worked example: two items, one worker, answers 0 and 1. One step from the vote shares: a = [[5, 1], [1, 5]], nu = [2, 2],
 * log odds of item 0 = psi(5) - psi(1) = 2.08333, q = 0.88927.
 */
import { digamma, logGamma } from '../distributions.ts'
import { byTruth, confusionCells, confusionQuality, countAnswers, mapCells } from './confusion.ts'
import { holdGold } from './dawid-skene.ts'
import { preparePass } from './em-pass.ts'
import type { Labels } from './labels.ts'
import { prevalenceOf, type Step, type Truth, voteShares } from './result.ts'

export interface IbccOptions {
  diagonal?: number
  offDiagonal?: number
  /** Pseudo-count of each class. */
  classPrior?: number
  /** One class an item, -1 where it is not known. */
  gold?: Int32Array
  /** workers x classes (true) x classes (answered) pseudo-counts from earlier work. */
  history?: Float64Array
  /** The class that each class becomes when an item is seen from the other side; itself where it has no side. */
  mirror?: Int32Array
  iterations?: number
  tolerance?: number
}

/** What the posterior of an item is made of: its classes' `prior` times the `answer` of each of its labels. */
export interface IbccFactors {
  prior: Float64Array
  /** workers x classes (true) x classes (answered). */
  answer: Float64Array
}

export function ibcc(table: Labels, options: IbccOptions = {}): Truth & { factors: IbccFactors } {
  const { diagonal = 4, offDiagonal = 1, classPrior = 1, gold, history, iterations = 100, tolerance = 1e-6 } = options
  const { classes } = table
  const mirror = options.mirror ?? Int32Array.from({ length: classes }, (_, k) => k)
  const posterior = voteShares(table)
  if (gold) holdGold(posterior, classes, gold)
  const priorCounts = confusionCells(table)
  for (let n = 0; n < priorCounts.length; n++) {
    const k = n % classes
    const l = Math.floor(n / classes) % classes
    priorCounts[n] = k === l ? diagonal : offDiagonal
  }
  if (history) {
    const symmetric = priorCounts.slice()
    byTruth(history, classes).forEach((count, n) => {
      priorCounts[n]! += count
    })
    tieCells(priorCounts, symmetric, classes, mirror)
  }
  const counts = priorCounts.slice()
  countAnswers(table, posterior, counts)
  tieCells(counts, priorCounts, classes, mirror)
  const pass = preparePass(table, gold)
  const pi = new Float64Array(priorCounts.length)
  const trace: Step[] = []
  let nu = tieClasses(
    prevalenceOf(posterior, classes).map((share) => classPrior + share * table.items),
    mirror,
  )
  let prior = expectedClasses(nu, mirror)
  expectedCells(counts, classes, mirror, pi)
  let converged = false
  while (trace.length < iterations && !converged) {
    const divergence = classDivergence(nu, classPrior, mirror) + cellDivergence(counts, priorCounts, classes, mirror)
    const step = pass(pi, prior, posterior, priorCounts, counts)
    tieCells(counts, priorCounts, classes, mirror)
    trace.push({ objective: step.logLikelihood - divergence, change: step.change })
    converged = step.change < tolerance
    nu = tieClasses(
      step.sums.map((sum) => sum + classPrior),
      mirror,
    )
    prior = expectedClasses(nu, mirror)
    expectedCells(counts, classes, mirror, pi)
  }
  const total = nu.reduce((a, b) => a + b, 0)
  const prevalence = nu.map((count) => count / total)
  const quality = confusionQuality(table, counts, prevalence)
  const factors = { prior, answer: byTruth(pi, classes) }
  return { method: 'ibcc', posterior, prevalence, quality, factors, trace, iterations: trace.length, converged }
}

/** The answer factors, classes (true) x classes (answered), of a worker of whom nothing is known. */
export function unknownWorker(classes: number, { diagonal = 4, offDiagonal = 1 }: IbccOptions = {}): Float64Array {
  const total = digamma(diagonal + (classes - 1) * offDiagonal)
  return Float64Array.from({ length: classes * classes }, (_, n) =>
    Math.exp(digamma(n % (classes + 1) === 0 ? diagonal : offDiagonal) - total),
  )
}

/** Gives every cell and its image the counts of both, the prior (the same for both) once; cells of one row half of the sum. */
function tieCells(counts: Float64Array, prior: Float64Array, classes: number, mirror: Int32Array): void {
  for (let base = 0; base < counts.length; base += classes * classes)
    for (let k = 0; k < classes; k++)
      for (let l = 0; l < classes; l++) {
        const cell = base + l * classes + k
        const image = base + mirror[l]! * classes + mirror[k]!
        if (image <= cell) continue
        const both =
          mirror[k] === k ? (counts[cell]! + counts[image]!) / 2 : counts[cell]! + (counts[image]! - prior[image]!)
        counts[cell] = both
        counts[image] = both
      }
}

const tieClasses = (nu: Float64Array, mirror: Int32Array): Float64Array =>
  nu.map((own, k) => (own + nu[mirror[k]!]!) / 2)

function expectedClasses(nu: Float64Array, mirror: Int32Array): Float64Array {
  const total = digamma(nu.reduce((a, b) => a + b, 0))
  return nu.map((own, k) => (mirror[k] === k ? Math.exp(digamma(own) - total) : Math.exp(digamma(2 * own) - total) / 2))
}

function expectedCells(counts: Float64Array, classes: number, mirror: Int32Array, pi: Float64Array): void {
  mapCells(counts, classes, pi, (count, sum) => Math.exp(digamma(count) - digamma(sum)))
  for (let k = 0; k < classes; k++) {
    if (mirror[k] !== k) continue
    for (let l = 0; l < classes; l++) {
      if (mirror[l] === l) continue
      for (let cell = l * classes + k; cell < counts.length; cell += classes * classes) {
        const total = pi[cell]! / Math.exp(digamma(counts[cell]!))
        pi[cell] = (Math.exp(digamma(2 * counts[cell]!)) * total) / 2
      }
    }
  }
}

/** Kullback-Leibler divergence of Dirichlet(a) from Dirichlet(b). */
function dirichletDivergence(a: Float64Array, b: Float64Array): number {
  const sum = (xs: Float64Array) => xs.reduce((x, y) => x + y, 0)
  let kl = logGamma(sum(a)) - logGamma(sum(b))
  const mean = digamma(sum(a))
  for (let n = 0; n < a.length; n++) {
    kl += logGamma(b[n]!) - logGamma(a[n]!) + (a[n]! - b[n]!) * (digamma(a[n]!) - mean)
  }
  return kl
}

/** Parameters that share one probability are one: their counts are added. */
function classDivergence(nu: Float64Array, classPrior: number, mirror: Int32Array): number {
  const [a, b] = [[], []] as [number[], number[]]
  for (let k = 0; k < nu.length; k++) {
    if (mirror[k]! < k) continue
    const times = mirror[k] === k ? 1 : 2
    a.push(times * nu[k]!)
    b.push(times * classPrior)
  }
  return dirichletDivergence(Float64Array.from(a), Float64Array.from(b))
}

/** The same, summed over every row of every confusion matrix (workers x answered x true); of a row and its image once. */
function cellDivergence(a: Float64Array, b: Float64Array, classes: number, mirror: Int32Array): number {
  const rowA = new Float64Array(classes)
  const rowB = new Float64Array(classes)
  let kl = 0
  for (let base = 0; base < a.length; base += classes * classes) {
    for (let k = 0; k < classes; k++) {
      if (mirror[k]! < k) continue
      let width = 0
      for (let l = 0; l < classes; l++) {
        const shares = mirror[k] === k && mirror[l] !== l
        if (shares && mirror[l]! < l) continue
        const times = shares ? 2 : 1
        rowA[width] = times * a[base + l * classes + k]!
        rowB[width] = times * b[base + l * classes + k]!
        width++
      }
      kl += dirichletDivergence(rowA.subarray(0, width), rowB.subarray(0, width))
    }
  }
  return kl
}
