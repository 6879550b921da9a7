/**
 * Reward model from comparisons. Bradley and Terry 1952; margin: Touvron et al. 2023, "Llama 2", section 3.2.2;
 * centring: Eisenstein et al. 2023, "Helping or Herding?". For scores r_c, r_r, the probability s that `chosen` is the
 * better (1: certain, 0.5: a tie), margin m and weight w of a pair, over B pairs:
 *
 *     L = 1/B Σ w [ -s log σ(r_c - r_r - m) - (1 - s) log σ(r_r - r_c - m) + λ (r_c + r_r)² ]
 *
 * Example: r_c = 1, r_r = 0, s = 1, m = 0, λ = 0: L = -log σ(1) = 0.313262; c_chosen = 1 - σ(1) = 0.268941 = -c_rejected.
 */
import { logSigmoid, sigmoid } from './step.ts'

export interface PairSettings {
  /** Probability that `chosen` is the better: 1 certain, 0.5 a tie. */
  label?: number
  /** By how much the scores should differ at least; a tie has none. */
  margin?: number
  weight?: number
}

export interface RewardStep {
  loss: number
  chosen: Float64Array
  rejected: Float64Array
  /** By how much each chosen response scores higher. */
  differences: Float64Array
}

/** `centring` is λ; 0 leaves the scores where the data puts them. */
export function bradleyTerry(
  chosen: ArrayLike<number>,
  rejected: ArrayLike<number>,
  pairs: readonly PairSettings[] = [],
  centring = 0,
): RewardStep {
  const count = chosen.length
  const perPair = () => new Float64Array(count)
  const step: RewardStep = { loss: 0, chosen: perPair(), rejected: perPair(), differences: perPair() }
  for (let i = 0; i < count; i++) {
    const { label = 1, margin = 0, weight = 1 } = pairs[i] ?? {}
    const difference = chosen[i] - rejected[i]
    const total = chosen[i] + rejected[i]
    const share = weight / count
    step.loss -= share * (label * logSigmoid(difference - margin) + (1 - label) * logSigmoid(-difference - margin))
    step.loss += share * centring * total ** 2
    const pull = share * (label * sigmoid(margin - difference) - (1 - label) * sigmoid(margin + difference))
    step.chosen[i] = pull - share * 2 * centring * total
    step.rejected[i] = -pull - share * 2 * centring * total
    step.differences[i] = difference
  }
  return step
}
