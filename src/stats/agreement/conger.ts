/**
 * Conger's kappa: Cohen's for any number of raters (Conger 1980; Gwet 2014, 5.3). Chance agreement is the mean over pairs of
 * raters, each with its own shares of categories.
 *
 * pe = 1 - sum_{g != h} sum_kl p_gk p_hl d_kl / (r (r - 1)).
 *
 * Worked example: rater A labels a, a, b and rater B a, b, b: pa = 2/3, pe = 2/3 * 1/3 + 1/3 * 2/3 = 4/9, kappa = 2/5.
 */
import { spread } from './distances.ts'
import { type Estimate, type EstimateOptions, fromInfluence, noPairs, noVariation, type Undefined } from './estimate.ts'
import { influenceOf, observedAgreement, type Prepared } from './prepared.ts'

export function congerKappa(prepared: Prepared, options?: EstimateOptions): Estimate | Undefined {
  if (prepared.paired === 0) return noPairs
  const { ratings, distance, counts } = prepared
  const q = ratings.categories.length
  const rated = new Float64Array(ratings.raters)
  const share = new Float64Array(ratings.raters * q)
  for (let r = 0; r < ratings.item.length; r++) {
    rated[ratings.rater[r]!]! += 1
    share[ratings.rater[r]! * q + ratings.category[r]!]! += 1
  }
  let raters = 0
  const all = new Float64Array(q)
  for (let g = 0; g < ratings.raters; g++) {
    if (rated[g] === 0) continue
    raters++
    for (let k = 0; k < q; k++) {
      share[g * q + k]! /= rated[g]!
      all[k]! += share[g * q + k]!
    }
  }
  const pairs = raters * (raters - 1)

  // others[g, k]: how far category k of rater g lies from what the other raters say; mean[g]: its mean over g's ratings.
  const others = new Float64Array(ratings.raters * q)
  const mean = new Float64Array(ratings.raters)
  let disagreement = 0
  for (let g = 0; g < ratings.raters; g++) {
    if (rated[g] === 0) continue
    const own = share.subarray(g * q, g * q + q)
    const far = spread(
      distance,
      all.map((sum, k) => sum - own[k]!),
    )
    others.set(far, g * q)
    for (let k = 0; k < q; k++) mean[g]! += own[k]! * far[k]!
    disagreement += mean[g]! / pairs
  }
  if (!(disagreement > 1e-15)) return noVariation
  const chance = 1 - disagreement
  const estimate = (observedAgreement(prepared) - chance) / disagreement

  const chanceOf = new Float64Array(counts.items).fill(chance)
  for (let r = 0; r < ratings.item.length; r++) {
    const g = ratings.rater[r]!
    const away = others[g * q + ratings.category[r]!]! - mean[g]!
    chanceOf[ratings.item[r]!]! -= ((counts.items / rated[g]!) * away) / pairs
  }
  return fromInfluence(
    estimate,
    influenceOf(prepared, chance, estimate, (i) => chanceOf[i]!),
    estimate,
    options,
  )
}
