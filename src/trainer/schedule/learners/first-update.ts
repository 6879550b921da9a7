/** What is known of the coefficients of samples before the pass over them: no pass is needed to find them out. */
import { tokenWeights } from '../../algorithms/grpo.ts'
import { supervised } from '../../algorithms/sft.ts'
import type { Anchored, Outputs } from '../../model/session.ts'
import { spread } from '../learner.ts'
import type { Settings } from '../spec.ts'
import type { Rollout } from './rollouts.ts'

interface Known extends Rollout {
  reference: Float32Array
  advantage: number
}

const lengthOf = ({ tokens, start }: Rollout): number => tokens.length - start

/**
 * Fine-tuning on the best samples has known coefficients. GRPO's one update from its samples starts at the very policy that sampled:
 * every ratio is 1, nothing is clipped, and c = w (A - beta (1 - e^(ref - log p))) of k3 is a formula of the graph.
 */
export function coefficientsBefore(
  { algorithm, reuse, klEstimator, average, maxTokens }: Settings,
  betaNow: () => number,
): ((own: readonly Known[], share: number) => Outputs | Anchored) | undefined {
  if (algorithm === 'rejection')
    return (own, share) => {
      const blank = own.map((item) => new Float32Array(lengthOf(item)))
      return spread(blank, supervised(blank).coefficients, share)
    }
  if (algorithm !== 'grpo' || reuse > 1 || klEstimator === 'k2') return undefined
  return (own, share) => {
    const beta = betaNow()
    const weightOf = tokenWeights(own.map(lengthOf), { average, maxTokens })
    const eachToken = (of: (item: Known, weight: number) => number): Outputs =>
      own.map((item, i) => new Float32Array(lengthOf(item)).fill(share * of(item, weightOf(i))))
    return {
      given: eachToken(({ advantage }, weight) => weight * (advantage - beta)),
      pull: eachToken((_, weight) => (klEstimator === 'k3' ? weight * beta : 0)),
      anchor: own.map(({ reference }) => reference),
    }
  }
}
