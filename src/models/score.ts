/**
 * Scores of responses: by a reward model its score, by a language model the mean log-probability a token of the
 * response. A pair is ordered rightly when the chosen response scores higher; a tie counts half.
 */
import { type FrozenModel, frozenModel } from '../trainer/schedule/frozen.ts'
import { encodeRow, scored } from '../trainer/text/encoding.ts'
import type { PreferenceRow, Text } from '../trainer/text/rows.ts'
import type { Tokenizer } from '../trainer/text/tokenizer.ts'
import type { LocalModel } from './local.ts'

export interface Scorer {
  score(items: readonly { prompt: Text; response: Text }[], maxLength: number): Promise<number[]>
  close(): Promise<void>
}

const mean = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1)

export async function openScorer(model: LocalModel, threads?: number): Promise<Scorer> {
  const frozen = await frozenModel(model, threads)
  return { score: (items, maxLength) => scoreItems(frozen, model.text, items, maxLength), close: () => frozen.close() }
}

async function scoreItems(
  frozen: FrozenModel,
  text: Tokenizer,
  items: readonly { prompt: Text; response: Text }[],
  maxLength: number,
): Promise<number[]> {
  const most = Math.min(maxLength, frozen.config.maxPositions)
  const rows = items.map(({ prompt, response }) => {
    const encoded = encodeRow(text, prompt, response, most)
    return frozen.head === 'scalar' ? scored(encoded) : encoded
  })
  return (await frozen.forward(rows)).map(mean)
}

export interface ScoredPair extends PreferenceRow {
  chosen_score: number
  rejected_score: number
}

/** Scores of both responses of each row, `progress` told after each chunk. */
export async function scorePairs(
  scorer: Scorer,
  rows: readonly PreferenceRow[],
  maxLength: number,
  progress: (done: number) => void = () => {},
): Promise<ScoredPair[]> {
  const result: ScoredPair[] = []
  const chunk = 32
  for (let from = 0; from < rows.length; from += chunk) {
    const part = rows.slice(from, from + chunk)
    const scores = await scorer.score(
      part.flatMap(({ prompt, chosen, rejected }) => [
        { prompt, response: chosen },
        { prompt, response: rejected },
      ]),
      maxLength,
    )
    for (const [i, row] of part.entries())
      result.push({ ...row, chosen_score: scores[2 * i]!, rejected_score: scores[2 * i + 1]! })
    progress(result.length)
  }
  return result
}
