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
import { categoryShares, influenceOf, itemMean, observedAgreement, type Prepared } from './prepared.ts'

export function fleissKappa(prepared: Prepared, options?: EstimateOptions): Estimate | Undefined {
  if (prepared.paired === 0) return noPairs
  const shares = categoryShares(prepared)
  const far = spread(prepared.distance, shares)
  let disagreement = 0
  for (let k = 0; k < shares.length; k++) disagreement += shares[k]! * far[k]!
  if (!(disagreement > 1e-15)) return noVariation
  const chance = 1 - disagreement
  const estimate = (observedAgreement(prepared) - chance) / disagreement
  const influence = influenceOf(prepared, chance, estimate, (i) => 1 - itemMean(prepared, i, far))
  return fromInfluence(estimate, influence, estimate, options)
}
