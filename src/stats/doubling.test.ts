import { describe, expect, it } from 'vitest'
import { featureBias } from './bias/features.ts'
import { mantelHaenszel } from './bias/mantel-haenszel.ts'
import { raterSeverity } from './bias/severity.ts'
import { lengthControlledWinRate } from './evaluation/length-controlled.ts'
import { ppiMean } from './evaluation/ppi.ts'
import { ppiBradleyTerry } from './evaluation/ppi-preference.ts'
import { winRate } from './evaluation/win-rate.ts'
import { createRandom } from './random.ts'

const rows = 400
const random = createRandom(21)
const codes = (below: number) => Array.from({ length: rows }, () => random.integer(below))
const [score, left, stratum, rater] = [codes(2), codes(3), codes(10), codes(5)] as const
const judge = score.map((own) => (random.next() < 0.8 ? own : 1 - own))
const difference = score.map((own) => random.normal() + 0.5 * own)
const value = codes(5)

/** Each method's standard error (or the width of its interval on the scale where it is one) on data repeated `times` times. */
const methods: Record<string, (times: number) => number> = {
  'win rate': (times) => field(winRate({ wins: 60 * times, losses: 30 * times, ties: 10 * times }), 'se'),
  'length control': (times) =>
    field(lengthControlledWinRate(repeat(score, times), floats(difference, times)), 'lengthEffectSe'),
  ppi: (times) =>
    field(ppiMean({ human: floats(score, times), judge: floats(judge, times), others: floats(judge, times) }), 'se'),
  'ppi scores': (times) => {
    const pairs = {
      left: ints(left, times),
      right: ints(left, times).map((own) => (own + 1) % 3),
      judge: floats(judge, times),
    }
    const found = ppiBradleyTerry(3, { ...pairs, human: floats(score, times) }, pairs)
    return 'undefined' in found ? Number.NaN : found.scores[0]!.se
  },
  'feature slope': (times) =>
    field(
      featureBias({
        worker: new Int32Array(rows * times),
        workers: 1,
        choseLeft: repeat(score, times),
        difference: floats(difference, times),
      }),
      'se',
    ),
  severity: (times) => {
    const item = Int32Array.from({ length: rows * times }, (_, r) => Math.floor(r / 4))
    const found = raterSeverity({
      items: (rows / 4) * times,
      raters: 12,
      item,
      rater: Int32Array.from(item, (i, r) => ((i % (rows / 4)) + (r % 4)) % 12),
      value: floats(value, times),
    })
    return 'undefined' in found ? Number.NaN : field(found.raters[0]!, 'se')
  },
  'Mantel-Haenszel': (times) => {
    const strata = Int32Array.from({ length: rows * times }, (_, r) => stratum[r % rows]! + 10 * Math.floor(r / rows))
    const found = mantelHaenszel(
      repeat(rater, times).map((own) => own % 2),
      repeat(score, times),
      strata,
    )
    return 'undefined' in found ? Number.NaN : Math.log(found.high / found.low)
  },
}

const repeat = (values: readonly number[], times: number) => Array.from({ length: times }, () => values).flat()
const floats = (values: readonly number[], times: number) => Float64Array.from(repeat(values, times))
const ints = (values: readonly number[], times: number) => Int32Array.from(repeat(values, times))
function field(result: object, name: string): number {
  const found = Object.entries(result).find(([key]) => key === name)?.[1]
  return typeof found === 'number' ? found : Number.NaN
}

describe('standard errors', () => {
  it.each(Object.entries(methods))('shrink by the square root of two when every item is there twice: %s', (_, of) => {
    expect(Math.abs(of(1) / of(2) / Math.SQRT2 - 1)).toBeLessThan(0.05)
  })
})
