import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binned } from './bins.ts'

describe('bins', () => {
  it('count every finite value once, in touching bins over the whole range', () => {
    fc.assert(
      fc.property(fc.array(fc.float()), fc.integer({ min: 1, max: 50 }), (values, bins) => {
        const finite = values.filter(Number.isFinite)
        const all = binned(values, bins)
        expect(all.reduce((sum, bin) => sum + bin.count, 0)).toBe(finite.length)
        for (let index = 1; index < all.length; index++) expect(all[index]!.from).toBeCloseTo(all[index - 1]!.to)
      }),
    )
  })
  it('put the largest value into the last', () => {
    expect(binned([0, 1, 2, 3, 4], 2)).toEqual([
      { from: 0, to: 2, count: 2 },
      { from: 2, to: 4, count: 3 },
    ])
  })
  it('give equal values one bin, and none to nothing', () => {
    expect(binned([3, 3], 20)).toEqual([{ from: 2.5, to: 3.5, count: 2 }])
    expect(binned([Number.NaN], 20)).toEqual([])
  })
  it('take a hundred thousand values', () => {
    expect(
      binned(
        Array.from({ length: 200_000 }, (_, index) => index),
        10,
      ).map((bin) => bin.count),
    ).toEqual(Array(10).fill(20_000))
  })
})
