/**
 * `/rewards`: scores of a reward model for whoever trains elsewhere. The request and its answer are those of OpenRLHF's remote
 * reward server (`query` to `rewards`) and of LLaMA-Factory's (`messages` to `scores`); both send whole texts, prompt and
 * response as a chat template has written them. A conversation in place of a text is put through the model's own template.
 */
import { z } from 'zod'
import { fail } from '../platform/errors.ts'
import type { BackgroundModel } from './background.ts'
import { inParts } from './models.ts'
import type { Item } from './score.ts'

const conversation = z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).min(2)
const texts = z
  .array(z.union([z.string().min(1), conversation]))
  .min(1)
  .max(1024)
/** Whatever else is sent (`prompts`, `labels`, and LLaMA-Factory's constant for a model) is passed over. */
export const rewardRequest = z
  .object({ model: z.string().min(1).optional(), query: texts.optional(), messages: texts.optional() })
  .refine(({ query, messages }) => (query === undefined) !== (messages === undefined), {
    message: 'Texts to score are missing.',
    path: ['query'],
  })
type RewardRequest = z.infer<typeof rewardRequest>

function itemOf(text: string | z.infer<typeof conversation>, place: number): Item {
  if (typeof text === 'string') return { prompt: '', response: text, isWhole: true }
  if (text.at(-1)!.role !== 'assistant')
    fail('bad_input', 'A conversation that is scored ends with an answer of the assistant.', {
      where: `query.${place}`,
    })
  return { prompt: text.slice(0, -1), response: text.slice(-1) }
}

/** One number a text, in their order; under both names. Whoever hangs up has no more scored than the part under way. */
export async function rewarded(
  model: BackgroundModel,
  { query, messages }: RewardRequest,
  signal?: AbortSignal,
): Promise<{ rewards: number[]; scores: number[] }> {
  if (model.head !== 'scalar')
    fail('bad_input', 'A language model writes text, it gives no scores.', { where: 'model' })
  const scores = await inParts((query ?? messages)!.map(itemOf), (part) => model.score(part), signal)
  return { rewards: scores, scores }
}
