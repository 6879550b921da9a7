/**
 * Group relative policy optimisation. Shao et al. 2024, "DeepSeekMath", arXiv 2402.03300. G responses to one prompt are
 * scored; each token of response i has the advantage A_i = (r_i - mean) / (sd + 1e-4) of its group, in the clipped
 * surrogate (`clipped.ts`). How tokens are averaged:
 *
 *     sequence  1/N Σ_i 1/n_i Σ_t     the paper's: a long answer's tokens each weigh less
 *     token     1/Σn Σ_i Σ_t          DAPO's (Yu et al. 2025, arXiv 2503.14476)
 *     constant  1/(N T) Σ_i Σ_t       Dr. GRPO's (Liu et al. 2025, arXiv 2503.20783), T = longest allowed; with `scale: false`
 *
 * Example: rewards 1, 2, 3, 6 of one group: mean 3, sd 2.160247, A = -0.925777, -0.462889, 0, 1.388666.
 */
import type { ClippedStep, ClipSettings, Rollouts } from './clipped.ts'
import { clippedSurrogate } from './clipped.ts'
import { deviation, mean } from './step.ts'

export interface GrpoSettings extends ClipSettings {
  average?: 'sequence' | 'token' | 'constant'
  /** T of `constant`, tokens. */
  maxTokens?: number
}

/** Rewards in groups of `groupSize` consecutive responses; advantages sum to 0 in each group. */
export function groupAdvantages(rewards: ArrayLike<number>, groupSize: number, scale = true): Float64Array {
  const advantages = Float64Array.from(rewards)
  for (let start = 0; start < advantages.length; start += groupSize) {
    const group = advantages.subarray(start, start + groupSize)
    const centre = mean(group)
    const spread = scale ? deviation(group) + 1e-4 : 1
    for (let j = 0; j < group.length; j++) group[j] = (group[j] - centre) / spread
  }
  return advantages
}

export function groupRelative(
  rollouts: Rollouts,
  advantages: ArrayLike<number>,
  { average = 'sequence', maxTokens = 1, ...clip }: GrpoSettings = {},
): ClippedStep {
  const { policy } = rollouts
  const tokens = policy.reduce((total, logps) => total + logps.length, 0)
  const weightOf = (i: number): number => {
    if (average === 'token') return 1 / tokens
    return 1 / (policy.length * (average === 'constant' ? maxTokens : policy[i].length))
  }
  return clippedSurrogate(rollouts, (i) => advantages[i], weightOf, clip)
}
