/**
 * The two coefficients for two raters, on the items that both rated. Cohen's kappa (1960, weighted 1968): chance from each
 * rater's own shares, which is Conger's kappa of two. Scott's pi (1955): chance from their common shares, Fleiss' kappa of two.
 *
 * Worked example: A labels a, a, b and B a, b, b: pa = 2/3; Cohen pe = 4/9, kappa = 2/5; Scott p = (1/2, 1/2), pi = 1/3.
 */
import { congerKappa } from './conger.ts'
import type { Distance } from './distances.ts'
import type { Estimate, EstimateOptions, Undefined } from './estimate.ts'
import { fleissKappa } from './fleiss.ts'
import { prepare } from './prepared.ts'
import type { Ratings } from './ratings.ts'

const notTwo: Undefined = { undefined: 'it is for two raters; Conger and Fleiss are its forms for more' }

/** Ratings of the items that both raters rated, items numbered anew. */
function bothRated(ratings: Ratings): Ratings {
  const seen = new Uint8Array(ratings.items)
  for (const i of ratings.item) seen[i]! += 1
  const number = new Int32Array(ratings.items).fill(-1)
  let items = 0
  for (let i = 0; i < ratings.items; i++) if (seen[i] === 2) number[i] = items++
  const kept = ratings.item.map((i, r) => (number[i]! >= 0 ? r : -1)).filter((r) => r >= 0)
  return {
    ...ratings,
    items,
    item: kept.map((r) => number[ratings.item[r]!]!),
    rater: kept.map((r) => ratings.rater[r]!),
    category: kept.map((r) => ratings.category[r]!),
  }
}

export function cohenKappa(ratings: Ratings, distance: Distance, options?: EstimateOptions): Estimate | Undefined {
  return ratings.raters === 2 ? congerKappa(prepare(bothRated(ratings), distance), options) : notTwo
}

export function scottPi(ratings: Ratings, distance: Distance, options?: EstimateOptions): Estimate | Undefined {
  return ratings.raters === 2 ? fleissKappa(prepare(bothRated(ratings), distance), options) : notTwo
}
