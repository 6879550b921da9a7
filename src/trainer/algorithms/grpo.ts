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

/** What a token of response i weighs, given the lengths of all. */
export function tokenWeights(
  lengths: readonly number[],
  { average = 'sequence', maxTokens = 1 }: Pick<GrpoSettings, 'average' | 'maxTokens'>,
): (i: number) => number {
  const tokens = lengths.reduce((total, length) => total + length, 0)
  return (i) => {
    if (average === 'token') return 1 / tokens
    return 1 / (lengths.length * (average === 'constant' ? maxTokens : lengths[i]))
  }
}

export function groupRelative(
  rollouts: Rollouts,
  advantages: ArrayLike<number>,
  { average, maxTokens, ...clip }: GrpoSettings = {},
): ClippedStep {
  const weightOf = tokenWeights(
    rollouts.policy.map(({ length }) => length),
    { average, maxTokens },
  )
  return clippedSurrogate(rollouts, (i) => advantages[i], weightOf, clip)
}
