import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { coverage, judged, scoreCoverage } from './fixture.ts'
import { type PpiEstimate, ppiMean, type StratifiedPpi, stratifiedPpiMean } from './ppi.ts'
import { type PpiScores, ppiBradleyTerry } from './ppi-preference.ts'

describe('prediction-powered inference', () => {
  it.each([
    ['good', 0.9, 0.75],
    ['useless', 0.5, 1.01],
    ['perverse', 0.2, 1.01],
  ])('covers with a %s judge, and is never wider than people alone by more than rounding', (_, accuracy, widest) => {
    const { inside, width } = coverage(2500, 5, 60, 800, 0.4, accuracy)
    expect(Math.abs(inside - 0.95)).toBeLessThan(0.015)
    expect(width).toBeLessThan(widest)
  })

  it('is the mean of the people where there is no other label, and the same for any order', () => {
    const data = judged(createRandom(1), 40, 0, 0.5, 0.8)
    const alone = ppiMean(data) as PpiEstimate
    expect(alone).toMatchObject({ ...alone.humanOnly, lambda: 0 })
    const full = judged(createRandom(2), 40, 200, 0.5, 0.8)
    const turned = {
      human: full.human.slice().reverse(),
      judge: full.judge.slice().reverse(),
      others: full.others.slice().reverse(),
    }
    expect((ppiMean(turned) as PpiEstimate).estimate).toBeCloseTo((ppiMean(full) as PpiEstimate).estimate, 12)
  })

  it.each([
    [20, 0.95],
    [20, 0.98],
    [50, 0.95],
    [100, 0.98],
  ])('covers a rate that %d labels hardly see the other side of: %d', (n, share) => {
    const { inside, aloneInside } = coverage(1000, 23, n, 400, share, 0.9)
    expect(Math.min(inside, aloneInside)).toBeGreaterThan(0.935)
  })

  it('is not sure of a rate for which all people said the same', () => {
    const human = new Float64Array(10).fill(1)
    const data = { human, judge: human, others: Float64Array.of(1, 1, 0) }
    const { low, high, humanOnly } = ppiMean(data) as PpiEstimate
    // 11 of 12, t with 9 degrees of freedom: 0.9167 - 2.2622 * sqrt(0.9167 * 0.0833 / 11)
    expect(humanOnly).toEqual({ estimate: expect.closeTo(11 / 12), low: expect.closeTo(0.7282, 4), high: 1 })
    expect(low).toBeLessThan(0.8)
    expect(high).toBe(1)
  })

  it('refuses a scale of which people used one step only', () => {
    const human = new Float64Array(10).fill(4)
    expect(ppiMean({ human, judge: Float64Array.from({ length: 10 }, (_, i) => 3 + (i % 3)), others: human })).toEqual({
      undefined: 'every human label of stratum 1 is the same: their spread cannot be estimated',
    })
  })

  it('weights strata by their items and covers', () => {
    const random = createRandom(7)
    let inside = 0
    for (let run = 0; run < 1000; run++) {
      const strata = [judged(random, 40, 560, 0.2, 0.95), judged(random, 40, 160, 0.7, 0.7)]
      const { low, high } = stratifiedPpiMean(strata) as StratifiedPpi
      const truth = 0.75 * 0.2 + 0.25 * 0.7
      if (low <= truth && truth <= high) inside++
    }
    expect(inside / 1000).toBeGreaterThan(0.93)
    expect(inside / 1000).toBeLessThan(0.97)
  })

  it('says how many labels are missing', () => {
    const data = { human: Float64Array.of(1, 0), judge: Float64Array.of(1, 0), others: new Float64Array(9) }
    expect(ppiMean(data)).toEqual({ undefined: 'stratum 1 has 2 human labels; at least 10 are needed' })
  })
})

describe('prediction-powered Bradley-Terry', () => {
  it.each([
    ['good', 0.9, 0.75],
    ['useless', 0, 1.03],
  ])('covers with a %s judge', (_, accuracy, widest) => {
    const { inside, width } = scoreCoverage(250, 3, 120, 1500, accuracy)
    expect(Math.abs(inside - 0.95)).toBeLessThan(0.025)
    expect(width).toBeLessThan(widest)
  })

  it('is Bradley-Terry where only people compared, and says what cannot be scored', () => {
    const labelled = {
      left: Int32Array.from({ length: 12 }, () => 0),
      right: Int32Array.from({ length: 12 }, () => 1),
      human: Float64Array.from({ length: 12 }, (_, i) => (i % 4 === 0 ? 0 : 1)),
      judge: new Float64Array(12),
    }
    const none = { left: new Int32Array(0), right: new Int32Array(0), judge: new Float64Array(0) }
    const { scores } = ppiBradleyTerry(2, labelled, none) as PpiScores
    expect(scores[0]!.score - scores[1]!.score).toBeCloseTo(Math.log(3), 8)
    expect(ppiBradleyTerry(3, labelled, none)).toEqual({ undefined: 'the human comparisons do not connect all models' })
    expect(ppiBradleyTerry(2, { ...labelled, human: new Float64Array(12).fill(1) }, none)).toHaveProperty('undefined')
  })
})
