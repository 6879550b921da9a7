/**
 * Worker agreement with aggregate: a vote weighed by how often its worker agrees with the majority vote (a tie counts by
 * its share). Practice of the trade, described by Appen; no model stands behind its shares, read them as weights.
 *
 * Worked example: items 1: A=x B=x C=y, 2: A=x B=x C=x. Agreement A 1, B 1, C 1/2; item 1 gets x 2/2.5 = .8, y .2.
 */

import type { Labels } from './labels.ts'
import { winners } from './majority.ts'
import { labelCounts, prevalenceOf, qualityFromPosterior, type Truth, voteShares } from './result.ts'

export function wawa(table: Labels): Truth {
  const { items, workers, classes, start, worker, label } = table
  const won = winners(voteShares(table), classes)
  const agreed = new Float64Array(workers)
  for (let i = 0; i < items; i++)
    for (let o = start[i]!; o < start[i + 1]!; o++) agreed[worker[o]!]! += won[i * classes + label[o]!]!
  const count = labelCounts(table)
  const weight = agreed.map((sum, w) => sum / Math.max(count[w]!, 1))
  const posterior = new Float64Array(items * classes)
  for (let i = 0; i < items; i++) {
    let total = 0
    for (let o = start[i]!; o < start[i + 1]!; o++) {
      posterior[i * classes + label[o]!]! += weight[worker[o]!]!
      total += weight[worker[o]!]!
    }
    for (let k = 0; k < classes; k++) {
      const cell = i * classes + k
      posterior[cell] = total > 0 ? posterior[cell]! / total : 1 / classes
    }
  }
  return {
    method: 'wawa',
    posterior,
    prevalence: prevalenceOf(posterior, classes),
    quality: qualityFromPosterior(table, won),
    trace: [],
    iterations: 1,
    converged: true,
  }
}
