/**
 * Direct preference optimisation. Rafailov et al. 2023, arXiv 2305.18290; label smoothing: Mitchell 2023, "A note on DPO
 * with noisy preferences"; IPO: Azar et al. 2023, arXiv 2310.12036, with log-probabilities averaged over tokens.
 * With h = (log π_c - log ref_c) - (log π_r - log ref_r) and the probability s that `chosen` is the better:
 *
 *     sigmoid   L = -s log σ(βh) - (1 - s) log σ(-βh)       c_chosen = β [ s σ(-βh) - (1 - s) σ(βh) ] = -c_rejected
 *     ipo       L = (h̄ - 1/(2β))²                           c_chosen = -2 (h̄ - 1/(2β)) / n_chosen, and so for rejected
 *
 * each averaged over pairs. Label smoothing ε turns a certain label into s = 1 - ε. Reference-free: log ref = 0.
 *
 * Example: β = 0.1, s = 1, h = 2: L = -log σ(0.2) = 0.598139; c_chosen = 0.1 σ(-0.2) = 0.0450166.
 */
import type { TokenLogps } from './step.ts'
import { logSigmoid, sigmoid, sum } from './step.ts'

export interface DpoSettings {
  beta?: number
  loss?: 'sigmoid' | 'ipo'
  labelSmoothing?: number
  referenceFree?: boolean
}

export interface PairLogps {
  chosen: TokenLogps
  rejected: TokenLogps
}

export interface DpoStep {
  loss: number
  /** Coefficient of every token of each chosen and each rejected response. */
  chosen: Float64Array
  rejected: Float64Array
  /** Of the implicit rewards β log(π / ref): chosen less rejected. */
  differences: Float64Array
}

/** The probability that `chosen` is the better, when a share of labels is taken to be swapped. */
export const smoothed = (label: number, smoothing = 0): number => label * (1 - smoothing) + (1 - label) * smoothing

/** `labels[i]`: probability that chosen is the better (default 1); `weights[i]`: weight of the pair (default 1). */
export function directPreference(
  policy: PairLogps,
  reference: PairLogps,
  { beta = 0.1, loss: form = 'sigmoid', labelSmoothing = 0, referenceFree = false }: DpoSettings = {},
  pairs: readonly { label?: number; weight?: number }[] = [],
): DpoStep {
  const count = policy.chosen.length
  const perPair = () => new Float64Array(count)
  const step: DpoStep = { loss: 0, chosen: perPair(), rejected: perPair(), differences: perPair() }
  for (let i = 0; i < count; i++) {
    const lengths = form === 'ipo' ? [policy.chosen[i].length || 1, policy.rejected[i].length || 1] : [1, 1]
    const chosen = sum(policy.chosen[i]) - (referenceFree ? 0 : sum(reference.chosen[i]))
    const rejected = sum(policy.rejected[i]) - (referenceFree ? 0 : sum(reference.rejected[i]))
    const logit = chosen / lengths[0] - rejected / lengths[1]
    const share = (pairs[i]?.weight ?? 1) / count
    const given = pairs[i]?.label ?? 1
    const label = smoothed(given, labelSmoothing)
    let pull: number
    if (form === 'ipo') {
      // A pair that is as likely the other way round aims at the mirrored, shrunken gap.
      const gap = logit - (2 * label - 1) / (2 * beta)
      step.loss += share * gap ** 2
      pull = -2 * share * gap
    } else {
      step.loss -= share * (label * logSigmoid(beta * logit) + (1 - label) * logSigmoid(-beta * logit))
      pull = share * beta * (label * sigmoid(-beta * logit) - (1 - label) * sigmoid(beta * logit))
    }
    step.chosen[i] = pull / lengths[0]
    step.rejected[i] = -pull / lengths[1]
    step.differences[i] = beta * (chosen - rejected)
  }
  return step
}
