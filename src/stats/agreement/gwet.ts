/**
 * Gwet's AC1 (identity weights) and AC2 (Gwet 2008, doi 10.1348/000711006X126600; 2014, chapters 3 and 5). Chance agreement
 * counts only where the label of an item is hard, so that it stays steady when one category is nearly all there is.
 *
 * pe = W / (q (q - 1)) * sum_k p_k (1 - p_k), W the sum of all agreement weights, q categories.
 *
 * Worked example: items rated (a, a), (a, a), (a, b): pa = 2/3, p = (5/6, 1/6), pe = 2 / 2 * (5/36 + 5/36) = 5/18,
 * AC1 = (2/3 - 5/18) / (13/18) = 7/13.
 */
import { distanceTotal } from './distances.ts'
import { type Estimate, type EstimateOptions, fromInfluence, noPairs, noVariation, type Undefined } from './estimate.ts'
import { categoryShares, correctForChance, influenceOf, itemMean, type Point, type Prepared } from './prepared.ts'

/** The coefficient and, for each category, how often two raters agree by chance on an item that one of them put there. */
export function gwetPoint(prepared: Prepared): (Point & { hard: Float64Array }) | Undefined {
  if (prepared.paired === 0) return noPairs
  const q = prepared.ratings.categories.length
  if (q < 2) return noVariation
  const shares = categoryShares(prepared)
  const scale = (q * q - distanceTotal(prepared.distance)) / (q * (q - 1))
  let chance = 0
  for (const share of shares) chance += scale * share * (1 - share)
  if (!(chance < 1 - 1e-15)) return noVariation
  return { ...correctForChance(prepared, chance), hard: shares.map((share) => scale * (1 - share)) }
}

export function gwetAC(prepared: Prepared, options?: EstimateOptions): Estimate | Undefined {
  const point = gwetPoint(prepared)
  if ('undefined' in point) return point
  const influence = influenceOf(prepared, point, (i) => itemMean(prepared, i, point.hard))
  return fromInfluence(point.estimate, influence, point.estimate, options)
}
