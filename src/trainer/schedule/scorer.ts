/** Rewards from a reward model on disk: each response scored at its last token, as in its training. */
import { type Checkpoint, openCheckpoint } from '../checkpoint/open.ts'
import { TrainerError } from '../errors.ts'
import { countParameters } from '../model/parameters.ts'
import { encodeRow, scored } from '../text/encoding.ts'
import { tokenizerFrom } from '../text/tokenizer.ts'
import { type FrozenModel, frozenModel } from './frozen.ts'
import type { RewardFunction } from './learner.ts'
import { wholeWeights } from './source.ts'

export interface Scorer {
  reward: RewardFunction
  model: FrozenModel
  /** That it keeps besides those of the policy. */
  parameters: number
}

/** Longest row that is scored, tokens; what is longer is cut at the left of its prompt. */
const mostScored = 1024

/** @param policy whose weights an adapter on the same base shares */
export async function openScorer(folder: string, policy?: Checkpoint, threads?: number): Promise<Scorer> {
  const checkpoint = await openCheckpoint(folder, undefined, policy)
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
    parameters: countParameters(
      [...weights].flatMap(([name, weight]) => (policy?.weights.get(name) === weight ? [] : [weight.shape])),
    ),
    reward: async (items) => {
      const rows = items.map(({ prompt, response }) => scored(encodeRow(text, prompt, response, most)))
      return (await model.forward(rows)).map(([score]) => score)
    },
  }
}
