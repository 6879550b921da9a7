/**
 * Length-controlled win rate (Dubois, Galambosi, Liang and Hashimoto 2024, arXiv 2404.04475): what the win rate would be if both
 * responses were equally long. Wins are a logistic regression on the difference of lengths, squashed as there,
 * ln odds = theta + phi tanh(difference / sd); the controlled win rate is the one at difference 0, sigmoid(theta). Ties count half.
 * Interval on the log-odds scale from the sandwich over prompts. It removes what length does on average, not what makes good
 * answers long: report it beside the plain win rate, never instead.
 *
 * Worked example: 100 wins of 140 when twice as long, 20 of 60 when half as long: plain 0.60; ln odds 0.916 and -0.693, so that
 * theta lies between them by the squashed differences: sigmoid((0.916 - 0.693) / 2) = 0.528 for differences +1 and -1.
 */
import { normalQuantile } from '../distributions.ts'
import { fitLogistic } from '../logistic.ts'
import { sigmoid } from '../sigmoid.ts'

export interface LengthControlled {
  estimate: number
  low: number
  high: number
  /** Log odds that a response gains per squashed unit of length. */
  lengthEffect: number
  lengthEffectSe: number
  n: number
}

/**
 * @param score 1 won, 0.5 tied, 0 lost
 * @param difference length of the model's response less that of the other one, in any unit
 * @param cluster number of the prompt, from 0, where prompts repeat
 */
export function lengthControlledWinRate(
  score: ArrayLike<number>,
  difference: Float64Array,
  cluster?: Int32Array,
  confidence = 0.95,
): LengthControlled | { undefined: string } {
  const n = score.length
  if (n < 10) return { undefined: `${n} comparisons; at least 10 are needed` }
  let squares = 0
  let mean = 0
  for (const value of difference) mean += value / n
  for (const value of difference) squares += (value - mean) ** 2 / (n - 1)
  if (!(squares > 0))
    return { undefined: 'the lengths differ by the same amount everywhere; there is no effect of length to remove' }
  // Equal length would be guessed at from afar, and an estimate of 0% there would be read as one.
  if (difference.every((value) => value > 0) || difference.every((value) => value < 0))
    return { undefined: 'one side is always the longer one: equal length lies outside of what was compared' }
  const sd = Math.sqrt(squares)
  const squashed = difference.map((value) => Math.tanh(value / sd))
  const each = cluster ?? Int32Array.from({ length: n }, (_, i) => i)
  const fit = fitLogistic({ columns: [new Float64Array(n).fill(1), squashed], y: score, cluster: each })
  if ('undefined' in fit) return { undefined: 'length and winning cannot be told apart in these comparisons' }
  const [theta, effect] = fit.coefficients as [number, number]
  const reach = normalQuantile(0.5 + confidence / 2) * fit.se[0]!
  const [low, high] = [sigmoid(theta - reach), sigmoid(theta + reach)]
  if (high - low > 0.99) return { undefined: 'too few of these comparisons are near equal length' }
  return {
    estimate: sigmoid(theta),
    low,
    high,
    lengthEffect: effect,
    lengthEffectSe: fit.se[1]!,
    n,
  }
}
