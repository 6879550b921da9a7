/**
 * Brennan and Prediger's coefficient (1981, doi 10.1177/001316448104100307), weighted: chance means every category alike.
 *
 * pe = W / q^2, W the sum of all agreement weights, q categories.
 *
 * Worked example: items rated (a, a), (a, b), (b, b) of two categories: (2/3 - 1/2) / (1/2) = 1/3.
 */
import { distanceTotal } from './distances.ts'
import { type Estimate, type EstimateOptions, fromInfluence, noPairs, noVariation, type Undefined } from './estimate.ts'
import { correctForChance, influenceOf, type Point, type Prepared } from './prepared.ts'

export function brennanPredigerPoint(prepared: Prepared): Point | Undefined {
  if (prepared.paired === 0) return noPairs
  const q = prepared.ratings.categories.length
  if (q < 2) return noVariation
  return correctForChance(prepared, 1 - distanceTotal(prepared.distance) / (q * q))
}

export function brennanPrediger(prepared: Prepared, options?: EstimateOptions): Estimate | Undefined {
  const point = brennanPredigerPoint(prepared)
  if ('undefined' in point) return point
  return fromInfluence(point.estimate, influenceOf(prepared, point), point.estimate, options)
}
