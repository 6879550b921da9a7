import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { type OneWayCorrelation, oneWayCorrelation, spearmanBrown, twoWayCorrelations } from './icc.ts'
import { type Concordance, kendallTau, kendallW, type RankCorrelation, ranksOf } from './ranks.ts'

describe('intraclass correlations', () => {
  // Shrout and Fleiss 1979, Table 2; limits as R's psych and irr print them.
  const table = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
  ]
  const both = (rows: readonly number[][]) => {
    const [one, two] = [oneWayCorrelation(rows), twoWayCorrelations(rows)]
    if ('undefined' in one || 'undefined' in two) throw new Error('both are defined')
    return [one.single, two.random, two.mixed, one.average, two.randomAverage, two.mixedAverage]
  }

  it('gives the six figures of Shrout and Fleiss with their intervals', () => {
    expect(both(table).map(({ estimate, low, high }) => [estimate, low, high].map((v) => +v.toFixed(2)))).toEqual([
      [0.17, -0.13, 0.72],
      [0.29, 0.02, 0.76],
      [0.71, 0.34, 0.95],
      [0.44, -0.88, 0.91],
      [0.62, 0.07, 0.93],
      [0.91, 0.68, 0.99],
    ])
  })

  it('keeps its values under permutation, and under a rescaling of all ratings', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        fc.double({ min: -9, max: 9, noNaN: true }),
        (by, plus) => {
          const moved = [...table].reverse().map((row) => [2, 0, 3, 1].map((g) => row[g]! * by + plus))
          const [before, after] = [both(table), both(moved)]
          for (const [at, { estimate, low, high }] of before.entries()) {
            expect(after[at]!.estimate).toBeCloseTo(estimate, 6)
            expect(after[at]!.low).toBeCloseTo(low, 6)
            expect(after[at]!.high).toBeCloseTo(high, 6)
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('takes any number of ratings an item one way, and covers', () => {
    const random = createRandom(3)
    let inside = 0
    for (let run = 0; run < 300; run++) {
      const rows = Array.from({ length: 40 }, () => {
        const level = random.normal()
        const ratings = 1 + random.integer(4)
        return Array.from({ length: 5 }, (_, g) => (g < ratings ? level + random.normal() : Number.NaN))
      })
      const { single } = oneWayCorrelation(rows) as OneWayCorrelation
      if (single.low <= 0.5 && 0.5 <= single.high) inside++
    }
    expect(inside / 300).toBeGreaterThan(0.91)
  })

  it('is 1 where raters agree to the digit, and says what is missing', () => {
    const perfect = [
      [1, 1],
      [2, 2],
      [5, 5],
      [3, Number.NaN],
    ]
    expect(twoWayCorrelations(perfect)).toMatchObject({ random: { estimate: 1, low: 1, high: 1 }, items: 3 })
    expect(oneWayCorrelation(perfect)).toMatchObject({ single: { estimate: 1, low: 1, high: 1 }, items: 3 })
    for (const none of [
      [
        [1, 1],
        [1, 1],
      ],
      [[1, Number.NaN]],
    ]) {
      expect(oneWayCorrelation(none)).toHaveProperty('undefined')
      expect(twoWayCorrelations(none)).toHaveProperty('undefined')
    }
    const levels = Array.from({ length: 5 }, () => [0.1, 0.3, 0.7])
    expect(twoWayCorrelations(levels)).toHaveProperty('undefined', expect.stringMatching(/by rater alone/))
    expect(spearmanBrown(0.5, 3)).toBe(0.75)
  })
})

describe('rankings', () => {
  it('gives the worked examples', () => {
    expect((kendallTau([1, 2, 3, 4, 5], [1, 3, 2, 4, 5]) as RankCorrelation).tau).toBeCloseTo(0.8, 12)
    expect(
      (
        kendallW([
          [1, 1, 2],
          [2, 2, 1],
          [3, 3, 3],
        ]) as Concordance
      ).w,
    ).toBeCloseTo(14 / 18, 12)
  })

  it('agrees with SciPy on ties: tau-b and its p', () => {
    // scipy.stats.kendalltau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]): -0.471404520791, 0.282745472174
    const { tau, p } = kendallTau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]) as RankCorrelation
    expect(tau).toBeCloseTo(-0.4714045207910316, 12)
    expect(p).toBeCloseTo(0.2827454599327748, 8)
  })

  it('counts pairs as the double loop does', () => {
    const values = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { minLength: 3, maxLength: 40 })
    fc.assert(
      fc.property(values, (pairs) => {
        const x = pairs.map(([a]) => a)
        const y = pairs.map(([, b]) => b)
        let [difference, usedX, usedY] = [0, 0, 0]
        for (let i = 0; i < x.length; i++)
          for (let j = 0; j < i; j++) {
            const [dx, dy] = [Math.sign(x[i]! - x[j]!), Math.sign(y[i]! - y[j]!)]
            difference += dx * dy
            usedX += dx * dx
            usedY += dy * dy
          }
        const got = kendallTau(x, y)
        if ('undefined' in got) {
          expect(usedX * usedY).toBe(0)
          return
        }
        expect(got.tau).toBeCloseTo(difference / Math.sqrt(usedX * usedY), 10)
        expect(got.low).toBeLessThanOrEqual(got.tau + 1e-12)
        expect(got.high).toBeGreaterThanOrEqual(got.tau - 1e-12)
      }),
    )
  })

  it('ranks ties by their mean, and ties W to the mean of Spearman correlations', () => {
    expect([...ranksOf([3, 1, 3, 2])]).toEqual([3.5, 1, 3.5, 2])
    const rows = [
      [1, 2, 1],
      [2, 1, 3],
      [3, 3, 2],
      [4, 4, 4],
    ]
    const { w, meanCorrelation } = kendallW(rows) as Concordance
    const pairs = [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const
    const spearman = pairs.map(
      ([g, h]) => 1 - (6 * rows.reduce((sum, row) => sum + (row[g]! - row[h]!) ** 2, 0)) / (4 * 15),
    )
    expect(meanCorrelation).toBeCloseTo((spearman[0]! + spearman[1]! + spearman[2]!) / 3, 12)
    expect(w).toBeLessThan(1)
    expect(
      kendallW([
        [1, 1],
        [1, 1],
      ]),
    ).toHaveProperty('undefined')
    expect(kendallTau([1, 1], [1, 2])).toHaveProperty('undefined')
  })
})
