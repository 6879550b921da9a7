import { ordered } from '../algorithms/step.ts'

/**
 * 95% interval of a share: E. B. Wilson 1927, JASA 22. Example: 8 of 10: 0.490 to 0.943.
 */
export function wilson(successes: number, n: number): { low: number; high: number } {
  if (n === 0) return { low: 0, high: 1 }
  const z2 = 1.959963984540054 ** 2
  const p = successes / n
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n)
  const half = (Math.sqrt(z2) / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}

/** Of each pair the probability that chosen is the better; what is not there is certain. */
export type PairLabels = readonly (number | undefined)[]

/**
 * Share of pairs in order (`ordered`) with its interval, beside "the longer one wins". `pairs` are those that have an order;
 * without any there is no share.
 */
export function orderingOf(
  margins: ArrayLike<number>,
  lengthDifferences: readonly number[],
  labels: PairLabels = [],
): Record<string, number> {
  const { right, pairs } = ordered(margins, labels)
  if (pairs === 0) return { pairs }
  const longer = ordered(lengthDifferences, labels).right
  return { pairs, accuracy: right / pairs, ...wilson(right, pairs), longerWins: longer / pairs }
}

/**
 * Calibration of margins read as log-odds that chosen is the better, against labels s: the Brier score, the mean of
 * (p - s)², and the expected calibration error over ten bins of confidence, where a guess is right with probability s or
 * 1 - s (Guo et al. 2017, arXiv 1706.04599). Example: margin 0.847298, p = 0.7, s = 0.9: 0.04, and off by 0.2.
 */
export function calibrationOf(
  margins: ArrayLike<number>,
  labels: PairLabels = [],
): { brier: number; calibrationError: number } {
  const bins = Array.from({ length: 10 }, () => ({ n: 0, confidence: 0, right: 0 }))
  let brier = 0
  for (let i = 0; i < margins.length; i++) {
    const label = labels[i] ?? 1
    const p = 1 / (1 + Math.exp(-margins[i]))
    brier += (label - p) ** 2 / margins.length
    const confidence = Math.max(p, 1 - p)
    const bin = bins[Math.min(9, Math.floor((confidence - 0.5) * 20))]
    bin.n++
    bin.confidence += confidence
    bin.right += p > 0.5 ? label : p === 0.5 ? 0.5 : 1 - label
  }
  const calibrationError = bins.reduce(
    (sum, { confidence, right }) => sum + Math.abs(confidence - right) / margins.length,
    0,
  )
  return { brier, calibrationError }
}
