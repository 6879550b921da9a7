/**
 * A score taken apart into words. A feature's share of the score, mean_j x_j, goes in equal parts to the places where the
 * feature stands in the text; a pair of words gives half to each of the two. What the words got adds up to the score.
 */
import { sigmoid } from '../../stats/sigmoid.ts'
import { bucketsOf, featuresOf, readsAll, type Token, tokensOf } from './features.ts'
import { type Prediction, predict, type RewardModel } from './model.ts'

interface Explained {
  score: number
  deviation: number
  /** The text in pieces, in order and complete; a piece without a weight is no word. */
  pieces: { text: string; weight?: number }[]
  cut: boolean
}

export function explain(model: RewardModel, text: string): Explained {
  const tokens = tokensOf(text)
  const { logit, variance } = predict(model, featuresOf(text))
  const weights = weightsOf(model, tokens)
  const pieces: Explained['pieces'] = []
  let at = 0
  for (const [i, { from, to }] of tokens.entries()) {
    if (from > at) pieces.push({ text: text.slice(at, from) })
    pieces.push({ text: text.slice(from, to), weight: weights[i]! })
    at = to
  }
  if (at < text.length) pieces.push({ text: text.slice(at) })
  return { score: logit, deviation: Math.sqrt(variance), pieces, cut: !readsAll(tokens) }
}

function weightsOf({ mean }: RewardModel, tokens: readonly Token[]): Float64Array {
  const value = 1 / Math.sqrt(bucketsOf(tokens).length)
  const places = new Map<number, number>()
  const count = (bucket: number) => places.set(bucket, (places.get(bucket) ?? 0) + 1)
  for (const { word, pair } of tokens) {
    count(word)
    if (pair >= 0) count(pair)
  }
  const part = (bucket: number) => (mean[bucket]! * value) / places.get(bucket)!
  const weights = new Float64Array(tokens.length)
  for (const [i, { word, pair }] of tokens.entries()) {
    weights[i]! += part(word)
    if (pair < 0) continue
    weights[i]! += part(pair) / 2
    weights[i - 1]! += part(pair) / 2
  }
  return weights
}

/** 95% interval of the probability, by what the model believes of the log-odds. */
export const believed = ({ logit, variance }: Pick<Prediction, 'logit' | 'variance'>) => ({
  low: sigmoid(logit - 1.96 * Math.sqrt(variance)),
  high: sigmoid(logit + 1.96 * Math.sqrt(variance)),
})
