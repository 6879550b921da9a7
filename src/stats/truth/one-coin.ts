/**
 * One-coin Dawid-Skene (Zhang, Chen, Zhou and Jordan, "Spectral Methods Meet EM", JMLR 2016): each worker is right with one
 * probability a_w whatever the class and errs evenly over the others.
 *
 *   a_w = (sum over w's answers l of q_il + c) / (n_w + c + d),   q_ik ~ product of a_w or (1 - a_w) / (K - 1)
 *
 * The classes are held equally likely. With learned shares the model slides towards a maximum where nearly all items fall into
 * one class and a worker's accuracy is the share of it among their answers (the birds of the shared data: .58 instead of .72; a
 * test shows it). Shares known from elsewhere may be given.
 * Prior Beta(c, d) = (2, 1) pseudo-answers keeps accuracies off 0 and 1 and says which of two mirror solutions is meant.
 *
 * Worked example: three workers answer 0 0 1 on one item; start (2/3, 1/3): a = (2/3 + 2)/4 = 2/3, 2/3, (1/3 + 2)/4 = 7/12.
 */
import { holdGold } from './dawid-skene.ts'
import type { Labels } from './labels.ts'
import { labelCounts, prevalenceOf, qualityFromRight, type Step, snap, type Truth, voteShares } from './result.ts'

export interface OneCoinOptions {
  /** Pseudo-answers that were right and wrong. */
  prior?: readonly [right: number, wrong: number]
  /** Probability of each class, when it is known from elsewhere. */
  classPrior?: Float64Array
  gold?: Int32Array
  iterations?: number
  tolerance?: number
}

export function oneCoin(table: Labels, options: OneCoinOptions = {}): Truth {
  const { prior = [2, 1], gold, iterations = 500, tolerance = 1e-6 } = options
  const { items, workers, classes, start, worker, label } = table
  const logPrior = (options.classPrior ?? new Float64Array(classes).fill(1 / classes)).map(Math.log)
  const posterior = voteShares(table)
  if (gold) holdGold(posterior, classes, gold)
  const count = labelCounts(table)
  const right = new Float64Array(workers)
  const gain = new Float64Array(workers)
  const miss = new Float64Array(workers)
  const sum = new Float64Array(classes)
  const trace: Step[] = []
  let logLikelihood = 0
  let converged = false
  while (trace.length < iterations && !converged) {
    countRight()
    let objective = 0
    for (let w = 0; w < workers; w++) {
      const accuracy = (right[w]! + prior[0]) / (count[w]! + prior[0] + prior[1])
      const wrong = classes > 1 ? (1 - accuracy) / (classes - 1) : 1
      miss[w] = Math.log(Math.max(wrong, 1e-300))
      gain[w] = Math.log(Math.max(accuracy, 1e-300)) - miss[w]!
      objective += prior[0] * Math.log(accuracy) + prior[1] * Math.log(Math.max(1 - accuracy, 1e-300))
    }
    const change = expectItems()
    trace.push({ objective: objective + logLikelihood, change })
    converged = change < tolerance
  }
  countRight()
  return {
    method: 'one-coin',
    posterior,
    prevalence: prevalenceOf(posterior, classes),
    quality: qualityFromRight(right, count),
    trace,
    iterations: trace.length,
    converged,
    logLikelihood,
  }

  function countRight() {
    right.fill(0)
    for (let i = 0; i < items; i++)
      for (let o = start[i]!; o < start[i + 1]!; o++) right[worker[o]!]! += posterior[i * classes + label[o]!]!
  }

  function expectItems(): number {
    let change = 0
    logLikelihood = 0
    for (let i = 0; i < items; i++) {
      if (gold && gold[i]! >= 0) continue
      sum.set(logPrior)
      let all = 0
      for (let o = start[i]!; o < start[i + 1]!; o++) {
        sum[label[o]!]! += gain[worker[o]!]!
        all += miss[worker[o]!]!
      }
      const top = sum.reduce((a, b) => Math.max(a, b))
      let total = 0
      for (let k = 0; k < classes; k++) total += sum[k] = Math.exp(sum[k]! - top)
      logLikelihood += top + all + Math.log(total)
      for (let k = 0; k < classes; k++) {
        const q = snap(sum[k]! / total)
        change = Math.max(change, Math.abs(q - posterior[i * classes + k]!))
        posterior[i * classes + k] = q
      }
    }
    return change
  }
}
