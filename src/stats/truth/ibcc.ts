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
  iterations?: number
  tolerance?: number
}

export function ibcc(table: Labels, options: IbccOptions = {}): Truth {
  const { diagonal = 4, offDiagonal = 1, classPrior = 1, gold, history, iterations = 100, tolerance = 1e-6 } = options
  const { classes } = table
  const posterior = voteShares(table)
  if (gold) holdGold(posterior, classes, gold)
  const priorCounts = confusionCells(table)
  for (let n = 0; n < priorCounts.length; n++) {
    const k = n % classes
    const l = Math.floor(n / classes) % classes
    priorCounts[n] = k === l ? diagonal : offDiagonal
  }
  if (history)
    byTruth(history, classes).forEach((count, n) => {
      priorCounts[n]! += count
    })
  const counts = priorCounts.slice()
  countAnswers(table, posterior, counts)
  const pass = preparePass(table, gold)
  const pi = new Float64Array(priorCounts.length)
  const trace: Step[] = []
  let nu = prevalenceOf(posterior, classes).map((share) => classPrior + share * table.items)
  let converged = false
  while (trace.length < iterations && !converged) {
    const total = digamma(nu.reduce((a, b) => a + b, 0))
    const prior = nu.map((share) => Math.exp(digamma(share) - total))
    mapCells(counts, classes, pi, (count, sum) => Math.exp(digamma(count) - digamma(sum)))
    const divergence =
      dirichletDivergence(nu, new Float64Array(classes).fill(classPrior)) + cellDivergence(counts, priorCounts, classes)
    const step = pass(pi, prior, posterior, priorCounts, counts)
    trace.push({ objective: step.logLikelihood - divergence, change: step.change })
    converged = step.change < tolerance
    nu = step.sums.map((sum) => sum + classPrior)
  }
  const total = nu.reduce((a, b) => a + b, 0)
  const prevalence = nu.map((count) => count / total)
  const quality = confusionQuality(table, counts, prevalence)
  return { method: 'ibcc', posterior, prevalence, quality, trace, iterations: trace.length, converged }
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

/** The same, summed over every row of every confusion matrix (workers x answered x true). */
function cellDivergence(a: Float64Array, b: Float64Array, classes: number): number {
  const rowA = new Float64Array(classes)
  const rowB = new Float64Array(classes)
  let kl = 0
  for (let base = 0; base < a.length; base += classes * classes) {
    for (let k = 0; k < classes; k++) {
      for (let l = 0; l < classes; l++) {
        rowA[l] = a[base + l * classes + k]!
        rowB[l] = b[base + l * classes + k]!
      }
      kl += dirichletDivergence(rowA, rowB)
    }
  }
  return kl
}
