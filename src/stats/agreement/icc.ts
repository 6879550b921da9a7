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

export interface IntraclassCorrelations {
  /** ICC(1,1), ICC(2,1), ICC(3,1). */
  oneWay: Interval
  twoWayRandom: Interval
  twoWayMixed: Interval
  /** ICC(1,k), ICC(2,k), ICC(3,k). */
  oneWayAverage: Interval
  twoWayRandomAverage: Interval
  twoWayMixedAverage: Interval
  /** Items that all raters rated; the others are left out. */
  items: number
  raters: number
}

/** @param rows one row an item, one cell a rater; NaN where there is no rating */
export function intraclassCorrelations(
  rows: readonly ArrayLike<number>[],
  confidence = 0.95,
): IntraclassCorrelations | Undefined {
  const complete = rows.map((row) => Array.from(row)).filter((row) => row.every((value) => !Number.isNaN(value)))
  const n = complete.length
  const k = complete[0]?.length ?? 0
  if (n < 2) return { undefined: `${n} items were rated by every rater; at least two are needed` }
  if (k < 2) return { undefined: 'there is only one rater' }
  const squares = meanSquares(complete, n, k)
  if (squares.total < 1e-24 * (1 + squares.level ** 2)) return { undefined: 'every rating is the same number' }
  const { between, within, raters, rest } = squares

  const tail = (1 - confidence) / 2
  const f = (df1: number, df2: number) => fQuantile(1 - tail, df1, df2)
  const single = (ratio: number) => (ratio - 1) / (ratio + k - 1)

  const f1 = between / within
  const oneWay = {
    estimate: (between - within) / (between + (k - 1) * within),
    low: single(f1 / f(n - 1, n * (k - 1))),
    high: single(f1 * f(n * (k - 1), n - 1)),
  }
  const f3 = between / rest
  const twoWayMixed = {
    estimate: (between - rest) / (between + (k - 1) * rest),
    low: single(f3 / f(n - 1, (n - 1) * (k - 1))),
    high: single(f3 * f((n - 1) * (k - 1), n - 1)),
  }
  const r = (between - rest) / (between + (k - 1) * rest + (k * (raters - rest)) / n)
  // Satterthwaite's degrees of freedom of the level and rest together.
  const fj = raters / rest
  const part = n * (1 + (k - 1) * r) - k * r
  const v = ((k - 1) * (n - 1) * (k * r * fj + part) ** 2) / ((n - 1) * k * k * r * r * fj * fj + part * part)
  const lowF = f(n - 1, v)
  const highF = f(v, n - 1)
  const noise = k * raters + (k * n - k - n) * rest
  const twoWayRandom = {
    estimate: r,
    low: (n * (between - lowF * rest)) / (lowF * noise + n * between),
    high: (n * (highF * between - rest)) / (noise + n * highF * between),
  }
  const all = { oneWay: exact(oneWay), twoWayRandom: exact(twoWayRandom), twoWayMixed: exact(twoWayMixed) }
  return {
    ...all,
    oneWayAverage: average(all.oneWay, k),
    twoWayRandomAverage: average(all.twoWayRandom, k),
    twoWayMixedAverage: average(all.twoWayMixed, k),
    items: n,
    raters: k,
  }
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
  let total = 0
  for (const mean of itemMean) between += k * (mean - level) ** 2
  for (const mean of raterMean) raters += n * (mean - level) ** 2
  for (const row of rows) for (const value of row) total += (value - level) ** 2
  return {
    level,
    total,
    between: between / (n - 1),
    within: Math.max(0, total - between) / (n * (k - 1)),
    raters: raters / (k - 1),
    rest: Math.max(0, total - between - raters) / ((n - 1) * (k - 1)),
  }
}

/** Quantile of Fisher's F by the beta distribution. */
function fQuantile(p: number, df1: number, df2: number): number {
  const x = betaQuantile(1 - p, df2 / 2, df1 / 2)
  return ((1 - x) / x) * (df2 / df1)
}
