/**
 * Labels together with a model's probabilities: Goh, Tkachenko and Mueller, "CROWDLAB: Supervised learning to infer consensus
 * labels and quality scores for data with multiple annotators", NeurIPS 2022 workshop.
 *
 *   q_ik = (w_M p_M(k) + sum over labels w_j a_jk) / (w_M + sum w_j),   a_jk = P where the worker said k, else (1 - P)/(K - 1)
 *
 * P: how often labels agree with the consensus, over items with several labels. With A the accuracy that always naming the
 * most common class would have there, w_j = 1 - (1 - agreement of j with the others) / (1 - A) and
 * w_M = (1 - (1 - accuracy of the model) / (1 - A)) * sqrt(labels an item); weights below 0 count 0.
 *
 * The model must not have been trained on the labels of the item that it scores (use held-out folds).
 *
 * Worked example: a test computes one item by hand.
 */
import { refuse } from '../errors.ts'
import type { Labels } from './labels.ts'
import { best, labelCounts, prevalenceOf, qualityFromRight, type Truth, voteShares } from './result.ts'

export interface CrowdlabTruth extends Truth {
  modelWeight: number
  /** Posterior of an item's own consensus: low values first are worth another label. */
  confidence: Float64Array
}

/** `model`: items x classes probabilities, each row summing to 1. */
export function crowdlab(table: Labels, model: Float64Array): CrowdlabTruth {
  const { items, workers, classes, start, worker, label } = table
  if (model.length !== items * classes) refuse('The model must give one probability for each item and class.')
  for (let i = 0; i < items; i++) {
    const sum = model.subarray(i * classes, (i + 1) * classes).reduce((a, b) => a + b, 0)
    if (!(Math.abs(sum - 1) < 1e-3)) refuse('Probabilities of an item must sum to 1.', { where: `item ${i + 1}` })
  }
  const shares = voteShares(table)
  // ties of the vote go to the model, as in the paper; what still ties counts by its share
  const consensus = Array.from({ length: items }, (_, i) => {
    const tied = best(shares, classes, i)
    const most = Math.max(...tied.map((k) => model[i * classes + k]!))
    return tied.filter((k) => model[i * classes + k]! >= most - 1e-12)
  })
  const several = Array.from(consensus.keys()).filter((i) => start[i + 1]! - start[i]! > 1)
  const share = (i: number, k: number) => (consensus[i]!.includes(k) ? 1 / consensus[i]!.length : 0)
  const common = new Float64Array(classes)
  let agreement = 0
  let modelRight = 0
  for (const i of several) {
    for (let k = 0; k < classes; k++) common[k]! += share(i, k) / several.length
    let agreed = 0
    for (let o = start[i]!; o < start[i + 1]!; o++) agreed += share(i, label[o]!)
    agreement += agreed / (start[i + 1]! - start[i]!) / several.length
    const named = best(model, classes, i)
    modelRight += named.reduce((sum, k) => sum + share(i, k) / named.length, 0) / several.length
  }
  // without items of several labels there is nothing to weigh by: every voice counts the same
  const chance =
    several.length > 0
      ? Math.min(
          common.reduce((a, b) => Math.max(a, b)),
          1 - 1e-9,
        )
      : 0
  const p = several.length > 0 ? Math.min(Math.max(agreement, 1 / classes), 1 - 1e-6) : 0.9
  const weigh = (accuracy: number) => Math.max(1 - (1 - accuracy) / (1 - chance), 1e-6)
  const agreed = new Float64Array(workers)
  const met = new Float64Array(workers)
  for (const i of several) {
    for (let o = start[i]!; o < start[i + 1]!; o++) {
      for (let m = start[i]!; m < start[i + 1]!; m++) {
        if (m === o) continue
        agreed[worker[o]!]! += Number(label[o] === label[m])
        met[worker[o]!]!++
      }
    }
  }
  // who never met another worker is taken for average
  const weight = agreed.map((sum, w) => weigh(met[w]! > 0 ? sum / met[w]! : p))
  const modelWeight = several.length > 0 ? weigh(modelRight) * Math.sqrt(label.length / items) : 1
  const posterior = new Float64Array(items * classes)
  for (let i = 0; i < items; i++) {
    let total = modelWeight
    for (let k = 0; k < classes; k++) posterior[i * classes + k] = modelWeight * model[i * classes + k]!
    for (let o = start[i]!; o < start[i + 1]!; o++) {
      const w = weight[worker[o]!]!
      total += w
      for (let k = 0; k < classes; k++)
        posterior[i * classes + k]! += w * (k === label[o] ? p : (1 - p) / Math.max(classes - 1, 1))
    }
    for (let k = 0; k < classes; k++) posterior[i * classes + k]! /= total
  }
  const right = new Float64Array(workers)
  for (let i = 0; i < items; i++)
    for (let o = start[i]!; o < start[i + 1]!; o++) right[worker[o]!]! += posterior[i * classes + label[o]!]!
  const quality = qualityFromRight(right, labelCounts(table))
  quality.parameter = weight
  const confidence = Float64Array.from({ length: items }, (_, i) =>
    posterior.subarray(i * classes, (i + 1) * classes).reduce((a, b) => Math.max(a, b)),
  )
  const prevalence = prevalenceOf(posterior, classes)
  return {
    method: 'crowdlab',
    posterior,
    prevalence,
    quality,
    trace: [],
    iterations: 1,
    converged: true,
    modelWeight,
    confidence,
  }
}
