/**
 * Krippendorff's alpha for any number of raters, missing ratings and any distance (Krippendorff, Content Analysis, 4th ed.
 * 2019, chapter 12): 1 - observed / expected disagreement, over the ratings that can be paired. Standard error: Gwet 2014, 5.3
 * (for the metric ordinal, whose distances come of the ratings themselves, they are taken as given).
 *
 * Do = (1/N) sum_i sum_{pairs of i} d / (n_i - 1); De = sum_{pairs of all} d / (N (N - 1)); alpha = 1 - Do / De.
 *
 * Worked example, nominal: items rated (a, a), (a, b), (b, b): N = 6, Do = 2/6, De = 18/30, alpha = 4/9.
 */
import { type Distance, spread } from './distances.ts'
import { type Estimate, type EstimateOptions, fromInfluence, noPairs, noVariation, type Undefined } from './estimate.ts'
import { itemMean, type Prepared } from './prepared.ts'
import type { ItemCounts } from './ratings.ts'

/** Ratings of each category among the items with pairs: what the metric `ordinal` counts. */
export function pairableTotals(counts: ItemCounts, categories: number, times?: Float64Array): Float64Array {
  const totals = new Float64Array(categories)
  for (let i = 0; i < counts.items; i++) {
    const weight = times ? times[i]! : 1
    if (counts.pairs[i]! > 0 && weight > 0)
      for (let e = counts.start[i]!; e < counts.start[i + 1]!; e++)
        totals[counts.category[e]!]! += weight * counts.count[e]!
  }
  return totals
}

interface AlphaPoint {
  estimate: number
  observed: number
  expected: number
  /** Ratings that can be paired. */
  ratings: number
  /** Mean distance of each category from all ratings. */
  far: Float64Array
}

export function krippendorffPoint(prepared: Prepared): AlphaPoint | Undefined {
  const { counts, within, paired, distance, itemTimes } = prepared
  if (paired === 0) return noPairs
  const totals = pairableTotals(counts, distance.size, itemTimes)
  let ratings = 0
  for (const total of totals) ratings += total
  const { far, expected } = expectedDisagreement(distance, totals, ratings)
  if (!(expected > 0)) return noVariation
  let observed = 0
  for (let i = 0; i < counts.items; i++)
    if (counts.pairs[i]! > 0)
      observed += ((itemTimes ? itemTimes[i]! : 1) * counts.total[i]! * within[i]!) / counts.pairs[i]!
  observed /= ratings
  return { estimate: 1 - (observed / expected) * (1 - 1 / ratings), observed, expected, ratings, far }
}

/** Mean distance of each category from all ratings, and the mean distance of two ratings drawn with replacement. */
function expectedDisagreement(distance: Distance, totals: Float64Array, ratings: number) {
  const shares = totals.map((total) => total / ratings)
  const far = spread(distance, shares)
  let expected = 0
  for (let k = 0; k < shares.length; k++) expected += shares[k]! * far[k]!
  return { far, expected }
}

export function krippendorffAlpha(prepared: Prepared, options?: EstimateOptions): Estimate | Undefined {
  const point = krippendorffPoint(prepared)
  if ('undefined' in point) return point
  const { observed, expected, ratings, far } = point
  const { counts, within, paired } = prepared

  // Linearised about the estimate without the small-sample factor (N - 1) / N. An item weighs by its share of the ratings.
  const plain = 1 - observed / expected
  const perItem = ratings / paired
  const influence = new Float64Array(paired)
  let at = 0
  for (let i = 0; i < counts.items; i++) {
    const n = counts.total[i]!
    if (n < 2) continue
    const more = n / perItem - 1
    const ownObserved = within[i]! / (perItem * (n - 1)) - observed * (1 - 1 / ratings) * more
    const ownExpected = (n / perItem) * itemMean(prepared, i, far) - expected * more
    influence[at++] = 1 - ownObserved / expected - 2 * (1 - plain) * (1 - ownExpected / expected)
  }
  return fromInfluence(point.estimate, influence, plain, options)
}
