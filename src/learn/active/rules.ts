/**
 * Which comparisons teach the reward most.
 *
 *     score = I · √c · (1 + D)
 *
 * I, information: how many bits an answer is expected to tell about the weights, H(E[p]) - E[H(p)] (Houlsby et al. 2011, "BALD",
 * eq. 3). It is small where the model is sure, and small where only a coin could tell; it is large where little like this pair
 * was judged: a pair's variance is that of the weights it touches, and judging shrinks it. Uncertainty and novelty in one.
 * c, commonness: the mean square of the pair's features over the pairs that wait; what is learned of a rare word
 * helps nowhere else (Settles and Craven 2008, "information density", with exponent 1/2).
 * D, disagreement: 1 - share of the most frequent answer so far; another answer settles what people are divided on.
 *
 * Their closed form, for log-odds: H(sigmoid(x)) is near exp(-x² / 2s) with s = 4 ln 2, so that for x ~ N(m, v)
 * E[H] = sqrt(s / (v + s)) exp(-m² / 2(v + s)).
 *
 * Worked example: a pair with mean log-odds 0 and variance 1: H(1/2) = 1, E[H] = sqrt(2.7726 / 3.7726) = 0.8573, so
 * I = 0.1427 bits.
 */
import { difference, featuresOf, type Sparse, width } from '../reward/features.ts'
import { type Prediction, predict, type RewardModel } from '../reward/model.ts'

const s = 4 * Math.LN2

const entropy = (p: number) => (p <= 0 || p >= 1 ? 0 : -(p * Math.log2(p) + (1 - p) * Math.log2(1 - p)))

/** Bits that an answer is expected to tell of the model's weights; never below 0. */
export function informationOf({ logit, variance, probability }: Prediction): number {
  const expected = Math.sqrt(s / (variance + s)) * Math.exp(-(logit * logit) / (2 * (variance + s)))
  return Math.max(0, entropy(probability) - expected)
}

/** Mean square of each feature over pairs. */
export function commonFeatures(pairs: readonly Sparse[]): Float32Array {
  const mean = new Float32Array(width)
  for (const { at, value } of pairs)
    for (let i = 0; i < at.length; i++) mean[at[i]!]! += (value[i]! * value[i]!) / pairs.length
  return mean
}

export function commonnessOf({ at, value }: Sparse, common: Float32Array): number {
  let sum = 0
  for (let i = 0; i < at.length; i++) sum += value[i]! * value[i]! * common[at[i]!]!
  return sum
}

/** 0: all answers so far are one, or there is none. */
export function disagreementOf(counts: Readonly<Record<string, number>>): number {
  const votes = Object.values(counts)
  const total = votes.reduce((sum, n) => sum + n, 0)
  return total === 0 ? 0 : 1 - Math.max(...votes) / total
}

export const pairOf = (first: string, second: string): Sparse => difference(featuresOf(first), featuresOf(second))

export const scoreOf = (model: RewardModel, pair: Sparse, common: Float32Array, disagreement: number): number =>
  informationOf(predict(model, pair)) * Math.sqrt(commonnessOf(pair, common)) * (1 + disagreement)

export type Arm = 'chosen' | 'arrival'

/**
 * The next `size` of those that wait, given in the order in which they arrived: a share of them as they come, which no score
 * touches, and between these, evenly, those of the others with the highest scores. Equal scores go by arrival; what has
 * no score (null) is never chosen.
 */
export function nextOf<T>(
  waiting: readonly T[],
  scores: readonly (number | null)[],
  size: number,
  arrivalShare: number,
): { item: T; arm: Arm; score: number }[] {
  const marked = waiting.map((item, i) => ({ item, score: scores[i] ?? 0, isScored: scores[i] !== null, i }))
  const arrival = marked.slice(0, Math.round(size * arrivalShare))
  const chosen = marked
    .slice(arrival.length)
    .filter(({ isScored }) => isScored)
    .sort((a, b) => b.score - a.score || a.i - b.i)
    .slice(0, size - arrival.length)
  const next: { item: T; arm: Arm; score: number }[] = []
  for (let turn = 0; arrival.length || chosen.length; turn++) {
    const isArrivals = Math.floor((turn + 1) * arrivalShare) > Math.floor(turn * arrivalShare)
    const arm = (isArrivals && arrival.length) || !chosen.length ? 'arrival' : 'chosen'
    const { item, score } = (arm === 'arrival' ? arrival : chosen).shift()!
    next.push({ item, score, arm })
  }
  return next
}
