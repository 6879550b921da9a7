/** What several coefficients need of the same ratings, computed once: counts, distances within items, agreement of each item. */
import { type Distance, pairDistances } from './distances.ts'
import { countItems, type ItemCounts, type Ratings } from './ratings.ts'

export interface Prepared {
  ratings: Ratings
  counts: ItemCounts
  distance: Distance
  /** Sum of distances over the ordered pairs of ratings of each item. */
  within: Float64Array
  /** Items that have ratings, and items that have pairs; in a resample, as often as they were drawn. */
  rated: number
  paired: number
  /** A resample: how often each item and each rater was drawn. */
  itemTimes?: Float64Array
  raterTimes?: Float64Array
}

export function prepare(ratings: Ratings, distance: Distance, counts: ItemCounts = countItems(ratings)): Prepared {
  const { rated, paired } = tally(counts)
  return { ratings, counts, distance, within: pairDistances(distance, counts), rated, paired }
}

/** The same ratings as a resample sees them. Raters drawn anew need new counts; items alone do not. */
export function resample(prepared: Prepared, itemTimes: Float64Array, raterTimes?: Float64Array): Prepared {
  const counts = raterTimes ? countItems(prepared.ratings, raterTimes) : prepared.counts
  const within = raterTimes ? pairDistances(prepared.distance, counts) : prepared.within
  return { ...prepared, counts, within, ...tally(counts, itemTimes), itemTimes, raterTimes }
}

function tally({ items, total, pairs }: ItemCounts, times?: Float64Array) {
  let rated = 0
  let paired = 0
  for (let i = 0; i < items; i++) {
    const weight = times ? times[i]! : 1
    if (total[i]! > 0) rated += weight
    if (pairs[i]! > 0) paired += weight
  }
  return { rated, paired }
}

/** Share of agreement of item i: 1 less the mean distance of its pairs. NaN where it has none. */
export const itemAgreement = ({ within, counts }: Prepared, i: number): number => 1 - within[i]! / counts.pairs[i]!

/** Mean agreement over the items that have pairs. */
function observedAgreement(prepared: Prepared): number {
  const { counts, itemTimes } = prepared
  let sum = 0
  for (let i = 0; i < counts.items; i++)
    if (counts.pairs[i]! > 0) sum += (itemTimes ? itemTimes[i]! : 1) * itemAgreement(prepared, i)
  return sum / prepared.paired
}

/** Mean over the items of the share of each category among the item's ratings. */
export function categoryShares({ counts, ratings, rated, itemTimes }: Prepared): Float64Array {
  const shares = new Float64Array(ratings.categories.length)
  for (let i = 0; i < counts.items; i++) {
    const weight = (itemTimes ? itemTimes[i]! : 1) / counts.total[i]!
    if (weight > 0)
      for (let e = counts.start[i]!; e < counts.start[i + 1]!; e++)
        shares[counts.category[e]!]! += weight * counts.count[e]!
  }
  for (let k = 0; k < shares.length; k++) shares[k]! /= rated
  return shares
}

/** Mean over the ratings of item i of a value that belongs to their categories. */
export function itemMean({ counts }: Prepared, i: number, value: Float64Array): number {
  let sum = 0
  for (let e = counts.start[i]!; e < counts.start[i + 1]!; e++) sum += counts.count[e]! * value[counts.category[e]!]!
  return sum / counts.total[i]!
}

/**
 * Influence of each item on (observed - chance) / (1 - chance), where chance agreement is the square of a mean over items
 * (Gwet 2014, 5.3): an item counts by its own agreement and by its own share in chance agreement.
 * @param chanceOf chance agreement as item i sees it; undefined where chance is given, not estimated
 */
export function influenceOf(
  prepared: Prepared,
  { chance, estimate }: Point,
  chanceOf?: (item: number) => number,
): Float64Array {
  const { counts, paired } = prepared
  const scale = counts.items / paired
  const influence = new Float64Array(counts.items)
  for (let i = 0; i < counts.items; i++) {
    const own = counts.pairs[i]! > 0 ? (scale * (itemAgreement(prepared, i) - chance)) / (1 - chance) : 0
    influence[i] = chanceOf ? own - (2 * (1 - estimate) * (chanceOf(i) - chance)) / (1 - chance) : own
  }
  return influence
}

/** A coefficient without its interval. */
export interface Point {
  estimate: number
  chance: number
}

export const correctForChance = (prepared: Prepared, chance: number): Point => ({
  chance,
  estimate: (observedAgreement(prepared) - chance) / (1 - chance),
})
