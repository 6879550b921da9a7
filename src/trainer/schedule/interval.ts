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
 * Share of pairs ordered rightly (a margin of 0 counts half) with its interval, beside "the longer one wins". Of a pair
 * labelled below 0.5 the order is the other one; one labelled 0.5 has none, and `pairs` are those that have one. Without
 * any there is no share. Example: margins 1, 1, 1 labelled 0.9, 0.2, 0.5: one of two pairs is right.
 */
export function orderingOf(
  margins: readonly number[],
  lengthDifferences: readonly number[],
  labels: PairLabels = [],
): Record<string, number> {
  const signs = margins.map((_, i) => Math.sign((labels[i] ?? 1) - 0.5))
  const rightOf = (values: readonly number[]) =>
    values.reduce((sum, x, i) => sum + (signs[i] === 0 ? 0 : (1 + Math.sign(x * signs[i])) / 2), 0)
  const n = signs.filter((sign) => sign !== 0).length
  if (n === 0) return { pairs: 0 }
  const { low, high } = wilson(rightOf(margins), n)
  return { pairs: n, accuracy: rightOf(margins) / n, low, high, longerWins: rightOf(lengthDifferences) / n }
}

/**
 * Calibration of margins read as log-odds that chosen is the better, against labels s: the Brier score, the mean of
 * (p - s)², and the expected calibration error over ten bins of confidence, where a guess is right with probability s or
 * 1 - s (Guo et al. 2017, arXiv 1706.04599). Example: margin 0.847298, p = 0.7, s = 0.9: 0.04, and off by 0.2.
 */
export function calibrationOf(
  margins: readonly number[],
  labels: PairLabels = [],
): { brier: number; calibrationError: number } {
  const bins = Array.from({ length: 10 }, () => ({ n: 0, confidence: 0, right: 0 }))
  let brier = 0
  for (const [i, margin] of margins.entries()) {
    const label = labels[i] ?? 1
    const p = 1 / (1 + Math.exp(-margin))
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
