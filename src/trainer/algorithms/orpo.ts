/**
 * Odds-ratio preference optimisation: supervised learning and preference at once, without a reference.
 * Hong, Lee and Thorne 2024, arXiv 2403.07691. With x = the mean log-probability a token and log odds(x) = x - log(1 - e^x):
 *
 *     L(c, r) = -x_c - λ log σ(log odds(x_c) - log odds(x_r))        d log odds / dx = 1 / (1 - e^x)
 *
 * averaged over pairs. A pair of weight w whose `chosen` is the better with probability s (ours, as in `dpo.ts`: both directions
 * in their shares) has the loss w [ s L(c, r) + (1 - s) L(r, c) ].
 *
 * Example: one pair of one token each, p_c = 0.5, p_r = 0.25, λ = 1: odds ratio 3, L = log 2 - log 0.75 = 0.980829;
 * c_chosen = 1 + (1 - 0.75) / 0.5 = 1.5; c_rejected = -0.25 / 0.75 = -0.333333. With s = 0.5: L = (0.980829 + 2 log 4) / 2 = 1.876709.
 */
import type { TokenLogps } from './step.ts'
import { logSigmoid, mean, sigmoid } from './step.ts'

export interface OrpoStep {
  loss: number
  chosen: Float64Array
  rejected: Float64Array
  /** Of the log odds of a token: chosen less rejected. */
  differences: Float64Array
}

// A probability of one has infinite odds; the nearest float below it has not.
const largest = -1e-7
const logOdds = (x: number): number => x - Math.log(-Math.expm1(x))

/** `pairs[i]`: probability that chosen is the better (default 1) and weight (default 1) of pair i. */
export function oddsRatio(
  chosen: TokenLogps,
  rejected: TokenLogps,
  lambda = 0.1,
  pairs: readonly { label?: number; weight?: number }[] = [],
): OrpoStep {
  const count = chosen.length
  const perPair = () => new Float64Array(count)
  const step: OrpoStep = { loss: 0, chosen: perPair(), rejected: perPair(), differences: perPair() }
  for (let i = 0; i < count; i++) {
    const [good, bad] = [Math.min(mean(chosen[i]), largest), Math.min(mean(rejected[i]), largest)]
    const difference = logOdds(good) - logOdds(bad)
    const { label = 1, weight = 1 } = pairs[i] ?? {}
    const [forth, back] = [weight * label, weight * (1 - label)]
    const pull = (lambda / count) * (forth * sigmoid(-difference) - back * sigmoid(difference))
    step.loss -= forth * (mean(chosen[i]) / count + (lambda / count) * logSigmoid(difference))
    step.loss -= back * (mean(rejected[i]) / count + (lambda / count) * logSigmoid(-difference))
    step.chosen[i] = (forth / count + pull / -Math.expm1(good)) / (chosen[i].length || 1)
    step.rejected[i] = (back / count - pull / -Math.expm1(bad)) / (rejected[i].length || 1)
    step.differences[i] = difference
  }
  return step
}
