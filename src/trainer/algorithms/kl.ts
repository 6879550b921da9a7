/**
 * Estimates of KL(π ‖ ref) from tokens drawn from π, and a controller that keeps it at a target.
 * Schulman 2020, "Approximating KL divergence"; controller: Ziegler et al. 2019, arXiv 1909.08593, section 2.2.
 * With d = log π(token) - log ref(token):
 *
 *     k1 = d              unbiased, noisy, may be negative          as a loss its gradient is 1: nothing on average
 *     k2 = d² / 2         biased, low variance                      d
 *     k3 = e^-d - 1 + d   unbiased, never negative                  1 - e^-d
 *
 * Example: π = 0.5, ref = 0.25: d = log 2 = 0.693147; k1 = 0.693147, k2 = 0.240227, k3 = 0.193147.
 */
import type { TokenLogps } from './step.ts'

export type KlEstimator = 'k1' | 'k2' | 'k3'

/** The estimate at one token; d = log π - log ref, nats. */
export function klOf(d: number, estimator: KlEstimator = 'k3'): number {
  if (estimator === 'k1') return d
  return estimator === 'k2' ? d ** 2 / 2 : Math.expm1(-d) + d
}

/** The derivative of the estimate by log π. */
export function klSlopeOf(d: number, estimator: KlEstimator = 'k3'): number {
  if (estimator === 'k1') return 1
  return estimator === 'k2' ? d : -Math.expm1(-d)
}

/** Mean over all tokens, nats a token; 0 where there are none. */
export function meanKl(policy: TokenLogps, reference: TokenLogps, estimator: KlEstimator = 'k3'): number {
  let total = 0
  let tokens = 0
  for (let i = 0; i < policy.length; i++)
    for (let t = 0; t < policy[i].length; t++, tokens++) total += klOf(policy[i][t] - reference[i][t], estimator)
  return tokens ? total / tokens : 0
}

/**
 * The next penalty: β (1 + gain e) with e = KL / target - 1 clipped to ±0.2.
 * Example: β = 0.1, KL twice the target, gain 0.1: 0.1 x (1 + 0.1 x 0.2) = 0.102.
 */
export function adaptBeta(beta: number, kl: number, target: number, gain = 0.1): number {
  return beta * (1 + gain * Math.max(-0.2, Math.min(0.2, kl / target - 1)))
}
