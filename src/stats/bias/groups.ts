/**
 * Do groups of raters differ? In-group reliability (does the group agree with itself), cross-group reliability (does it agree
 * with the others), and their quotient, the group association index: above 1 the group has a view of its own
 * (Prabhakaran et al. 2023, arXiv 2311.05074; cross-replication reliability: Wong, Paritosh and Aroyo 2021, arXiv 2106.07393).
 *
 * in-group: 1 - Do(g, g) / De(g, g); cross-group: 1 - Do(g, others) / De(g, others); Do the mean distance of a rating of g and
 * another rating of the same item (by the item's share of g's ratings), De that of ratings of any items.
 * p: raters are given to the groups at random, all ratings of a rater together, since they hang together; two-sided about the
 * mean of the permutations; Benjamini and Hochberg over all tests. A group with too few raters or items is not scored.
 *
 * Worked example: `docs/statistics/bias-groups.md`.
 */
import type { Random } from '../random.ts'
import { createRandom, shuffle } from '../random.ts'
import { permutationP } from '../resampling.ts'
import { benjaminiHochberg } from '../share.ts'

export interface GroupedRatings {
  items: number
  raters: number
  categories: number
  item: Int32Array
  rater: Int32Array
  category: Int32Array
  /** Number of each rater's group, from 0; -1 for a rater of none, who is left out. */
  group: Int32Array
  groups: number
}

export interface GroupOptions {
  seed: number
  permutations?: number
  minimumRaters?: number
  /** Items on which the group has two ratings or more, and on which others have one. */
  minimumItems?: number
  /** Distance of two categories; 0 or 1 where not given. */
  distance?: (k: number, l: number) => number
}

export interface GroupTest {
  value: number
  /** Mean of the permutations: the value of a group drawn at random. */
  expected: number
  p: number
  adjusted: number
}

export interface GroupCohesion {
  inGroup: GroupTest
  crossGroup: GroupTest
  /** In-group over cross-group; absent where cross-group reliability is not above 0. */
  association?: GroupTest
  raters: number
  items: number
}

/** Yields the share that is done; returns one entry a group. */
export function* groupCohesion(
  ratings: GroupedRatings,
  options: GroupOptions,
): Generator<number, (GroupCohesion | { undefined: string })[]> {
  const { seed, permutations = 1000, minimumRaters = 5, minimumItems = 20 } = options
  const distance = options.distance ?? ((k, l) => (k === l ? 0 : 1))
  const matrix = Float64Array.from({ length: ratings.categories ** 2 }, (_, at) =>
    distance(Math.floor(at / ratings.categories), at % ratings.categories),
  )
  const kept = ratings.group.map((own, rater) => (own >= 0 ? rater : -1)).filter((rater) => rater >= 0)
  const sizes = new Float64Array(ratings.groups)
  for (const rater of kept) sizes[ratings.group[rater]!]! += 1
  const byItem = sortByItem(ratings)
  const seen = measure(ratings, byItem, matrix, ratings.group)
  const verdict = seen.map((own, g) => {
    if (sizes[g]! < minimumRaters) return `${sizes[g]} raters; at least ${minimumRaters} are needed`
    if (own.inItems < minimumItems)
      return `${own.inItems} items with two ratings of the group; at least ${minimumItems} are needed`
    if (own.crossItems < minimumItems)
      return `${own.crossItems} items that others rated too; at least ${minimumItems} are needed`
    return Number.isFinite(own.inGroup) && Number.isFinite(own.crossGroup)
      ? undefined
      : 'every rating is the same category'
  })

  const random = createRandom(seed)
  const drawn = seen.map(() => ({ inGroup: [] as number[], crossGroup: [] as number[], association: [] as number[] }))
  const every = Math.max(1, Math.floor(permutations / 100))
  for (let b = 0; b < permutations && verdict.some((why) => why === undefined); b++) {
    for (const [g, own] of measure(ratings, byItem, matrix, permuted(ratings.group, kept, random)).entries())
      for (const name of ['inGroup', 'crossGroup', 'association'] as const)
        if (Number.isFinite(own[name])) drawn[g]![name].push(own[name])
    if ((b + 1) % every === 0) yield (b + 1) / permutations
  }

  const tests: GroupTest[] = []
  const test = (value: number, values: readonly number[]): GroupTest => {
    const expected = values.reduce((sum, own) => sum + own, 0) / Math.max(1, values.length)
    const far = values.map((own) => Math.abs(own - expected))
    const made = { value, expected, p: permutationP(Math.abs(value - expected), far), adjusted: 1 }
    tests.push(made)
    return made
  }
  const results = seen.map((own, g) => {
    const why = verdict[g]
    if (why !== undefined) return { undefined: why }
    return {
      inGroup: test(own.inGroup, drawn[g]!.inGroup),
      crossGroup: test(own.crossGroup, drawn[g]!.crossGroup),
      ...(Number.isFinite(own.association) ? { association: test(own.association, drawn[g]!.association) } : {}),
      raters: sizes[g]!,
      items: Math.min(own.inItems, own.crossItems),
    }
  })
  const adjusted = benjaminiHochberg(tests.map(({ p }) => p))
  for (const [at, made] of tests.entries()) made.adjusted = adjusted[at]!
  return results
}

function permuted(group: Int32Array, kept: Int32Array, random: Random): Int32Array {
  const labels = shuffle(
    kept.map((rater) => group[rater]!),
    random,
  )
  const out = group.slice()
  for (const [at, rater] of kept.entries()) out[rater] = labels[at]!
  return out
}

/** Ratings of raters with a group, items together. */
function sortByItem({ items, item, rater, group }: GroupedRatings) {
  const start = new Int32Array(items + 1)
  for (let r = 0; r < item.length; r++) if (group[rater[r]!]! >= 0) start[item[r]! + 1]! += 1
  for (let i = 0; i < items; i++) start[i + 1]! += start[i]!
  const order = new Int32Array(start[items]!)
  const at = start.slice()
  for (let r = 0; r < item.length; r++) if (group[rater[r]!]! >= 0) order[at[item[r]!]!++] = r
  return { start, order }
}

/** All groups at once, in time linear in the ratings (times groups and squared categories an item). */
function measure(
  { items, groups, categories: q, rater, category }: GroupedRatings,
  { start, order }: { start: Int32Array; order: Int32Array },
  matrix: Float64Array,
  group: Int32Array,
) {
  const total = new Float64Array(groups * q)
  const counts = new Float64Array(groups * q)
  const all = new Float64Array(q)
  const everyone = new Float64Array(q)
  const size = new Float64Array(groups)
  const sums = Array.from({ length: groups }, () => ({
    inside: 0,
    inWeight: 0,
    inItems: 0,
    cross: 0,
    crossWeight: 0,
    crossItems: 0,
  }))
  for (let i = 0; i < items; i++) {
    const here = start[i + 1]! - start[i]!
    if (here < 2) continue
    counts.fill(0)
    all.fill(0)
    size.fill(0)
    for (let s = start[i]!; s < start[i + 1]!; s++) {
      const g = group[rater[order[s]!]!]!
      const k = category[order[s]!]!
      counts[g * q + k]! += 1
      total[g * q + k]! += 1
      all[k]! += 1
      everyone[k]! += 1
      size[g]! += 1
    }
    for (let g = 0; g < groups; g++) {
      const n = size[g]!
      if (n === 0) continue
      const others = here - n
      let inside = 0
      let toAll = 0
      for (let k = 0; k < q; k++) {
        const own = counts[g * q + k]!
        if (own === 0) continue
        for (let l = 0; l < q; l++) {
          const d = own * matrix[k * q + l]!
          inside += d * counts[g * q + l]!
          toAll += d * all[l]!
        }
      }
      const sum = sums[g]!
      if (n >= 2) {
        sum.inside += inside / (n - 1)
        sum.inWeight += n
        sum.inItems++
      }
      if (others >= 1) {
        sum.cross += (toAll - inside) / others
        sum.crossWeight += n
        sum.crossItems++
      }
    }
  }
  return sums.map((sum, g) => {
    const own = total.subarray(g * q, g * q + q)
    const rest = everyone.map((count, k) => count - own[k]!)
    const inGroup = 1 - sum.inside / sum.inWeight / meanDistance(own, own, matrix)
    const crossGroup = 1 - sum.cross / sum.crossWeight / meanDistance(own, rest, matrix)
    return {
      inGroup,
      crossGroup,
      association: crossGroup > 0 ? inGroup / crossGroup : Number.NaN,
      inItems: sum.inItems,
      crossItems: sum.crossItems,
    }
  })
}

function meanDistance(a: Float64Array, b: Float64Array, matrix: Float64Array): number {
  const q = a.length
  let [sum, na, nb] = [0, 0, 0]
  for (let k = 0; k < q; k++) {
    na += a[k]!
    nb += b[k]!
    for (let l = 0; l < q; l++) sum += a[k]! * b[l]! * matrix[k * q + l]!
  }
  return sum / (na * nb)
}
