/**
 * Brennan and Prediger's coefficient (1981, doi 10.1177/001316448104100307), weighted: chance means every category alike.
 *
 * pe = W / q^2, W the sum of all agreement weights, q categories.
 *
 * Worked example: items rated (a, a), (a, b), (b, b) of two categories: (2/3 - 1/2) / (1/2) = 1/3.
 */
import { distanceTotal } from './distances.ts'
import { type Estimate, type EstimateOptions, fromInfluence, noPairs, noVariation, type Undefined } from './estimate.ts'
import { influenceOf, observedAgreement, type Prepared } from './prepared.ts'

export function brennanPrediger(prepared: Prepared, options?: EstimateOptions): Estimate | Undefined {
  if (prepared.paired === 0) return noPairs
  const q = prepared.ratings.categories.length
  if (q < 2) return noVariation
  const chance = 1 - distanceTotal(prepared.distance) / (q * q)
  const estimate = (observedAgreement(prepared) - chance) / (1 - chance)
  return fromInfluence(estimate, influenceOf(prepared, chance, estimate), estimate, options)
}
