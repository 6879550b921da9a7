/**
 * REINFORCE leave-one-out. Ahmadian et al. 2024, "Back to Basics", arXiv 2402.14740. The whole response is one action; the
 * divergence from the reference is part of its reward; the others of its group are its baseline:
 *
 *     R_i = r_i - β Σ_t d_it        A_i = R_i - mean of the other R of its group        L = -1/N Σ_i ρ_i A_i
 *
 * with ρ_i = π(y_i) / π_old(y_i), clipped as in PPO when the same responses are used more than once.
 *
 * Example: R = 1, 2, 6 of one group: A = 1 - 4, 2 - 3.5, 6 - 1.5 = -3, -1.5, 4.5.
 */
import type { Rollouts } from './clipped.ts'
import type { SequenceStep, TokenLogps } from './step.ts'
import { sum } from './step.ts'

/** R_i: the reward less β times the divergence (k1) summed over the response. */
export function penalisedRewards(
  rewards: ArrayLike<number>,
  old: TokenLogps,
  reference: TokenLogps,
  beta: number,
): Float64Array {
  return Float64Array.from(rewards, (reward, i) => reward - beta * (sum(old[i]) - sum(reference[i])))
}

/** Advantages in groups of `groupSize` consecutive responses; a group of one has no baseline and gets 0. */
export function leaveOneOut(rewards: ArrayLike<number>, groupSize: number): Float64Array {
  const advantages = Float64Array.from(rewards)
  for (let start = 0; start < advantages.length; start += groupSize) {
    const group = advantages.subarray(start, start + groupSize)
    const total = sum(group)
    for (let j = 0; j < group.length; j++)
      group[j] = group.length < 2 ? 0 : group[j] - (total - group[j]) / (group.length - 1)
  }
  return advantages
}

export function reinforceLeaveOneOut(
  { policy, old }: Pick<Rollouts, 'policy' | 'old'>,
  advantages: ArrayLike<number>,
  epsilon = 0.2,
): SequenceStep & { clipped: number } {
  const count = policy.length
  const coefficients = new Float64Array(count)
  let loss = 0
  let clipped = 0
  for (let i = 0; i < count; i++) {
    const ratio = Math.exp(sum(policy[i]) - sum(old[i]))
    const bounded = Math.min(Math.max(ratio, 1 - epsilon), 1 + epsilon)
    const isClipped = bounded * advantages[i] < ratio * advantages[i]
    loss -= ((isClipped ? bounded : ratio) * advantages[i]) / count
    coefficients[i] = isClipped ? 0 : (ratio * advantages[i]) / count
    if (isClipped) clipped++
  }
  return { loss, coefficients, clipped: count ? clipped / count : 0 }
}
