/**
 * Agreement of each pair of raters, for a heat map: who stands apart from whom. Percent agreement over the items that both
 * rated, and Cohen's kappa of the pair where they share enough of them. One low row is a rater apart, two blocks are two views.
 *
 * Worked example: A labels a, a, b and B a, b, b: agreement 2/3, kappa 2/5.
 */
import { type Distance, spread } from './distances.ts'
import type { Ratings } from './ratings.ts'

export interface PairAgreement {
  first: number
  second: number
  /** Items that both rated. */
  items: number
  agreement: number
  kappa: number | { undefined: string }
}

/** One entry for each pair that shares an item; time grows with the pairs of ratings of an item. */
export function pairwiseAgreement(ratings: Ratings, distance: Distance, minimum = 5): PairAgreement[] {
  const q = ratings.categories.length
  const byItem: number[][] = Array.from({ length: ratings.items }, () => [])
  for (let r = 0; r < ratings.item.length; r++) byItem[ratings.item[r]!]!.push(r)
  const apart = Array.from({ length: q }, (_, k) => {
    const one = new Float64Array(q)
    one[k] = 1
    return spread(distance, one)
  })
  const pairs = new Map<number, { items: number; distance: number; first: Float64Array; second: Float64Array }>()
  for (const own of byItem)
    for (const [at, r] of own.entries())
      for (const s of own.slice(at + 1)) {
        const [a, b] = ratings.rater[r]! < ratings.rater[s]! ? [r, s] : [s, r]
        const key = ratings.rater[a]! * ratings.raters + ratings.rater[b]!
        let pair = pairs.get(key)
        if (!pair) {
          pair = { items: 0, distance: 0, first: new Float64Array(q), second: new Float64Array(q) }
          pairs.set(key, pair)
        }
        pair.items++
        pair.distance += apart[ratings.category[a]!]![ratings.category[b]!]!
        pair.first[ratings.category[a]!]! += 1
        pair.second[ratings.category[b]!]! += 1
      }
  return [...pairs].map(([key, { items, distance: sum, first, second }]) => {
    const observed = sum / items
    const far = spread(distance, first)
    let expected = 0
    for (let k = 0; k < q; k++) expected += (second[k]! * far[k]!) / (items * items)
    return {
      first: Math.floor(key / ratings.raters),
      second: key % ratings.raters,
      items,
      agreement: 1 - observed,
      kappa:
        items < minimum
          ? { undefined: `${items} common items; at least ${minimum} are needed` }
          : expected > 0
            ? 1 - observed / expected
            : { undefined: 'both give every item the same label' },
    }
  })
}
