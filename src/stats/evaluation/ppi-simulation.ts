/** Simulated labels of people and of a judge, by which the tests and the bench state how often PPI intervals cover. */
import { createRandom, type Random } from '../random.ts'
import { type PpiData, type PpiEstimate, ppiMean } from './ppi.ts'

/** Labels with a judge that agrees with `accuracy` of them. */
export function judged(random: Random, n: number, others: number, share: number, accuracy: number): PpiData {
  const draw = () => {
    const truth = random.next() < share ? 1 : 0
    return [truth, random.next() < accuracy ? truth : 1 - truth] as const
  }
  const pairs = Array.from({ length: n }, draw)
  return {
    human: Float64Array.from(pairs, ([truth]) => truth),
    judge: Float64Array.from(pairs, ([, verdict]) => verdict),
    others: Float64Array.from({ length: others }, () => draw()[1]),
  }
}

export function coverage(runs: number, seed: number, n: number, others: number, share: number, accuracy: number) {
  const random = createRandom(seed)
  let inside = 0
  let width = 0
  let humanWidth = 0
  for (let run = 0; run < runs; run++) {
    const { low, high, humanOnly } = ppiMean(judged(random, n, others, share, accuracy)) as PpiEstimate
    if (low <= share && share <= high) inside++
    width += high - low
    humanWidth += humanOnly.high - humanOnly.low
  }
  return { inside: inside / runs, width: width / humanWidth }
}
