/** Simulated labels of people and of a judge, by which the tests and the bench state how often PPI intervals cover. */
import { createRandom, type Random } from '../random.ts'
import { type PpiData, type PpiEstimate, ppiMean } from './ppi.ts'
import { ppiBradleyTerry } from './ppi-preference.ts'

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
  return covered(runs, share, () => judged(random, n, others, share, accuracy))
}

/** Scores on a scale, standard normal, and a judge who gives them with so much noise. */
export function scaleCoverage(runs: number, seed: number, n: number, others: number, noise: number) {
  const random = createRandom(seed)
  const draw = () => {
    const truth = random.normal()
    return [truth, truth + noise * random.normal()] as const
  }
  return covered(runs, 0, () => {
    const pairs = Array.from({ length: n }, draw)
    return {
      human: Float64Array.from(pairs, ([truth]) => truth),
      judge: Float64Array.from(pairs, ([, verdict]) => verdict),
      others: Float64Array.from({ length: others }, () => draw()[1]),
    }
  })
}

/** Share of intervals that hold the truth, with the judge and of people alone, and the width of the first by that of the second. */
function covered(runs: number, truth: number, draw: () => PpiData) {
  let [inside, aloneInside, width, aloneWidth] = [0, 0, 0, 0]
  for (let run = 0; run < runs; run++) {
    const { low, high, humanOnly: alone } = ppiMean(draw()) as PpiEstimate
    if (low <= truth && truth <= high) inside++
    if (alone.low <= truth && truth <= alone.high) aloneInside++
    width += high - low
    aloneWidth += alone.high - alone.low
  }
  return { inside: inside / runs, aloneInside: aloneInside / runs, width: width / aloneWidth }
}

const theta = [0.6, 0.2, -0.2, -0.6]

/** Votes between four models of known scores; the judge repeats the person's vote with chance `accuracy`, else votes at random. */
function votes(random: Random, count: number, accuracy: number) {
  const left = new Int32Array(count)
  const right = new Int32Array(count)
  const human = new Float64Array(count)
  const judge = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    left[i] = random.integer(4)
    right[i] = (left[i]! + 1 + random.integer(3)) % 4
    human[i] = random.next() < 1 / (1 + Math.exp(theta[right[i]!]! - theta[left[i]!]!)) ? 1 : 0
    judge[i] = random.next() < accuracy ? human[i]! : random.integer(2)
  }
  return { left, right, human, judge }
}

/** Share of intervals of scores that hold the true one, and their standard error beside that of the people alone. */
export function scoreCoverage(runs: number, seed: number, n: number, others: number, accuracy: number) {
  const random = createRandom(seed)
  const none = { left: new Int32Array(0), right: new Int32Array(0), judge: new Float64Array(0) }
  let [inside, all, width, plain] = [0, 0, 0, 0]
  for (let run = 0; run < runs; run++) {
    const labelled = votes(random, n, accuracy)
    const got = ppiBradleyTerry(4, labelled, votes(random, others, accuracy))
    const alone = ppiBradleyTerry(4, labelled, none)
    if ('undefined' in got || 'undefined' in alone) continue
    for (const [k, { low, high, se }] of got.scores.entries()) {
      all++
      if (low <= theta[k]! && theta[k]! <= high) inside++
      width += se
      plain += alone.scores[k]!.se
    }
  }
  return { inside: inside / all, width: width / plain }
}
