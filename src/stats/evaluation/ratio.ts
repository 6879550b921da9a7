/**
 * Ratio of two sums over the same prompts, with interval: of lengths, or of log-probabilities over tokens. Prompts are what is
 * drawn at random; with b = 1 throughout it is the mean of a, with Student's interval.
 *
 * R = sum a / sum b (Cochran 1977, "Sampling Techniques", 6.4): its residuals a - R b have mean 0, so that
 * se(R) = sqrt(sum (a - R b)^2 / (n (n - 1))) / mean(b), and the interval is R ± t se with n - 1 degrees of freedom.
 *
 * Worked example: a = 1 2 3, b = 2 2 2: R = 1, residuals -1 0 1, se = sqrt(2 / 6) / 2 = 0.289, t(2) = 4.303: -0.242 to 2.242.
 */
import { tQuantile } from '../distributions.ts'

export interface Ratio {
  estimate: number
  se: number
  low: number
  high: number
  /** Prompts. */
  n: number
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0)

export function ratioOfSums(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  confidence = 0.95,
): Ratio | { undefined: string } {
  const n = a.length
  if (n < 2) return { undefined: `${n === 1 ? '1 prompt' : `${n} prompts`}; an interval needs several` }
  const below = sum(b)
  if (!(below > 0)) return { undefined: 'what it is held against is empty everywhere' }
  const estimate = sum(a) / below
  const squares = sum(Array.from(a, (own, i) => (own - estimate * b[i]!) ** 2))
  const se = Math.sqrt(squares / (n * (n - 1))) / (below / n)
  const reach = tQuantile(0.5 + confidence / 2, n - 1) * se
  return { estimate, se, low: estimate - reach, high: estimate + reach, n }
}
