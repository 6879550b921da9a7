/** Rewards from a reward model on disk: each response scored at its last token, as in its training. */
import { openCheckpoint } from '../checkpoint/open.ts'
import { TrainerError } from '../errors.ts'
import { encodeRow, scored } from '../text/encoding.ts'
import { tokenizerFrom } from '../text/tokenizer.ts'
import { type FrozenModel, frozenModel } from './frozen.ts'
import type { RewardFunction } from './learner.ts'
import { wholeWeights } from './source.ts'

export interface Scorer {
  reward: RewardFunction
  model: FrozenModel
  parameters: number
}

/** Longest row that is scored, tokens; what is longer is cut at the left of its prompt. */
const mostScored = 1024

export async function openScorer(folder: string, threads?: number): Promise<Scorer> {
  const checkpoint = await openCheckpoint(folder)
  if (checkpoint.head !== 'scalar')
    throw new TrainerError('bad_input', 'This is a language model, not a reward model.', {
      where: folder,
      hint: 'Name what `train reward` wrote.',
    })
  const text = tokenizerFrom(checkpoint.tokenizer, checkpoint.config.eosTokenIds, `${folder}, tokenizer`)
  const weights = wholeWeights(checkpoint)
  const model = await frozenModel({ config: checkpoint.config, weights, head: 'scalar' }, threads)
  const most = Math.min(mostScored, checkpoint.config.maxPositions)
  return {
    model,
    parameters: [...weights.values()].reduce((total, { data }) => total + data.length, 0),
    reward: async (items) => {
      const rows = items.map(({ prompt, response }) => scored(encodeRow(text, prompt, response, most)))
      return (await model.forward(rows)).map(([score]) => score)
    },
  }
}
