/**
 * Scores of responses: by a reward model its score, by a language model the mean log-probability a token of the
 * response. A pair is ordered rightly when the chosen response scores higher; a tie counts half.
 */
import { fail } from '../platform/errors.ts'
import { type FrozenModel, frozenModel } from '../trainer/schedule/frozen.ts'
import { encodeRow, scored } from '../trainer/text/encoding.ts'
import type { PreferenceRow, Text } from '../trainer/text/rows.ts'
import type { Tokenizer } from '../trainer/text/tokenizer.ts'
import type { LocalModel } from './local.ts'

export interface Item {
  prompt: Text
  response: Text
  /** Whoever wrote it was stopped before its end: the end is then no part of its probability. */
  isCut?: boolean
}

/** How probable a response is, token by token under the model itself (temperature 1), its end included. */
export interface LogProb {
  /** In nats. */
  sum: number
  tokens: number
}

export interface Scorer {
  score(items: readonly Item[], maxLength: number): Promise<number[]>
  /** By a language model alone. */
  logProbs(items: readonly Item[], maxLength: number): Promise<LogProb[]>
  close(): Promise<void>
}

const sumOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0)

export async function openScorer(model: LocalModel, threads?: number): Promise<Scorer> {
  const frozen = await frozenModel(model, threads)
  return {
    score: async (items, maxLength) =>
      (await outputsOf(frozen, model.text, items, maxLength)).map(
        (values) => sumOf(values) / Math.max(values.length, 1),
      ),
    logProbs: async (items, maxLength) => {
      if (frozen.head === 'scalar')
        fail('bad_input', 'A reward model gives scores, no probabilities.', { where: 'model' })
      const outputs = await outputsOf(frozen, model.text, items, maxLength)
      const said = outputs.map((values, i) => (items[i]!.isCut ? values.subarray(0, -1) : values))
      return said.map((values) => ({ sum: sumOf(values), tokens: values.length }))
    },
    close: () => frozen.close(),
  }
}

/** Of each item: the score, or the log-probability of each token of the response. */
async function outputsOf(
  frozen: FrozenModel,
  text: Tokenizer,
  items: readonly Item[],
  maxLength: number,
): Promise<Float32Array[]> {
  const most = Math.min(maxLength, frozen.config.maxPositions)
  const rows = items.map(({ prompt, response }) => {
    const encoded = encodeRow(text, prompt, response, most)
    return frozen.head === 'scalar' ? scored(encoded) : encoded
  })
  return frozen.forward(rows)
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
