/**
 * Agreement of rankings. Kendall's W for several raters who ranked the same items (Kendall and Babington Smith 1939, with ties);
 * tau-b for two (Kendall 1945), by Knight's merge sort (1966) in n log n.
 *
 * W = 12 S / (m^2 (n^3 - n) - m T), S the spread of the rank sums, T = sum (t^3 - t) over ties; m (n - 1) W is about
 * chi-square with n - 1 degrees of freedom.
 * tau-b = (C - D) / sqrt((N - Tx)(N - Ty)), N = n (n - 1) / 2; p from its normal null variance with ties; interval by Fisher's z
 * with variance 0.437 / (n - 4) (Fieller, Hartley and Pearson 1957).
 *
 * Worked example: x = 1 2 3 4 5, y = 1 3 2 4 5: 9 pairs agree, 1 does not: tau = 0.8. Three raters with ranks 1 2 3, 1 2 3,
 * 2 1 3: rank sums 4 5 9, S = 14, W = 12 * 14 / (9 * 24) = 0.778.
 */
import { chiSquareUpper, normalCdf, normalQuantile } from '../distributions.ts'
import type { Undefined } from './estimate.ts'

/** Ranks from 1, tied values sharing their mean rank. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const ranks = new Float64Array(values.length)
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++
    for (let at = from; at < to; at++) ranks[order[at]!] = (from + to + 1) / 2
    from = to
  }
  return ranks
}

/** Sizes of the groups of equal values, groups of one left out. */
function tiesOf(values: ArrayLike<number>): number[] {
  const count = new Map<number, number>()
  for (let i = 0; i < values.length; i++) count.set(values[i]!, (count.get(values[i]!) ?? 0) + 1)
  return [...count.values()].filter((size) => size > 1)
}

const sumOf = (values: readonly number[], of: (value: number) => number) =>
  values.reduce((sum, value) => sum + of(value), 0)

export interface Concordance {
  w: number
  chiSquare: number
  p: number
  /** Mean of Spearman's correlations of all pairs of raters, (m W - 1) / (m - 1). */
  meanCorrelation: number
  items: number
  raters: number
}

/** @param rows one row an item, one cell a rater: its score or rank (any scale); items that some rater left out (NaN) are dropped */
export function kendallW(rows: readonly ArrayLike<number>[]): Concordance | Undefined {
  const complete = rows.map((row) => Array.from(row)).filter((row) => row.every((value) => !Number.isNaN(value)))
  const n = complete.length
  const m = complete[0]?.length ?? 0
  if (n < 2) return { undefined: `${n} items were ranked by every rater; at least two are needed` }
  if (m < 2) return { undefined: 'there is only one rater' }
  const sums = new Float64Array(n)
  let ties = 0
  for (let g = 0; g < m; g++) {
    const scores = complete.map((row) => row[g]!)
    const ranks = ranksOf(scores)
    for (let i = 0; i < n; i++) sums[i]! += ranks[i]!
    ties += sumOf(tiesOf(scores), (t) => t ** 3 - t)
  }
  const mean = (m * (n + 1)) / 2
  let spread = 0
  for (const sum of sums) spread += (sum - mean) ** 2
  const most = m * m * (n ** 3 - n) - m * ties
  if (most <= 0) return { undefined: 'every rater puts all items level' }
  const w = (12 * spread) / most
  const chiSquare = m * (n - 1) * w
  return {
    w,
    chiSquare,
    p: chiSquareUpper(chiSquare, n - 1),
    meanCorrelation: (m * w - 1) / (m - 1),
    items: n,
    raters: m,
  }
}

export interface RankCorrelation {
  tau: number
  low: number
  high: number
  /** Two-sided p of no association. */
  p: number
  n: number
}

export function kendallTau(x: ArrayLike<number>, y: ArrayLike<number>, confidence = 0.95): RankCorrelation | Undefined {
  const n = x.length
  if (n < 2) return { undefined: 'two items or more are needed' }
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => x[a]! - x[b]! || y[a]! - y[b]!)
  const tiesX = tiesOf(x)
  const tiesY = tiesOf(y)
  let both = 0
  for (let from = 0; from < n; ) {
    let to = from + 1
    while (to < n && x[order[to]!] === x[order[from]!] && y[order[to]!] === y[order[from]!]) to++
    both += ((to - from) * (to - from - 1)) / 2
    from = to
  }
  const pairs = (n * (n - 1)) / 2
  const pairsOf = (ties: readonly number[]) => sumOf(ties, (t) => (t * (t - 1)) / 2)
  const levelX = pairsOf(tiesX)
  const levelY = pairsOf(tiesY)
  if (levelX === pairs || levelY === pairs) return { undefined: 'one of the two rankings puts all items level' }
  const swaps = inversions(Float64Array.from(order, (i) => y[i]!))
  const difference = pairs - levelX - levelY + both - 2 * swaps
  const tau = difference / Math.sqrt((pairs - levelX) * (pairs - levelY))

  const cubic = (ties: readonly number[]) => sumOf(ties, (t) => t * (t - 1) * (2 * t + 5))
  const triple = (ties: readonly number[]) => sumOf(ties, (t) => t * (t - 1) * (t - 2))
  const variance =
    (n * (n - 1) * (2 * n + 5) - cubic(tiesX) - cubic(tiesY)) / 18 +
    (2 * levelX * levelY) / (n * (n - 1)) +
    (n > 2 ? (triple(tiesX) * triple(tiesY)) / (9 * n * (n - 1) * (n - 2)) : 0)
  // Half a pair short of full agreement, where Fisher's z would be infinite and the interval a point.
  const most = 1 - 1 / (n * (n - 1))
  const z = Math.atanh(Math.max(-most, Math.min(most, tau)))
  const reach = n > 4 ? normalQuantile(0.5 + confidence / 2) * Math.sqrt(0.437 / (n - 4)) : Number.POSITIVE_INFINITY
  return {
    tau,
    low: Math.min(tau, Math.tanh(z - reach)),
    high: Math.max(tau, Math.tanh(z + reach)),
    p: 2 * normalCdf(-Math.abs(difference) / Math.sqrt(variance)),
    n,
  }
}

/** Pairs that stand in falling order, by merge sort. */
function inversions(values: Float64Array): number {
  let count = 0
  let from = values.slice()
  let into = new Float64Array(values.length)
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length)
      const end = Math.min(start + 2 * width, values.length)
      let left = start
      let right = middle
      for (let at = start; at < end; at++) {
        if (right >= end || (left < middle && from[left]! <= from[right]!)) into[at] = from[left++]!
        else {
          into[at] = from[right++]!
          count += middle - left
        }
      }
    }
    ;[from, into] = [into, from]
  }
  return count
}
