/** What every bootstrap and permutation here shares: draws, quantiles, and running in steps that can be shown or stopped. */
import type { Random } from './random.ts'

/** How often each of n things is drawn in n draws with replacement. */
export function drawTimes(n: number, random: Random): Float64Array {
  const times = new Float64Array(n)
  for (let draw = 0; draw < n; draw++) times[random.integer(n)]! += 1
  return times
}

/** Quantile of sorted values, linear between order statistics (Hyndman and Fan 1996, type 7). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const value = sorted[below]!
  return below + 1 < sorted.length ? value + (at - below) * (sorted[below + 1]! - value) : value
}

/** Percentile interval and standard error of resampled values. */
export function summarise(values: readonly number[], confidence: number): { se: number; low: number; high: number } {
  const sorted = Float64Array.from(values).sort()
  let mean = 0
  for (const value of sorted) mean += value / sorted.length
  let squares = 0
  for (const value of sorted) squares += (value - mean) ** 2
  return {
    se: Math.sqrt(squares / (sorted.length - 1)),
    low: quantile(sorted, (1 - confidence) / 2),
    high: quantile(sorted, (1 + confidence) / 2),
  }
}

/**
 * p of a permutation test: the share of permuted statistics at least as large as the one seen, that one included, so that it
 * is never 0 and never too small (Phipson and Smyth 2010, doi 10.2202/1544-6115.1585).
 */
export function permutationP(seen: number, permuted: readonly number[]): number {
  let atLeast = 1
  for (const value of permuted) if (value >= seen - 1e-12 * Math.abs(seen)) atLeast++
  return atLeast / (permuted.length + 1)
}

/** Runs a computation in steps to its end; `progress` sees the share that is done. Stopping is not calling it further. */
export function finish<R>(steps: Generator<number, R>, progress?: (share: number) => void): R {
  for (;;) {
    const { value, done } = steps.next()
    if (done) return value
    progress?.(value)
  }
}
