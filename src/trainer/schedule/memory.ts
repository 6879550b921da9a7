/** How much memory a run takes, estimated before it starts, and how many tokens a pass may have to stay within it. */
import { generationBytes } from '../decode/cache.ts'
import { TrainerError } from '../errors.ts'
import type { ModelConfig } from '../model/config.ts'
import { chunkLogits, chunkTokens } from '../model/training.ts'

export interface MemoryFacts {
  config: ModelConfig
  head: 'lm' | 'scalar'
  parameters: { trained: number; total: number }
  /** Weights kept beside: a reference policy, a reward model. */
  otherParameters: number
  /** Tokens of the longest row, and those of a whole step, padding included. */
  longest: number
  stepTokens: number
  /** Models that learn: the policy, and PPO's values beside it. */
  learning: number
  /** Heads of the models that are asked without gradient: what is trained, a reference, a reward model. */
  asked: readonly ('lm' | 'scalar')[]
  /** Rows that the policy answers in one call, and the positions of each; none where it only learns. */
  answered?: { rows: number; positions: number }
}

const gigabyte = 2 ** 30
/** The process itself, its libraries and the rows. */
const processBytes = 0.25 * gigabyte
/** What passes may take where memory is not the limit: larger ones leave the caches and are slower by a tenth. */
const roomyPassBytes = 0.4 * gigabyte

/** Numbers that one token has in one layer. */
function numbersPerLayer({ config, longest }: Pick<MemoryFacts, 'config' | 'longest'>): number {
  const { hiddenSize, intermediateSize, heads, keyValueHeads, headDim } = config
  const attention = 3 * heads * headDim + 4 * keyValueHeads * headDim + 2 * heads * longest
  return 8 * hiddenSize + attention + 5 * intermediateSize
}

/** Bytes that one token of a pass keeps until its gradient is computed. */
function bytesPerToken(facts: Pick<MemoryFacts, 'config' | 'head' | 'longest'>): number {
  const { hiddenSize, layers, vocabSize } = facts.config
  const logits = facts.head === 'lm' ? 3 * vocabSize : 0
  return 4 * (layers * numbersPerLayer(facts) + logits + 4 * hiddenSize)
}

/** Bytes of the largest pass without gradient, which has one layer at a time; its room stays with it. */
function askedBytes(facts: Pick<MemoryFacts, 'config' | 'longest'>, head: 'lm' | 'scalar'): number {
  const { vocabSize } = facts.config
  const tokens = head === 'lm' ? Math.min(chunkTokens, chunkLogits / vocabSize) : chunkTokens
  return 4 * tokens * (numbersPerLayer(facts) + (head === 'lm' ? 2 * vocabSize : 0))
}

/** Bytes without passes: weights, the optimiser's state (weights, gradient and its addend, two moments) and the rest. */
function fixedBytes({ parameters, otherParameters }: Pick<MemoryFacts, 'parameters' | 'otherParameters'>): number {
  return processBytes + 4 * (parameters.total + 4 * parameters.trained + otherParameters)
}

export interface MemoryPlan {
  /** Padded tokens a pass may have. */
  passTokens: number
  estimatedBytes: number
}

/** Throws TrainerError `too_large` with the figures when not even one row fits into `availableBytes`. */
export function planMemory(facts: MemoryFacts, availableBytes: number): MemoryPlan {
  const perToken = bytesPerToken(facts)
  const { learning } = facts
  const { rows, positions } = facts.answered ?? { rows: 0, positions: 1 }
  const asked = facts.asked.reduce((sum, head) => sum + askedBytes(facts, head), 0)
  const fixed = fixedBytes(facts) + asked + generationBytes(facts.config, rows, positions)
  // A pair is the smallest unit of most algorithms; one row after the other still needs one row's room.
  const needed = fixed + learning * facts.longest * perToken
  if (needed > availableBytes)
    throw new TrainerError(
      'too_large',
      `This run needs about ${(needed / gigabyte).toFixed(1)} GiB; ${(availableBytes / gigabyte).toFixed(1)} GiB are free.`,
      {
        where: `${facts.parameters.trained} trained of ${facts.parameters.total} weights, rows of ${facts.longest} tokens`,
        hint: 'Train a LoRA adapter (lora rank 16), shorten the rows (max length) or take a smaller model.',
      },
    )
  const room = Math.min(roomyPassBytes, (availableBytes - fixed) / learning)
  const tokens = Math.max(facts.longest, Math.floor(room / perToken))
  return {
    passTokens: tokens,
    estimatedBytes: fixed + learning * Math.min(tokens, Math.max(facts.longest, facts.stepTokens)) * perToken,
  }
}
