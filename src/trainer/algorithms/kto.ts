/**
 * Kahneman-Tversky optimisation: from single responses, each marked desirable or not. Ethayarajh et al. 2024,
 * arXiv 2402.01306. With r = log π(y|x) - log ref(y|x) and the reference point z = max(0, mean of log π(y'|x) - log ref(y'|x)),
 * y' being the response to another prompt of the batch (no gradient flows through z):
 *
 *     desirable     L = λ_D (1 - σ(β(r - z)))        c =  λ_D β σ(1 - σ)
 *     undesirable   L = λ_U (1 - σ(β(z - r)))        c = -λ_U β σ(1 - σ)
 *
 * averaged over the batch, each response in its weight.
 *
 * Example: β = 0.1, r = 1, z = 0, one desirable response, λ_D = 1: L = 1 - σ(0.1) = 0.475021; c = 0.1 x 0.249376 = 0.0249376.
 */
import type { SequenceStep, TokenLogps } from './step.ts'
import { mean, sigmoid, sum } from './step.ts'

export interface KtoSettings {
  beta?: number
  desirableWeight?: number
  undesirableWeight?: number
}

/** z, nats a response, from the same prompts' mismatched responses under policy and reference. */
export const referencePoint = (policy: TokenLogps, reference: TokenLogps): number =>
  Math.max(0, mean(policy.map((logps, i) => sum(logps) - sum(reference[i]))))

export function kahnemanTversky(
  policy: TokenLogps,
  reference: TokenLogps,
  desirable: readonly boolean[],
  z: number,
  { beta = 0.1, desirableWeight = 1, undesirableWeight = 1 }: KtoSettings = {},
  weights: ArrayLike<number> = [],
): SequenceStep {
  const count = policy.length
  const coefficients = new Float64Array(count)
  let loss = 0
  for (let i = 0; i < count; i++) {
    const sign = desirable[i] ? 1 : -1
    const share = ((weights[i] ?? 1) * (desirable[i] ? desirableWeight : undesirableWeight)) / count
    const value = sigmoid(sign * beta * (sum(policy[i]) - sum(reference[i]) - z))
    loss += share * (1 - value)
    coefficients[i] = sign * share * beta * value * (1 - value)
  }
  return { loss, coefficients }
}
