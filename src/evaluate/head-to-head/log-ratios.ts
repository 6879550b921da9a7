/**
 * How much more probable the candidate's answers are under the candidate than under the baseline. Summed over answers that
 * the candidate drew and divided by their tokens, that is an estimate of KL(candidate || baseline) in nats a token where they
 * were drawn at temperature 1 without any cut of the vocabulary; answers drawn colder show less than the whole of it.
 */
import { findCheckpoint } from '../../models/checkpoints/store.ts'
import { findPolicy, type StoredPolicy } from '../../models/policies/store.ts'
import type { Measuring } from './measure.ts'
import type { Answers } from './measured.ts'
import { messagesOf, said } from './scorers.ts'
import type { Row } from './store.ts'

type Ratios = { ratios: { prompt: string; logRatio: number; tokens: number }[] } | { undefined: string }

export async function logRatios(
  { platform: { db }, models }: Measuring,
  row: Row,
  answers: Answers[],
): Promise<Ratios> {
  const under = async (policy: StoredPolicy | undefined) => {
    const checkpoint = policy?.checkpointId && (await findCheckpoint(db, row.project, policy.checkpointId))
    return checkpoint ? { checkpoint, system: policy.parameters.system } : undefined
  }
  const [candidate, baseline] = await Promise.all(
    [row.candidate, row.baseline].map(async ({ id }) => under(await findPolicy(db, row.project, id))),
  )
  if (!candidate || !baseline)
    return { undefined: 'only two policies whose models lie here can be held against each other token by token' }
  const logProbs = ({ checkpoint, system }: NonNullable<typeof candidate>) =>
    models.logProbs(
      checkpoint,
      answers.map(({ turns, candidate: text, parameters, isCut }) => {
        const first = parameters.system ?? system
        const prompt = [...(first ? [{ role: 'system', content: first }] : []), ...messagesOf(turns)]
        return { prompt, response: said(text), isCut }
      }),
    )
  const [own, other] = [await logProbs(candidate), await logProbs(baseline)]
  if (own.some(({ tokens }, i) => tokens !== other[i]!.tokens))
    return { undefined: 'the two models cut the same text into different tokens' }
  return {
    ratios: answers.flatMap(({ prompt }, i) => {
      const { sum, tokens } = own[i]!
      return tokens ? [{ prompt, logRatio: sum - other[i]!.sum, tokens }] : []
    }),
  }
}
