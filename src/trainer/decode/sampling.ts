/**
 * From logits to a token: repetition penalty, temperature, top-k, top-p, in the order of transformers.
 *
 * - Repetition penalty (N. Keskar et al., CTRL, arXiv:1909.05858): logits of tokens seen before are divided by it where
 *   positive and multiplied where negative.
 * - top-k (A. Fan et al., 2018): the k largest. top-p (A. Holtzman et al., 2020): the fewest of them that hold p.
 *
 * Example: logits ln(4), ln(3), ln(2), ln(1) have probabilities .4, .3, .2, .1; with top-p .6 two remain, 4/7 and 3/7.
 */
import type { Random } from '../random.ts'

export interface SamplingOptions {
  /** 0 takes the most probable token. */
  temperature: number
  topK?: number
  topP?: number
  repetitionPenalty?: number
}

export interface TokenLogProb {
  id: number
  logprob: number
}

function argmax(logits: Float32Array): number {
  let best = 0
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i
  return best
}

/** log of the sum of exp(scale * logit). */
export function logSumExp(logits: Float32Array, scale = 1): number {
  const most = logits[argmax(logits)]! * scale
  let sum = 0
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! * scale - most)
  return most + Math.log(sum)
}

/** Divides positive and multiplies negative logits of the tokens that stand in `seen`; in place, each token once. */
export function penalise(logits: Float32Array, seen: Iterable<number>, penalty: number): void {
  for (const token of new Set(seen)) {
    const logit = logits[token]!
    logits[token] = logit > 0 ? logit / penalty : logit * penalty
  }
}

/** So many are kept in order one by one; of more, all values are sorted. */
const few = 64

/** Indices of the `count` largest, in the order of `values`; of equal ones the first. `sorted`: the values, largest first. */
function within(values: Float32Array, sorted: Float32Array, count: number): number[] {
  const least = sorted[count - 1]!
  const above: number[] = []
  const equal: number[] = []
  for (let i = 0; i < values.length; i++)
    if (values[i]! > least) above.push(i)
    else if (values[i] === least) equal.push(i)
  return [...above, ...equal.slice(0, count - above.length)]
}

const descending = (values: Float32Array): Float32Array => values.slice().sort().reverse()

/** Indices of the `count` largest, best first; of equal ones the first. */
export function largest(values: Float32Array, count: number): number[] {
  if (count > few)
    return within(values, descending(values), Math.min(count, values.length)).sort(
      (a, b) => values[b]! - values[a]! || a - b,
    )
  const kept: number[] = []
  for (let i = 0; i < values.length; i++) {
    if (kept.length === count && !(values[i]! > values[kept.at(-1)!]!)) continue
    let place = kept.length
    while (place > 0 && values[i]! > values[kept[place - 1]!]!) place--
    kept.splice(place, 0, i)
    if (kept.length > count) kept.pop()
  }
  return kept
}

/** How many of the values, best first, hold the share `topP` of exp(scale * value - whole). */
function countOf(values: Iterable<number>, topP: number, scale: number, whole: number): number {
  let [mass, count] = [0, 0]
  for (const value of values) {
    mass += Math.exp(value * scale - whole)
    count++
    if (mass >= topP) return count
  }
  return Number.POSITIVE_INFINITY
}

/** The fewest of the `topK` largest that hold `topP` of their mass. */
function nucleus(logits: Float32Array, scale: number, topP: number, topK: number): number[] {
  // Most steps are decided by a few tokens: look there before sorting the vocabulary.
  const head = largest(logits, Math.min(few, topK))
  const heights = Float32Array.from(head, (i) => logits[i]!)
  if (topK <= head.length) return head.slice(0, countOf(heights, topP, scale, logSumExp(heights, scale)))
  if (topK === logits.length) {
    const count = countOf(heights, topP, scale, logSumExp(logits, scale))
    if (count <= head.length) return head.slice(0, count)
  }
  const sorted = descending(logits).subarray(0, topK)
  return within(logits, sorted, Math.min(countOf(sorted, topP, scale, logSumExp(sorted, scale)), topK))
}

/** Draws index i with probability `probabilities[i]`; they sum to 1 but for rounding. */
export function draw(probabilities: Float32Array, random: Random): number {
  let rest = random.uniform()
  for (let i = 0; i < probabilities.length; i++) if ((rest -= probabilities[i]!) < 0) return i
  return argmax(probabilities)
}

/** softmax(scale * logits) */
function softmax(logits: Float32Array, scale: number): Float32Array {
  const whole = logSumExp(logits, scale)
  return logits.map((logit) => Math.exp(logit * scale - whole))
}

/** Draws a token by top-k and top-p. `logits` have the penalty applied already. */
export function sample(logits: Float32Array, options: SamplingOptions, random: Random): number {
  if (options.temperature === 0) return argmax(logits)
  const scale = 1 / options.temperature
  const topK = Math.min(options.topK || logits.length, logits.length)
  const topP = options.topP ?? 1
  // Where nothing is cut nothing has to be put in order.
  if (topP >= 1 && topK === logits.length) return draw(softmax(logits, scale), random)
  const candidates = topP < 1 ? nucleus(logits, scale, topP, topK) : largest(logits, topK)
  const chosen = Float32Array.from(candidates, (i) => logits[i]!)
  return candidates[draw(softmax(chosen, scale), random)]!
}
