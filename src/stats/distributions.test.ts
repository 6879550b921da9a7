import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  betaCdf,
  betaQuantile,
  binomialCdf,
  binomialUpper,
  chiSquareCdf,
  chiSquareUpper,
  digamma,
  logBeta,
  logGamma,
  normalCdf,
  normalQuantile,
  tCdf,
  tQuantile,
} from './distributions.ts'

/** Figures of SciPy 1.x, to 12 significant digits. */
const scipy: [string, number, number][] = [
  ['normalCdf(1.96)', normalCdf(1.96), 0.9750021048517795],
  ['normalCdf(-10)', normalCdf(-10), 7.61985302416047e-24],
  ['normalCdf(-37.5)', normalCdf(-37.5), 4.605353009581954e-308],
  ['normalQuantile(0.975)', normalQuantile(0.975), 1.959963984540054],
  ['normalQuantile(1e-300)', normalQuantile(1e-300), -37.0470962993612],
  ['tQuantile(0.975, 11)', tQuantile(0.975, 11), 2.200985160091639],
  ['tQuantile(0.975, 1)', tQuantile(0.975, 1), 12.706204736174694],
  ['tQuantile(1e-12, 1)', tQuantile(1e-12, 1), -318309886183.7907],
  ['tQuantile(1e-10, 3)', tQuantile(1e-10, 3), -2225.769284683093],
  ['tQuantile(0.975, 0.5)', tQuantile(0.975, 0.5), 164.55767348048818],
  ['chiSquareCdf(3.84.., 1)', chiSquareCdf(3.841458820694124, 1), 0.95],
  ['betaCdf(0.5, 2, 3)', betaCdf(0.5, 2, 3), 0.6875],
  ['betaQuantile(0.025, 5, 20)', betaQuantile(0.025, 5, 20), 0.07131861719805496],
  ['betaQuantile(1e-8, 0.5, 0.5)', betaQuantile(1e-8, 0.5, 0.5), 2.4674011002723397e-16],
  ['betaQuantile(0.01, 0.01, 5)', betaQuantile(0.01, 0.01, 5), 1.2539904511227886e-201],
  ['logGamma(0.5)', logGamma(0.5), 0.5723649429247],
  ['logGamma(10.5)', logGamma(10.5), 13.940625219403763],
  ['logGamma(1e6)', logGamma(1e6), 12815504.569147611],
  ['digamma(1)', digamma(1), -0.5772156649015329],
  ['digamma(0.1)', digamma(0.1), -10.423754940411076],
  ['digamma(100)', digamma(100), 4.600161852738088],
  ['binomialUpper(60, 100, 0.5)', binomialUpper(60, 100, 0.5), 0.028443966820490444],
  ['binomialCdf(40, 100, 0.5)', binomialCdf(40, 100, 0.5), 0.028443966820490444],
]

describe('distribution functions', () => {
  it.each(scipy)('%s', (_, got, want) => expect(Math.abs(got / want - 1)).toBeLessThan(2e-12))

  it('stays accurate for large shapes', () => {
    expect(betaCdf(0.5, 1e6, 1e6)).toBeCloseTo(0.5, 9)
    expect(betaQuantile(0.3, 1e6, 2e6)).toBeCloseTo(0.33319058273526214, 11)
    expect(tQuantile(0.975, 1e7)).toBeCloseTo(1.959964221767205, 9)
  })

  it('passes on what is not a number, at once', () => {
    for (const got of [
      betaCdf(Number.NaN, 1, 1),
      betaQuantile(0.5, Number.NaN, 1),
      normalCdf(Number.NaN),
      tQuantile(0.5, Number.NaN),
    ])
      expect(got).toBeNaN()
  })

  it('inverts itself', () => {
    const probability = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true })
    const shape = fc.double({ min: 0.05, max: 500, noNaN: true })
    fc.assert(
      fc.property(probability, shape, shape, (p, a, b) => {
        expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 12)
        expect(tCdf(tQuantile(p, 1 + a), 1 + a)).toBeCloseTo(p, 10)
        const x = betaQuantile(p, a, b)
        // Where the density has piled up at an end, neighbouring doubles are further apart in probability than p.
        if (x > 1e-300 && x < 1 - 1e-9) expect(betaCdf(x, a, b)).toBeCloseTo(p, 6)
        expect(betaCdf(0.3, a, b) + betaCdf(0.7, b, a)).toBeCloseTo(1, 11)
        expect(logBeta(a, b)).toBeCloseTo(logBeta(b, a), 10)
        expect(chiSquareCdf(a, b) + chiSquareUpper(a, b)).toBeCloseTo(1, 11)
      }),
      { numRuns: 200 },
    )
  })
})
