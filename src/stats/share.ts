/**
 * A share with its exact interval and test, and corrections for testing many at once.
 *
 * Clopper and Pearson (1934): the interval holds the shares that neither tail refuses. Two-sided p: twice the smaller tail,
 * at most 1, so that p < 0.05 where and only where the 95% interval leaves out the share of the null.
 * Wilson (1927): shorter interval, 95% on average rather than at least.
 * Benjamini and Hochberg (1995): adjusted p; calling those below q has at most a share q of false calls on average.
 *
 * Worked example: 60 of 100 against 1/2: p = 0.0569, 95% interval 0.4972 to 0.6967; Wilson 0.5020 to 0.6906.
 */
import { betaQuantile, binomialCdf, binomialUpper, normalQuantile } from './distributions.ts'

export interface ShareTest {
  share: number
  low: number
  high: number
  /** Two-sided, exact. */
  p: number
  n: number
}

/** @param hits of n trials, each with chance `expected` under the null */
export function testShare(hits: number, n: number, expected = 0.5, confidence = 0.95): ShareTest {
  const tail = (1 - confidence) / 2
  return {
    share: hits / n,
    low: hits === 0 ? 0 : betaQuantile(tail, hits, n - hits + 1),
    high: hits === n ? 1 : betaQuantile(1 - tail, hits + 1, n - hits),
    p: Math.min(1, 2 * Math.min(binomialCdf(hits, n, expected), binomialUpper(hits, n, expected))),
    n,
  }
}

/** Wilson's interval of a share; n may be fractional (an effective number of trials). */
export function wilson(share: number, n: number, confidence = 0.95): [number, number] {
  const z = normalQuantile(0.5 + confidence / 2)
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n)
  const reach = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n)
  // At a share of 0 or 1 the limit is the share itself, which rounding would miss.
  return [share <= 0 ? 0 : Math.max(0, middle - reach), share >= 1 ? 1 : Math.min(1, middle + reach)]
}

/** A share with Wilson's interval, in one. */
export function estimateShare(share: number, n: number): { value: number; low: number; high: number; n: number } {
  const [low, high] = wilson(share, n)
  return { value: share, low, high, n }
}

/** Adjusted p of each test, in the order given. */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const order = [...p.keys()].sort((a, b) => p[b]! - p[a]!)
  const adjusted = new Array<number>(p.length)
  let smallest = 1
  for (const [down, i] of order.entries()) {
    smallest = Math.min(smallest, (p[i]! * p.length) / (p.length - down))
    adjusted[i] = smallest
  }
  return adjusted
}
