/**
 * Proximal policy optimisation with a value head. Schulman et al. 2017, arXiv 1707.06347; advantages: Schulman et al. 2016,
 * arXiv 1506.02438; for language models: Ziegler et al. 2019, arXiv 1909.08593. The reward of a token is -β d_t, the last
 * one has the response's reward besides; going backwards over the tokens,
 *
 *     δ_t = r_t + γ V_{t+1} - V_t        A_t = δ_t + γλ A_{t+1}        return_t = A_t + V_t
 *
 *     L_value = v/2 mean max((V - return)², (clip(V, V_old ± ε) - return)²)
 *
 * Example: rewards 0, 1, values 0.5, 0.5, γ = 1, λ = 0.95: δ = 0, 0.5; A = 0.475, 0.5; returns 0.975, 1.
 */
import type { ClippedStep, ClipSettings, Rollouts } from './clipped.ts'
import { clippedSurrogate } from './clipped.ts'
import type { TokenLogps } from './step.ts'
import { deviation, mean } from './step.ts'

/** Rewards token by token: the divergence's price at each, the response's own reward at the last. */
export function tokenRewards(old: ArrayLike<number>, reference: ArrayLike<number>, reward: number, beta: number) {
  const rewards = Float64Array.from(old, (logp, t) => -beta * (logp - reference[t]))
  if (rewards.length) rewards[rewards.length - 1] += reward
  return rewards
}

export function generalisedAdvantages(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  { gamma = 1, lambda = 0.95 }: { gamma?: number; lambda?: number } = {},
): { advantages: Float64Array; returns: Float64Array } {
  const advantages = new Float64Array(rewards.length)
  const returns = new Float64Array(rewards.length)
  let ahead = 0
  for (let t = rewards.length - 1; t >= 0; t--) {
    const next = t + 1 < rewards.length ? values[t + 1] : 0
    ahead = rewards[t] + gamma * next - values[t] + gamma * lambda * ahead
    advantages[t] = ahead
    returns[t] = ahead + values[t]
  }
  return { advantages, returns }
}

/** Centres and scales over all tokens of the batch, in place. */
export function whiten(advantages: readonly Float64Array[]): void {
  const all = advantages.flatMap((sequence) => [...sequence])
  const centre = mean(all)
  const spread = deviation(all) + 1e-8
  for (const sequence of advantages)
    for (let t = 0; t < sequence.length; t++) sequence[t] = (sequence[t] - centre) / spread
}

/** The policy's part, averaged over tokens. */
export function proximal(
  rollouts: Rollouts,
  advantages: readonly ArrayLike<number>[],
  clip: ClipSettings = {},
): ClippedStep {
  const tokens = rollouts.policy.reduce((total, logps) => total + logps.length, 0)
  return clippedSurrogate(
    rollouts,
    (i, t) => advantages[i][t],
    () => 1 / tokens,
    clip,
  )
}

/** The value head's part: coefficients are -dL/dV at each token. */
export function valueStep(
  values: TokenLogps,
  old: TokenLogps,
  returns: TokenLogps,
  { epsilon = 0.2, weight = 0.1 }: { epsilon?: number; weight?: number } = {},
): { loss: number; coefficients: Float64Array[] } {
  const tokens = values.reduce((total, sequence) => total + sequence.length, 0)
  const share = tokens ? weight / tokens : 0
  let loss = 0
  const coefficients = values.map((sequence, i) =>
    Float64Array.from(sequence, (value, t) => {
      const bounded = Math.min(Math.max(value, old[i][t] - epsilon), old[i][t] + epsilon)
      const [free, held] = [value - returns[i][t], bounded - returns[i][t]]
      loss += (share / 2) * Math.max(free ** 2, held ** 2)
      // Beyond the bound the clipped value is a constant: no gradient where it is the larger error.
      return held ** 2 > free ** 2 ? 0 : -share * free
    }),
  )
  return { loss, coefficients }
}
