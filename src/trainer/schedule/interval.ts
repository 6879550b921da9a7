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

/** Share of pairs ordered rightly (a tie counts half) with its interval, beside "the longer one wins". */
export function orderingOf(margins: readonly number[], lengthDifferences: readonly number[]): Record<string, number> {
  const rightOf = (values: readonly number[]) => values.reduce((sum, x) => sum + (x > 0 ? 1 : x === 0 ? 0.5 : 0), 0)
  const n = margins.length
  const { low, high } = wilson(rightOf(margins), n)
  return { pairs: n, accuracy: rightOf(margins) / n, low, high, longerWins: rightOf(lengthDifferences) / n }
}

/**
 * Calibration of margins read as log-odds that chosen is the better: the Brier score, and the expected calibration error
 * over ten bins of confidence (Guo et al. 2017, arXiv 1706.04599).
 */
export function calibrationOf(margins: readonly number[]): { brier: number; calibrationError: number } {
  const bins = Array.from({ length: 10 }, () => ({ n: 0, confidence: 0, right: 0 }))
  let brier = 0
  for (const margin of margins) {
    const p = 1 / (1 + Math.exp(-margin))
    brier += (1 - p) ** 2 / margins.length
    const confidence = Math.max(p, 1 - p)
    const bin = bins[Math.min(9, Math.floor((confidence - 0.5) * 20))]
    bin.n++
    bin.confidence += confidence
    bin.right += p > 0.5 ? 1 : p === 0.5 ? 0.5 : 0
  }
  const calibrationError = bins.reduce(
    (sum, { confidence, right }) => sum + Math.abs(confidence - right) / margins.length,
    0,
  )
  return { brier, calibrationError }
}
