/**
 * Fleiss' kappa, weighted, with missing ratings (Fleiss 1971; Gwet 2014, chapters 2, 3 and 5). Chance agreement: two raters
 * drawn at random label by the shares of the categories over all items.
 *
 * kappa = (pa - pe) / (1 - pe), pe = 1 - sum_kl p_k p_l d_kl.
 *
 * Worked example: items rated (a, a), (a, b), (b, b): pa = 2/3, p = (1/2, 1/2), pe = 1/2, kappa = 1/3.
 */
import { spread } from './distances.ts'
import { type Estimate, type EstimateOptions, fromInfluence, noPairs, noVariation, type Undefined } from './estimate.ts'
import { categoryShares, correctForChance, influenceOf, itemMean, type Point, type Prepared } from './prepared.ts'

/** The coefficient and, for each category, its mean distance from all ratings. */
export function fleissPoint(prepared: Prepared): (Point & { far: Float64Array }) | Undefined {
  if (prepared.paired === 0) return noPairs
  const shares = categoryShares(prepared)
  const far = spread(prepared.distance, shares)
  let disagreement = 0
  for (let k = 0; k < shares.length; k++) disagreement += shares[k]! * far[k]!
  if (!(disagreement > 1e-15)) return noVariation
  return { ...correctForChance(prepared, 1 - disagreement), far }
}

export function fleissKappa(prepared: Prepared, options?: EstimateOptions): Estimate | Undefined {
  const point = fleissPoint(prepared)
  if ('undefined' in point) return point
  const influence = influenceOf(prepared, point, (i) => 1 - itemMean(prepared, i, point.far))
  return fromInfluence(point.estimate, influence, point.estimate, options)
}
