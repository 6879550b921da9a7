/**
 * Majority vote: the posterior of a class is its share of the votes. Ties are kept as ties (`tiedItems`), never broken
 * by the order of rows or names.
 *
 * Worked example: votes a a b give (2/3, 1/3); votes a b give (1/2, 1/2), a tie.
 */
import type { Labels } from './labels.ts'
import { best, prevalenceOf, qualityFromPosterior, type Truth, voteShares } from './result.ts'

export function majority(table: Labels): Truth {
  const posterior = voteShares(table)
  return {
    method: 'majority',
    posterior,
    prevalence: prevalenceOf(posterior, table.classes),
    quality: qualityFromPosterior(table, winners(posterior, table.classes)),
    trace: [],
    iterations: 0,
    converged: true,
  }
}

/** The items on which several classes have the most votes. */
export function tiedItems(posterior: Float64Array, classes: number): number[] {
  const tied: number[] = []
  for (let i = 0; i < posterior.length / classes; i++) if (best(posterior, classes, i).length > 1) tied.push(i)
  return tied
}

/** All mass on the most probable class, shared where several tie. */
export function winners(posterior: Float64Array, classes: number): Float64Array {
  const won = new Float64Array(posterior.length)
  for (let i = 0; i < posterior.length / classes; i++) {
    const top = best(posterior, classes, i)
    for (const k of top) won[i * classes + k] = 1 / top.length
  }
  return won
}
