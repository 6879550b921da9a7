/**
 * Intraclass correlations of numeric ratings (Shrout and Fleiss 1979, doi 10.1037/0033-2909.86.2.420; intervals also McGraw and
 * Wong 1996). One-way (1): each item has its own raters. Two-way random (2): the raters stand for others, their level counts as
 * disagreement. Two-way mixed (3): these raters alone, level ignored. Single: one rating; average: the mean of k.
 *
 * BMS, WMS, JMS, EMS: mean squares between items, within items, between raters, rest.
 * ICC(1,1) = (BMS - WMS) / (BMS + (k - 1) WMS); ICC(2,1) = (BMS - EMS) / (BMS + (k - 1) EMS + k (JMS - EMS) / n);
 * ICC(3,1) = (BMS - EMS) / (BMS + (k - 1) EMS); averages by Spearman and Brown, k r / (1 + (k - 1) r).
 *
 * Worked example, their Table 2 (6 items, 4 raters): .17 .29 .71 single, .44 .62 .91 average.
 */
import { betaQuantile } from '../distributions.ts'
import type { Undefined } from './estimate.ts'

export interface Interval {
  estimate: number
  low: number
  high: number
}

export interface OneWayCorrelation {
  /** ICC(1,1), and ICC(1,k) for the mean of k ratings. */
  single: Interval
  average: Interval
  /** Items with two ratings or more, and ratings an item (their mean, weighted so that unequal numbers are allowed). */
  items: number
  k: number
}

export interface TwoWayCorrelations {
  /** ICC(2,1), ICC(3,1) and for the mean of all raters ICC(2,k), ICC(3,k). */
  random: Interval
  mixed: Interval
  randomAverage: Interval
  mixedAverage: Interval
  /** Items that all raters rated; the others are left out. */
  items: number
  raters: number
}

const same: Undefined = { undefined: 'every rating is the same number' }
const levelsAlone: Undefined = {
  undefined: 'ratings differ by rater alone: where no item is unlike another, nothing tells agreement from its absence',
}

/**
 * One-way: any numbers of ratings an item, by raters who may change from item to item; with unequal numbers the interval is
 * approximate (k is then the mean of Donner 1986).
 * @param rows one row an item, one cell a rater; NaN where there is no rating
 */
export function oneWayCorrelation(
  rows: readonly ArrayLike<number>[],
  confidence = 0.95,
): OneWayCorrelation | Undefined {
  const items = rows
    .map((row) => Array.from(row).filter((value) => !Number.isNaN(value)))
    .filter((own) => own.length >= 2)
  const n = items.length
  if (n < 2) return { undefined: `${n} items have two ratings; at least two such items are needed` }
  let [total, squaredSizes, sum] = [0, 0, 0]
  for (const own of items) {
    total += own.length
    squaredSizes += own.length ** 2
    for (const value of own) sum += value
  }
  const level = sum / total
  let [between, within] = [0, 0]
  for (const own of items) {
    const mean = own.reduce((a, b) => a + b, 0) / own.length
    between += own.length * (mean - level) ** 2
    for (const value of own) within += (value - mean) ** 2
  }
  if (between + within < 1e-24 * (1 + level ** 2)) return same
  const k = (total - squaredSizes / total) / (n - 1)
  const bms = between / (n - 1)
  const wms = within / (total - n)
  const f = bms / wms
  const [low, high] = [fOf(confidence, n - 1, total - n), fOf(confidence, total - n, n - 1)]
  const single = exact({
    estimate: (bms - wms) / (bms + (k - 1) * wms),
    low: (f / low - 1) / (f / low + k - 1),
    high: (f * high - 1) / (f * high + k - 1),
  })
  return { single, average: average(single, k), items: n, k }
}

/** Two-way: the same raters on every item. */
export function twoWayCorrelations(
  rows: readonly ArrayLike<number>[],
  confidence = 0.95,
): TwoWayCorrelations | Undefined {
  const complete = rows.map((row) => Array.from(row)).filter((row) => row.every((value) => !Number.isNaN(value)))
  const n = complete.length
  const k = rows[0]?.length ?? 0
  if (n < 2) return { undefined: `${n} items were rated by every rater; at least two are needed` }
  if (k < 2) return { undefined: 'there is only one rater' }
  const { level, between, raters, rest } = meanSquares(complete, n, k)
  const rounding = 1e-24 * (1 + level ** 2)
  if (between + raters + rest < rounding) return same
  if (between + rest < rounding) return levelsAlone
  const f = between / rest
  const [low, high] = [fOf(confidence, n - 1, (n - 1) * (k - 1)), fOf(confidence, (n - 1) * (k - 1), n - 1)]
  const mixed = exact({
    estimate: (between - rest) / (between + (k - 1) * rest),
    low: (f / low - 1) / (f / low + k - 1),
    high: (f * high - 1) / (f * high + k - 1),
  })
  const r = (between - rest) / (between + (k - 1) * rest + (k * (raters - rest)) / n)
  // Satterthwaite's degrees of freedom of the level and rest together.
  const fj = raters / rest
  const part = n * (1 + (k - 1) * r) - k * r
  const v = ((k - 1) * (n - 1) * (k * r * fj + part) ** 2) / ((n - 1) * k * k * r * r * fj * fj + part * part)
  const [lowF, highF] = [fOf(confidence, n - 1, v), fOf(confidence, v, n - 1)]
  const noise = k * raters + (k * n - k - n) * rest
  const random = exact({
    estimate: r,
    low: (n * (between - lowF * rest)) / (lowF * noise + n * between),
    high: (n * (highF * between - rest)) / (noise + n * highF * between),
  })
  return { random, mixed, randomAverage: average(random, k), mixedAverage: average(mixed, k), items: n, raters: k }
}

/** Without any rest the limits are ratios of zeros: the correlation is 1, or what the level leaves, and has no spread. */
const exact = ({ estimate, low, high }: Interval): Interval => ({
  estimate,
  low: Number.isFinite(low) ? low : estimate,
  high: Number.isFinite(high) ? high : estimate,
})

/** Reliability of the mean of k ratings from that of one; without bound below where one is at -1 / (k - 1). */
export const spearmanBrown = (single: number, k: number): number => (k * single) / (1 + (k - 1) * single)

const average = ({ estimate, low, high }: Interval, k: number): Interval => ({
  estimate: spearmanBrown(estimate, k),
  low: spearmanBrown(low, k),
  high: spearmanBrown(high, k),
})

function meanSquares(rows: number[][], n: number, k: number) {
  const itemMean = rows.map((row) => row.reduce((sum, value) => sum + value, 0) / k)
  const level = itemMean.reduce((sum, value) => sum + value, 0) / n
  const raterMean = rows[0]!.map((_, g) => rows.reduce((sum, row) => sum + row[g]!, 0) / n)
  let between = 0
  let raters = 0
  let rest = 0
  for (const mean of itemMean) between += k * (mean - level) ** 2
  for (const mean of raterMean) raters += n * (mean - level) ** 2
  // Not as a difference of sums of squares: its rounding would stand in for a rest that is not there.
  for (const [i, row] of rows.entries())
    for (const [g, value] of row.entries()) rest += (value - itemMean[i]! - raterMean[g]! + level) ** 2
  return { level, between: between / (n - 1), raters: raters / (k - 1), rest: rest / ((n - 1) * (k - 1)) }
}

/** The upper limit of Fisher's F at this coverage, by the beta distribution. */
function fOf(confidence: number, df1: number, df2: number): number {
  const x = betaQuantile((1 - confidence) / 2, df2 / 2, df1 / 2)
  return ((1 - x) / x) * (df2 / df1)
}
