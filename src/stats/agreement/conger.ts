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
import { correctForChance, influenceOf, type Point, type Prepared } from './prepared.ts'

interface CongerPoint extends Point {
  /** Ratings of each rater. */
  rated: Float64Array
  /** How far category k of rater g lies from what the other raters say: entry g q + k; and its mean over g's ratings. */
  others: Float64Array
  mean: Float64Array
  /** Ordered pairs of raters. */
  pairs: number
}

export function congerPoint(prepared: Prepared): CongerPoint | Undefined {
  if (prepared.paired === 0) return noPairs
  const { ratings, distance, itemTimes, raterTimes } = prepared
  const q = ratings.categories.length
  const rated = new Float64Array(ratings.raters)
  const share = new Float64Array(ratings.raters * q)
  for (let r = 0; r < ratings.item.length; r++) {
    const weight = itemTimes ? itemTimes[ratings.item[r]!]! : 1
    rated[ratings.rater[r]!]! += weight
    share[ratings.rater[r]! * q + ratings.category[r]!]! += weight
  }
  let raters = 0
  let self = 0
  const all = new Float64Array(q)
  for (let g = 0; g < ratings.raters; g++) {
    const times = raterTimes ? raterTimes[g]! : 1
    if (rated[g] === 0) continue
    raters += times
    self += times * times
    for (let k = 0; k < q; k++) {
      share[g * q + k]! /= rated[g]!
      all[k]! += times * share[g * q + k]!
    }
  }
  const pairs = raters * raters - self
  if (pairs === 0) return noPairs

  const others = new Float64Array(ratings.raters * q)
  const mean = new Float64Array(ratings.raters)
  let disagreement = 0
  for (let g = 0; g < ratings.raters; g++) {
    const times = raterTimes ? raterTimes[g]! : 1
    if (rated[g] === 0 || times === 0) continue
    const own = share.subarray(g * q, g * q + q)
    const far = spread(
      distance,
      all.map((sum, k) => sum - times * own[k]!),
    )
    others.set(far, g * q)
    for (let k = 0; k < q; k++) mean[g]! += own[k]! * far[k]!
    disagreement += (times * mean[g]!) / pairs
  }
  if (!(disagreement > 1e-15)) return noVariation
  return { ...correctForChance(prepared, 1 - disagreement), rated, others, mean, pairs }
}

export function congerKappa(prepared: Prepared, options?: EstimateOptions): Estimate | Undefined {
  const point = congerPoint(prepared)
  if ('undefined' in point) return point
  const { ratings, counts } = prepared
  const q = ratings.categories.length
  const chanceOf = new Float64Array(counts.items).fill(point.chance)
  for (let r = 0; r < ratings.item.length; r++) {
    const g = ratings.rater[r]!
    const away = point.others[g * q + ratings.category[r]!]! - point.mean[g]!
    chanceOf[ratings.item[r]!]! -= ((counts.items / point.rated[g]!) * away) / point.pairs
  }
  return fromInfluence(
    point.estimate,
    influenceOf(prepared, point, (i) => chanceOf[i]!),
    point.estimate,
    options,
  )
}
