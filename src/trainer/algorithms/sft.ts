/**
 * Supervised fine-tuning: the negative log-likelihood of the completions, averaged over tokens.
 * Ouyang et al. 2022, "Training language models to follow instructions with human feedback", section 3.5.
 *
 *     L = -Σ_i w_i Σ_t log p_it / Σ_i w_i n_i          c_i = w_i / Σ_j w_j n_j
 *
 * Example: log p = [-1, -3] and [-2], w = 1: L = (1 + 3 + 2) / 3 = 2, every c = 1/3.
 */
import type { SequenceStep, TokenLogps } from './step.ts'
import { sum } from './step.ts'

export function supervised(logps: TokenLogps, weights?: ArrayLike<number>): SequenceStep {
  const coefficients = new Float64Array(logps.length)
  let tokens = 0
  for (let i = 0; i < logps.length; i++) tokens += (weights?.[i] ?? 1) * logps[i].length
  if (tokens <= 0) return { loss: 0, coefficients }
  let loss = 0
  for (let i = 0; i < logps.length; i++) {
    coefficients[i] = (weights?.[i] ?? 1) / tokens
    loss -= coefficients[i] * sum(logps[i])
  }
  return { loss, coefficients }
}
