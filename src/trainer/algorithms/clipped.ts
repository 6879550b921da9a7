/**
 * The clipped surrogate that PPO and GRPO share, with a penalty on the divergence from the reference.
 * Schulman et al. 2017, arXiv 1707.06347, equation 7. With ρ = π(token) / π_old(token) and advantage A:
 *
 *     L = -min(ρA, clip(ρ, 1 - ε, 1 + ε') A) + β KL        c = ρA where the first term is the smaller, else 0; - β KL'
 *
 * ε' > ε lets rare tokens grow further (Yu et al. 2025, DAPO, arXiv 2503.14476).
 *
 * Example: ρ = 1.5, A = 1, ε = 0.2: L = -1.2, c = 0 (clipped). ρ = 1.5, A = -1: L = 1.5, c = -1.5.
 */
import type { KlEstimator } from './kl.ts'
import { klOf, klSlopeOf } from './kl.ts'
import type { TokenLogps, TokenStep } from './step.ts'

export interface ClipSettings {
  epsilon?: number
  /** Upper bound of the ratio is 1 + epsilonHigh; default: epsilon. */
  epsilonHigh?: number
  /** Weight of the divergence from the reference. */
  beta?: number
  estimator?: KlEstimator
}

export interface ClippedStep extends TokenStep {
  /** Share of tokens whose ratio was clipped, and the mean divergence from the reference in nats a token. */
  clipped: number
  kl: number
}

export interface Rollouts {
  /** Log-probabilities now, when the tokens were drawn, and under the reference. */
  policy: TokenLogps
  old: TokenLogps
  reference?: TokenLogps
}

/** `advantageOf` and `weightOf` answer for token t of sequence i; weights say how tokens are averaged. */
export function clippedSurrogate(
  { policy, old, reference }: Rollouts,
  advantageOf: (i: number, t: number) => number,
  weightOf: (i: number) => number,
  { epsilon = 0.2, epsilonHigh = epsilon, beta = 0, estimator = 'k3' }: ClipSettings,
): ClippedStep {
  const step: ClippedStep = { loss: 0, coefficients: [], clipped: 0, kl: 0 }
  let tokens = 0
  for (let i = 0; i < policy.length; i++) {
    const coefficients = new Float64Array(policy[i].length)
    const weight = weightOf(i)
    for (let t = 0; t < coefficients.length; t++, tokens++) {
      const advantage = advantageOf(i, t)
      const ratio = Math.exp(policy[i][t] - old[i][t])
      const bounded = Math.min(Math.max(ratio, 1 - epsilon), 1 + epsilonHigh)
      const isClipped = bounded * advantage < ratio * advantage
      step.loss -= weight * (isClipped ? bounded : ratio) * advantage
      coefficients[t] = isClipped ? 0 : weight * ratio * advantage
      if (isClipped) step.clipped++
      if (!reference) continue
      const drift = policy[i][t] - reference[i][t]
      step.kl += klOf(drift, estimator)
      step.loss += weight * beta * klOf(drift, estimator)
      coefficients[t] -= weight * beta * klSlopeOf(drift, estimator)
    }
    step.coefficients.push(coefficients)
  }
  if (tokens) {
    step.clipped /= tokens
    step.kl /= tokens
  }
  return step
}
