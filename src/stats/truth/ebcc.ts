/**
 * Enhanced Bayesian classifier combination: Li, Rubinstein and Cohn, "Exploiting Worker Correlation for Label Aggregation in
 * Crowdsourcing", ICML 2019. Each class is a mixture of M kinds of items; workers err alike on the same kind:
 *
 *   P(kind m | class k) ~ Dirichlet(a / M),   worker w answers l on kind m of class k with v_wkml ~ Dirichlet(4 at l = k, else 1)
 *
 * Variational Bayes over (class, kind) of every item. Batch only: cost is M times that of IBCC. Starts are random divisions of
 * the vote shares over the kinds, drawn from the answers (`signature.ts`); the start with the highest bound is kept.
 *
 * Worked example: with M = 1 it is IBCC (prior 4 on the diagonal, 1 off it, 1 on classes); a test compares them.
 */
import { digamma, logGamma } from '../distributions.ts'
import { confusionCells } from './confusion.ts'
import type { Labels } from './labels.ts'
import {
  emptyQuality,
  labelCounts,
  prevalenceOf,
  type Step,
  setQuality,
  snap,
  type Truth,
  voteShares,
} from './result.ts'
import { type Signatures, signatures, uniform } from './signature.ts'

export interface EbccOptions {
  /** Kinds of items in each class. */
  kinds?: number
  /** Total pseudo-count of the kinds of a class. */
  kindPrior?: number
  restarts?: number
  iterations?: number
  tolerance?: number
  seed?: number
}

interface Fit {
  posterior: Float64Array
  counts: Float64Array
  perKind: Float64Array
  trace: Step[]
  converged: boolean
}

export function ebcc(table: Labels, options: EbccOptions = {}): Truth {
  const { kinds = 10, restarts = 3, seed = 0 } = options
  confusionCells({ ...table, workers: table.workers * kinds })
  const marks = signatures(table)
  let kept: Fit | undefined
  for (let restart = 0; restart < restarts; restart++) {
    const fit = fitOnce(table, split(table, marks, kinds, seed + restart), options)
    const bound = fit.trace.at(-1)!.objective
    const best = kept?.trace.at(-1)?.objective
    // mirror images of one solution differ by rounding: the first one stays
    if (best === undefined || bound > best + 1e-9 * Math.abs(best)) kept = fit
  }
  const { posterior, counts, perKind, trace, converged } = kept!
  const prevalence = prevalenceOf(posterior, table.classes)
  return {
    method: 'ebcc',
    posterior,
    prevalence,
    quality: qualityOf(table, kinds, counts, perKind),
    trace,
    iterations: trace.length,
    converged,
  }
}

/** items x (class, kind): the vote shares, each divided by a draw from Dirichlet(1, .., 1). */
function split(table: Labels, marks: Signatures, kinds: number, restart: number): Float64Array {
  const { items, classes } = table
  const shares = voteShares(table)
  const parts = new Float64Array(items * classes * kinds)
  for (let i = 0; i < items; i++) {
    for (let k = 0; k < classes; k++) {
      const from = (i * classes + k) * kinds
      let sum = 0
      for (let m = 0; m < kinds; m++)
        sum += parts[from + m] = -Math.log(uniform(marks.item[i]!, marks.class[k]!, m, restart))
      for (let m = 0; m < kinds; m++) parts[from + m]! *= shares[i * classes + k]! / sum
    }
  }
  return parts
}

function fitOnce(table: Labels, parts: Float64Array, options: EbccOptions): Fit {
  const { kinds = 10, kindPrior = 0.1, iterations = 100, tolerance = 1e-5 } = options
  const { items, workers, classes, start, worker, label } = table
  const states = classes * kinds
  const counts = new Float64Array(workers * classes * states)
  const logV = new Float64Array(counts.length)
  const perKind = new Float64Array(states)
  const logState = new Float64Array(states)
  const posterior = new Float64Array(items * classes)
  const trace: Step[] = []
  let converged = false
  while (trace.length < iterations && !converged) {
    const divergence = maximise()
    const { bound, change } = expect()
    trace.push({ objective: bound - divergence, change })
    converged = change < tolerance
  }
  return { posterior, counts, perKind, trace, converged }

  /** Counts per worker, answer and state; returns the divergence of all Dirichlet posteriors from their priors. */
  function maximise(): number {
    for (let n = 0; n < counts.length; n++) {
      const l = Math.floor(n / states) % classes
      counts[n] = Math.floor((n % states) / kinds) === l ? 4 : 1
    }
    perKind.fill(kindPrior / kinds)
    for (let i = 0; i < items; i++) {
      const q = i * states
      for (let s = 0; s < states; s++) perKind[s]! += parts[q + s]!
      for (let o = start[i]!; o < start[i + 1]!; o++) {
        const base = (worker[o]! * classes + label[o]!) * states
        for (let s = 0; s < states; s++) counts[base + s]! += parts[q + s]!
      }
    }
    let divergence = 0
    const nu = new Float64Array(classes).fill(1)
    for (let k = 0; k < classes; k++) {
      const own = perKind.subarray(k * kinds, (k + 1) * kinds)
      for (const count of own) nu[k]! += count - kindPrior / kinds
      divergence += divergenceOf(own, () => kindPrior / kinds)
    }
    divergence += divergenceOf(nu, () => 1)
    const all = digamma(nu.reduce((a, b) => a + b, 0))
    for (let k = 0; k < classes; k++) {
      const own = perKind.subarray(k * kinds, (k + 1) * kinds)
      const sum = digamma(own.reduce((a, b) => a + b, 0))
      own.forEach((count, m) => {
        logState[k * kinds + m] = digamma(count) - sum + digamma(nu[k]!) - all
      })
    }
    const row = new Float64Array(classes)
    for (let w = 0; w < workers; w++) {
      for (let s = 0; s < states; s++) {
        const base = w * classes * states + s
        for (let l = 0; l < classes; l++) row[l] = counts[base + l * states]!
        const sum = digamma(row.reduce((a, b) => a + b, 0))
        for (let l = 0; l < classes; l++) logV[base + l * states] = digamma(row[l]!) - sum
        const k = Math.floor(s / kinds)
        divergence += divergenceOf(row, (l) => (l === k ? 4 : 1))
      }
    }
    return divergence
  }

  function expect(): { bound: number; change: number } {
    let bound = 0
    let change = 0
    const sum = new Float64Array(states)
    for (let i = 0; i < items; i++) {
      sum.set(logState)
      for (let o = start[i]!; o < start[i + 1]!; o++) {
        const base = (worker[o]! * classes + label[o]!) * states
        for (let s = 0; s < states; s++) sum[s]! += logV[base + s]!
      }
      const top = sum.reduce((a, b) => Math.max(a, b))
      let total = 0
      for (let s = 0; s < states; s++) total += sum[s] = Math.exp(sum[s]! - top)
      bound += top + Math.log(total)
      for (let k = 0; k < classes; k++) {
        let q = 0
        for (let m = 0; m < kinds; m++) q += parts[i * states + k * kinds + m] = snap(sum[k * kinds + m]! / total)
        change = Math.max(change, Math.abs(q - posterior[i * classes + k]!))
        posterior[i * classes + k] = q
      }
    }
    return { bound, change }
  }
}

/** Kullback-Leibler divergence of Dirichlet(a) from a Dirichlet with these pseudo-counts. */
function divergenceOf(a: Float64Array, prior: (n: number) => number): number {
  let sumA = 0
  let sumB = 0
  for (let n = 0; n < a.length; n++) {
    sumA += a[n]!
    sumB += prior(n)
  }
  let kl = logGamma(sumA) - logGamma(sumB)
  for (let n = 0; n < a.length; n++) {
    kl += logGamma(prior(n)) - logGamma(a[n]!) + (a[n]! - prior(n)) * (digamma(a[n]!) - digamma(sumA))
  }
  return kl
}

/** Accuracy: the share of right answers on every kind, weighed by how common the kind is. */
function qualityOf(table: Labels, kinds: number, counts: Float64Array, perKind: Float64Array) {
  const { classes } = table
  const states = classes * kinds
  const quality = emptyQuality(labelCounts(table))
  const all = perKind.reduce((a, b) => a + b, 0)
  for (let w = 0; w < table.workers; w++) {
    let mean = 0
    let variance = 0
    for (let s = 0; s < states; s++) {
      const base = w * classes * states + s
      let total = 0
      for (let l = 0; l < classes; l++) total += counts[base + l * states]!
      const right = counts[base + Math.floor(s / kinds) * states]! / total
      const share = perKind[s]! / all
      mean += share * right
      variance += (share * share * right * (1 - right)) / (total + 1)
    }
    setQuality(quality, w, mean, variance)
  }
  return quality
}
