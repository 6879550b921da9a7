import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { benjaminiHochberg, testShare, wilson } from './share.ts'

describe('shares', () => {
  it('gives the exact test and intervals of the worked example', () => {
    const { low, high, p } = testShare(60, 100)
    expect(p).toBeCloseTo(0.05688793, 8)
    expect(low).toBeCloseTo(0.4972092, 7)
    expect(high).toBeCloseTo(0.6967052, 7)
    expect(wilson(0.6, 100)[0]).toBeCloseTo(0.5020026, 7)
    expect(wilson(0.6, 100)[1]).toBeCloseTo(0.6905987, 7)
  })

  it('refuses a half exactly where the interval leaves it out, whichever side is counted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(400), (n, k) => {
        const hits = Math.min(k, n)
        const test = testShare(hits, n)
        expect(test.p < 0.05).toBe(test.low > 0.5 || test.high < 0.5)
        const mirrored = testShare(n - hits, n)
        expect(mirrored.p).toBeCloseTo(test.p, 10)
        expect(mirrored.low).toBeCloseTo(1 - test.high, 9)
      }),
    )
  })

  it('never raises more false alarms than it says, for any number of trials (exact sum)', () => {
    for (const n of [1, 5, 10, 37, 200]) {
      let alarms = 0
      let chance = 2 ** -n
      for (let k = 0; k <= n; k++) {
        if (testShare(k, n).p < 0.05) alarms += chance
        chance *= (n - k) / (k + 1)
      }
      expect(alarms).toBeLessThanOrEqual(0.05)
    }
  })

  it('adjusts p as R does', () => {
    expect(benjaminiHochberg([0.01, 0.04, 0.03, 0.5]).map((p) => +p.toFixed(6))).toEqual([
      0.04, 0.053333, 0.053333, 0.5,
    ])
    expect(benjaminiHochberg([])).toEqual([])
  })
})
