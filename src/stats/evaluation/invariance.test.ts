import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from '../random.ts'
import { finish } from '../resampling.ts'
import { calibration } from './calibration.ts'
import { judgeAccuracy, positionConsistency } from './judge.ts'
import { lengthControlledWinRate } from './length-controlled.ts'
import { pairedBootstrap } from './paired-bootstrap.ts'
import { stratifiedPpiMean } from './ppi.ts'
import { ppiBradleyTerry } from './ppi-preference.ts'
import { clusteredWinRate } from './win-rate.ts'

const data = fc
  .record({ rows: fc.integer({ min: 1, max: 60 }), kinds: fc.integer({ min: 1, max: 3 }), seed: fc.integer() })
  .map(({ rows, kinds, seed }) => {
    const random = createRandom(seed)
    const draw = (values: readonly number[]) =>
      Float64Array.from({ length: rows }, () => values[random.integer(Math.min(kinds, values.length))]!)
    return {
      score: draw([1, 0, 0.5]),
      judge: draw([0, 1, 0.5]),
      probability: Float64Array.from({ length: rows }, () => Math.round(random.next() * 10) / 10),
      outcome: draw([0, 1]),
      difference: Float64Array.from({ length: rows }, () => random.integer(4) * (kinds - 1)),
      cluster: Int32Array.from({ length: rows }, () => random.integer(1 + rows / 3)),
      left: Int32Array.from({ length: rows }, () => random.integer(3)),
    }
  })
type Data = typeof data extends fc.Arbitrary<infer T> ? T : never

const models = ({ left }: Data) => ({ left, right: left.map((own) => (own + 1) % 3) })
const methods: Record<string, (own: Data) => unknown> = {
  'win rate': ({ score, cluster }) => clusteredWinRate(score, cluster),
  'length control': ({ score, difference, cluster }) => lengthControlledWinRate(score, difference, cluster),
  'paired bootstrap': ({ score, judge, cluster }) => {
    const found = finish(pairedBootstrap(score, judge, { seed: 1, resamples: 20, cluster }))
    return 'undefined' in found ? found : { difference: found.difference, n: found.n }
  },
  calibration: ({ probability, outcome }) => calibration(probability, outcome, 5),
  ppi: ({ score, judge }) => stratifiedPpiMean([{ human: score, judge, others: judge }]),
  'ppi scores': (own) =>
    ppiBradleyTerry(3, { ...models(own), human: own.score, judge: own.judge }, { ...models(own), judge: own.judge }),
  judge: ({ outcome, judge }) => judgeAccuracy(outcome, judge.map(Math.round), judge.map(Math.round)),
  consistency: ({ score, judge }) =>
    positionConsistency(
      score.map((own) => 2 * own - 1),
      judge.map((own) => 2 * own - 1),
    ),
}

/** Every number in a result, in order, and every reason. */
function leaves(value: unknown): (number | string)[] {
  if (typeof value === 'number' || typeof value === 'string') return [value]
  return value && typeof value === 'object' ? Object.values(value).flatMap(leaves) : []
}

describe.each(Object.entries(methods))('%s', (_, method) => {
  it('gives numbers or reasons, never NaN, and the same for any order of the rows', () => {
    fc.assert(
      fc.property(data, fc.integer(), (own, seed) => {
        const before = leaves(method(own))
        for (const leaf of before)
          if (typeof leaf === 'number') expect(Number.isFinite(leaf)).toBe(true)
          else expect(leaf).toMatch(/\w/)
        const order = shuffle([...own.score.keys()], createRandom(seed))
        const moved = { ...own }
        for (const key of ['score', 'judge', 'probability', 'outcome', 'difference'] as const)
          moved[key] = Float64Array.from(order, (r) => own[key][r]!)
        for (const key of ['cluster', 'left'] as const) moved[key] = Int32Array.from(order, (r) => own[key][r]!)
        const after = leaves(method(moved))
        expect(after).toHaveLength(before.length)
        for (const [at, leaf] of before.entries())
          if (typeof leaf === 'number') expect(after[at]).toBeCloseTo(leaf, 6)
          else expect(after[at]).toBe(leaf)
      }),
      { numRuns: 200 },
    )
  })
})
