import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bradleyTerry } from './bradley-terry.ts'
import { tieModels, times, votesOf } from './fixture.ts'
import { pairLikelihood, type TieModel } from './tie-models.ts'

describe('tie models', () => {
  it.each(tieModels)('%s: derivatives agree with finite differences', (model) => {
    const f = pairLikelihood[model]
    fc.assert(
      fc.property(
        fc.double({ min: -4, max: 4, noNaN: true }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (d, eta) => {
          const [, inD, inEta, dd, dEta, etaEta] = f(3, 2, 4, d, eta)
          const h = 1e-5
          const up = f(3, 2, 4, d + h, eta)
          const down = f(3, 2, 4, d - h, eta)
          const more = f(3, 2, 4, d, eta + h)
          const less = f(3, 2, 4, d, eta - h)
          const slope = (a: number, b: number) => (a - b) / (2 * h)
          const scale = 1 + Math.abs(etaEta)
          expect(Math.abs(slope(up[0], down[0]) - inD)).toBeLessThan(1e-6)
          expect(Math.abs(slope(more[0], less[0]) - inEta)).toBeLessThan(1e-5 * scale)
          expect(Math.abs(slope(up[1], down[1]) - dd)).toBeLessThan(1e-6)
          expect(Math.abs(slope(more[1], less[1]) - dEta)).toBeLessThan(1e-6)
          expect(Math.abs(slope(more[2], less[2]) - etaEta)).toBeLessThan(1e-5 * scale)
        },
      ),
    )
  })
  it('closed forms for two items: 6 wins, 2 losses, 4 ties', () => {
    const votes = votesOf(2, [...times(6, [0, 1, 0]), ...times(2, [0, 1, 1]), ...times(4, [1, 0, 2])])
    const difference = (ties: TieModel) => {
      const { score } = bradleyTerry(votes, { ties })
      return score[0]! - score[1]!
    }
    expect(difference('davidson')).toBeCloseTo(Math.log(3), 10)
    expect(difference('rao-kupper')).toBeCloseTo(Math.log(5) / 2, 10)
    expect(difference('half')).toBeCloseTo(Math.log(2), 10)
  })
})
