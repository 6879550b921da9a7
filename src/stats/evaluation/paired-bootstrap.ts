/**
 * Two models on the same prompts: difference of their mean scores, by the paired bootstrap (Efron and Tibshirani 1993, chapter
 * 16; Koehn 2004 for systems of language). Prompts are drawn, not judgements, so that several judgements of one prompt stay
 * together. Interval: percentiles. p: two-sided, by flipping the sign of each prompt's difference (exact for a null in which the
 * models are interchangeable on every prompt).
 *
 * Worked example: scores 1 1 0 1 of one model, 0 1 0 0 of the other: difference 0.5; signs of two prompts can flip, so that
 * the exact p is 2/4 = 0.5, of which random flips come near.
 */
import { createRandom } from '../random.ts'
import { drawTimes, permutationP, summarise } from '../resampling.ts'

export interface PairedDifference {
  /** Mean of the first less mean of the second. */
  difference: number
  se: number
  low: number
  high: number
  p: number
  /** Clusters: prompts. */
  n: number
  resamples: number
}

export interface PairedOptions {
  seed: number
  resamples?: number
  confidence?: number
  /** Number of the prompt of each pair of scores, from 0; each pair is its own prompt where not given. */
  cluster?: Int32Array
}

/** Yields the share that is done; returns the difference. */
export function* pairedBootstrap(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  { seed, resamples = 2000, confidence = 0.95, cluster }: PairedOptions,
): Generator<number, PairedDifference | { undefined: string }> {
  const sums = new Map<number, { sum: number; n: number }>()
  for (let i = 0; i < first.length; i++) {
    const key = cluster ? cluster[i]! : i
    const own = sums.get(key) ?? { sum: 0, n: 0 }
    own.sum += first[i]! - second[i]!
    own.n++
    sums.set(key, own)
  }
  const prompts = [...sums.values()]
  if (prompts.length < 2) return { undefined: `${prompts.length} prompts; an interval needs several` }
  const mean = (times?: Float64Array) => {
    let sum = 0
    let n = 0
    for (const [at, own] of prompts.entries()) {
      const weight = times ? times[at]! : 1
      sum += weight * own.sum
      n += weight * own.n
    }
    return sum / n
  }
  const difference = mean()
  const random = createRandom(seed)
  const drawn: number[] = []
  const flipped: number[] = []
  const every = Math.max(1, Math.floor(resamples / 100))
  for (let b = 0; b < resamples; b++) {
    drawn.push(mean(drawTimes(prompts.length, random)))
    let sum = 0
    for (const own of prompts) sum += random.next() < 0.5 ? own.sum : -own.sum
    flipped.push(Math.abs(sum) / first.length)
    if ((b + 1) % every === 0) yield (b + 1) / resamples
  }
  return {
    difference,
    ...summarise(drawn, confidence),
    p: permutationP(Math.abs(difference), flipped),
    n: prompts.length,
    resamples,
  }
}
