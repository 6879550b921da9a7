/** What several coefficients need of the same ratings, computed once: counts, distances within items, agreement of each item. */
import { type Distance, pairDistances } from './distances.ts'
import { countItems, type ItemCounts, type Ratings } from './ratings.ts'

export interface Prepared {
  ratings: Ratings
  counts: ItemCounts
  distance: Distance
  /** Sum of distances over the ordered pairs of ratings of each item. */
  within: Float64Array
  /** Items with at least two ratings. */
  paired: number
}

export function prepare(ratings: Ratings, distance: Distance, counts: ItemCounts = countItems(ratings)): Prepared {
  let paired = 0
  for (const n of counts.total) if (n >= 2) paired++
  return { ratings, counts, distance, within: pairDistances(distance, counts), paired }
}

/** Share of agreement of item i: 1 less the mean distance of its pairs. NaN with fewer than two ratings. */
export const itemAgreement = ({ within, counts }: Prepared, i: number): number =>
  1 - within[i]! / (counts.total[i]! * (counts.total[i]! - 1))

/** Mean agreement over the items with at least two ratings. */
export function observedAgreement(prepared: Prepared): number {
  let sum = 0
  for (let i = 0; i < prepared.counts.items; i++) if (prepared.counts.total[i]! >= 2) sum += itemAgreement(prepared, i)
  return sum / prepared.paired
}

/** Mean over the items of the share of each category among the item's ratings. */
export function categoryShares({ counts, ratings }: Prepared): Float64Array {
  const shares = new Float64Array(ratings.categories.length)
  for (let i = 0; i < counts.items; i++)
    for (let e = counts.start[i]!; e < counts.start[i + 1]!; e++)
      shares[counts.category[e]!]! += counts.count[e]! / counts.total[i]!
  for (let k = 0; k < shares.length; k++) shares[k]! /= counts.items
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
  chance: number,
  estimate: number,
  chanceOf?: (item: number) => number,
): Float64Array {
  const { counts, paired } = prepared
  const scale = counts.items / paired
  return Float64Array.from({ length: counts.items }, (_, i) => {
    const own = counts.total[i]! >= 2 ? (scale * (itemAgreement(prepared, i) - chance)) / (1 - chance) : 0
    return chanceOf ? own - (2 * (1 - estimate) * (chanceOf(i) - chance)) / (1 - chance) : own
  })
}
