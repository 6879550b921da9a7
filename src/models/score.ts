/**
 * Scores of responses: by a reward model its score, by a language model the mean log-probability a token of the
 * response. A pair is ordered rightly when the chosen response scores higher; a tie counts half.
 */
import { fail } from '../platform/errors.ts'
import { type FrozenModel, frozenModel } from '../trainer/schedule/frozen.ts'
import { encodeRow, encodeWhole, scored } from '../trainer/text/encoding.ts'
import { completionRows, type Line, type PreferenceRow, preferenceRow, type Text } from '../trainer/text/rows.ts'
import type { Tokenizer } from '../trainer/text/tokenizer.ts'
import type { LocalModel } from './local.ts'

export interface Item {
  prompt: Text
  response: Text
  /** The response is a whole text, its prompt in it, as a chat template has written both. */
  isWhole?: boolean
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
  const rows = items.map(({ prompt, response, isWhole }) => {
    const encoded = isWhole ? encodeWhole(text, String(response), most) : encodeRow(text, prompt, response, most)
    return frozen.head === 'scalar' ? scored(encoded) : encoded
  })
  return frozen.forward(rows)
}

/** A row of the file with what it scored: a pair of both responses, any other of its one response. */
export interface ScoredRow {
  fields: Record<string, unknown>
  pair?: PreferenceRow
  /** Of chosen and rejected, or of the response. */
  scores: number[]
}

const chunkRows = 32

/** Scores of rows in the shapes of TRL, `progress` told after each chunk. */
export async function scoreRows(
  scorer: Scorer,
  lines: readonly Line[],
  maxLength: number,
  progress: (done: number) => void = () => {},
): Promise<ScoredRow[]> {
  // All are read first: what is wrong with the last is better known before the first is scored.
  const rows = lines.map((line) => {
    const { fields } = line
    if (fields.chosen !== undefined && fields.rejected !== undefined) {
      const pair = preferenceRow(line)
      const { prompt, chosen, rejected } = pair
      return { fields, pair, items: [chosen, rejected].map((response) => ({ prompt, response })) }
    }
    return { fields, items: completionRows(line).map(({ prompt, completion }) => ({ prompt, response: completion })) }
  })
  const result: ScoredRow[] = []
  for (let from = 0; from < rows.length; from += chunkRows) {
    const part = rows.slice(from, from + chunkRows)
    const scores = await scorer.score(
      part.flatMap(({ items }) => items),
      maxLength,
    )
    for (const { items, ...row } of part) result.push({ ...row, scores: scores.splice(0, items.length) })
    progress(result.length)
  }
  return result
}
