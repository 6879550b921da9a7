/** Samples from the policy as it is now, with their rewards: what GRPO, RLOO, PPO and rejection sampling learn from. */
import { TrainerError } from '../../errors.ts'
import type { Sequence } from '../../model/session.ts'
import { encodePrompt } from '../../text/encoding.ts'
import { promptRow, type Text } from '../../text/rows.ts'
import type { Bench } from '../learner.ts'

export interface Rollout extends Sequence {
  tokens: number[]
  mask: number[]
  /** Tokens of the prompt; those after it were sampled. */
  start: number
  text: string
  /** As scored, and with the price of being cut off. */
  score: number
  reward: number
  truncated: boolean
}

export interface Prompt {
  asked: Text
  ids: number[]
}

export interface Sampler {
  prompts: Prompt[]
  heldPrompts: Prompt[]
  /** `count` samples of each prompt, those of one prompt next to each other. */
  sample(prompts: readonly Prompt[], count: number, seed: number): Promise<Rollout[]>
}

/** Held-out prompts that are sampled before and after; more would say little more. */
const mostHeld = 64
export const samplesPerHeldPrompt = 4

export function openSampler(bench: Bench): Sampler {
  const { session, text, settings, lines, evalLines, reward } = bench
  if (!reward)
    throw new TrainerError('bad_input', 'There is nothing to score samples with.', {
      where: 'run, rewardModel',
      hint: 'Name the folder of a reward model (train reward).',
    })
  const { maxTokens, temperature, truncationPenalty } = settings
  const room = Math.min(settings.maxLength, session.config.maxPositions) - maxTokens
  if (room < 1)
    throw new TrainerError('bad_input', `Samples of ${maxTokens} tokens leave no room for a prompt.`, {
      where: 'run, maxTokens',
      hint: `Row length is ${settings.maxLength} (max length), the model takes ${session.config.maxPositions}.`,
    })
  const read = (from: Bench['lines']): Prompt[] =>
    from.map((line) => {
      const { prompt: asked } = promptRow(line)
      return { asked, ids: encodePrompt(text, asked).slice(-room) }
    })
  return {
    prompts: read(lines),
    heldPrompts: read((evalLines.length ? evalLines : lines).slice(0, mostHeld)),
    sample: async (prompts, count, seed) => {
      const decoder = await bench.decoder()
      const asked = prompts.flatMap((prompt) => Array.from({ length: count }, () => prompt))
      const completions = await decoder.generate(
        asked.map(({ ids }) => ids),
        { maxTokens, temperature, seed, stopTokenIds: [...text.endIds] },
      )
      const texts = completions.map(({ tokens }) => text.decode(tokens))
      const scores = await reward(asked.map(({ asked: prompt }, i) => ({ prompt, response: texts[i] })))
      return completions.map(({ tokens, finish }, i) => {
        const { ids } = asked[i]
        const truncated = finish === 'length'
        if (!Number.isFinite(scores[i]))
          throw new TrainerError('bad_input', `The reward of a sample is ${scores[i]}.`, {
            where: texts[i].slice(0, 80),
          })
        return {
          tokens: [...ids, ...tokens],
          mask: [...ids.map(() => 0), ...tokens.map(() => 1)],
          start: ids.length,
          text: texts[i],
          score: scores[i],
          reward: scores[i] - (truncated ? truncationPenalty : 0),
          truncated,
        }
      })
    },
  }
}
