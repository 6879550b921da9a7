import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from '../random.ts'
import { agreement, coefficientNames } from './agreement.ts'
import { type Distance, distanceMatrix, metricNames, weightNames } from './distances.ts'
import { type Estimate, isUndefined, type Undefined } from './estimate.ts'
import { type Ratings, ratingsFromGrid, ratingsFromLong } from './ratings.ts'

const names = coefficientNames.filter((name) => name !== 'cohen' && name !== 'scott')
const cell = fc.constantFrom('', '1', '2', '3', '4')
const grids = fc
  .integer({ min: 2, max: 5 })
  .chain((raters) =>
    fc.array(fc.array(cell, { minLength: raters, maxLength: raters }), { minLength: 3, maxLength: 14 }),
  )
const distances = fc.oneof(
  fc.constantFrom(...weightNames).map((weights) => ({ weights })),
  fc.constantFrom(...metricNames).map((metric) => ({ metric })),
)

function expectSame(a: Estimate | Undefined, b: Estimate | Undefined) {
  if (isUndefined(a) || isUndefined(b)) {
    expect(a).toEqual(b)
    return
  }
  for (const key of ['estimate', 'se', 'low', 'high', 'items'] as const) expect(a[key]).toBeCloseTo(b[key], 9)
}

function perfect(raters: number, items = 40): Ratings {
  return ratingsFromGrid(Array.from({ length: items }, (_, i) => Array(raters).fill(String(1 + (i % 4)))))
}

describe('agreement coefficients', () => {
  it('do not change with the order of items and raters, nor with the names of unordered categories', () => {
    fc.assert(
      fc.property(grids, distances, fc.integer(), (cells, scale, seed) => {
        const random = createRandom(seed)
        const before = agreement(ratingsFromGrid(cells), names, scale)
        const order = shuffle([...cells[0]!.keys()], random)
        const moved = shuffle([...cells], random).map((row) => order.map((g) => row[g]!))
        const after = agreement(ratingsFromGrid(moved), names, scale)
        for (const name of names) expectSame(before[name], after[name])
        if ('weights' in scale && scale.weights !== 'identity') return
        if ('metric' in scale && scale.metric !== 'nominal') return
        const renamed = cells.map((row) => row.map((label) => (label === '' ? '' : `c${5 - Number(label)}`)))
        const other = agreement(ratingsFromGrid(renamed), names, scale)
        for (const name of names) expectSame(before[name], other[name])
      }),
      { numRuns: 150 },
    )
  })

  it('are never NaN: a number or a reason', () => {
    fc.assert(
      fc.property(grids, distances, (cells, scale) => {
        for (const result of Object.values(agreement(ratingsFromGrid(cells), names, scale))) {
          if (isUndefined(result)) expect(result.undefined).toMatch(/\w/)
          else for (const value of Object.values(result)) expect(Number.isFinite(value)).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('have a standard error that shrinks by the square root of two when every item is doubled', () => {
    const random = createRandom(5)
    const cells = Array.from({ length: 120 }, () => {
      const truth = random.integer(4)
      return [0, 1, 2, 3].map(() => {
        if (random.next() < 0.15) return ''
        return String(1 + (random.next() < 0.7 ? truth : random.integer(4)))
      })
    })
    for (const scale of [
      ...weightNames.map((weights) => ({ weights })),
      { metric: 'interval' as const },
      { metric: 'ratio' as const },
    ]) {
      const once = agreement(ratingsFromGrid(cells), names, scale)
      const twice = agreement(ratingsFromGrid([...cells, ...cells]), names, scale)
      for (const name of names) {
        const ratio = (once[name] as Estimate).se / (twice[name] as Estimate).se
        expect(Math.abs(ratio / Math.SQRT2 - 1), `${name} ${JSON.stringify(scale)}`).toBeLessThan(0.05)
      }
    }
  })

  it('are 1 for a perfect crowd and about 0 for a random one', () => {
    const random = createRandom(9)
    const noise = ratingsFromGrid(
      Array.from({ length: 4000 }, () => [0, 1, 2].map(() => String(1 + random.integer(4)))),
    )
    for (const weights of weightNames)
      for (const name of names) {
        expect((agreement(perfect(3), [name], { weights })[name] as Estimate).estimate).toBeCloseTo(1, 12)
        if (name !== 'percent')
          expect(Math.abs((agreement(noise, [name], { weights })[name] as Estimate).estimate)).toBeLessThan(0.04)
      }
  })

  it('cover the truth: intervals of alpha and AC1 hold the value of a large population about 95 times in 100', () => {
    const random = createRandom(11)
    const draw = (items: number) =>
      ratingsFromGrid(
        Array.from({ length: items }, () => {
          const truth = random.next() < 0.6 ? 0 : 1 + random.integer(2)
          return [0, 1, 2].map(() => String(random.next() < 0.8 ? truth : random.integer(3)))
        }),
      )
    const population = agreement(draw(200_000), ['krippendorff', 'gwet'])
    const inside = { krippendorff: 0, gwet: 0 }
    const runs = 600
    for (let run = 0; run < runs; run++) {
      const sample = agreement(draw(80), ['krippendorff', 'gwet'])
      for (const name of ['krippendorff', 'gwet'] as const) {
        const { low, high } = sample[name] as Estimate
        const { estimate } = population[name] as Estimate
        if (low <= estimate && estimate <= high) inside[name]++
      }
    }
    for (const hits of Object.values(inside)) {
      expect(hits / runs).toBeGreaterThan(0.92)
      expect(hits / runs).toBeLessThan(0.98)
    }
  })

  it('agree with the plain double sum of alpha over all pairs, for any distance', () => {
    fc.assert(
      fc.property(grids, fc.integer(), (cells, seed) => {
        const random = createRandom(seed)
        const between = [...Array(16)].map(() => random.next())
        const ratings = ratingsFromGrid(cells)
        const q = ratings.categories.length
        const distance: Distance = distanceMatrix(q, (k, l) => between[Math.max(k, l) * 4 + Math.min(k, l)]!)
        const d = (k: number, l: number) => (distance.form === 'matrix' ? distance.matrix[k * q + l]! : 0)
        const units = cells
          .map((row) => row.filter((label) => label !== '').map((label) => ratings.categories.indexOf(label)))
          .filter((row) => row.length >= 2)
        const all = units.flat()
        let observed = 0
        for (const unit of units)
          for (const a of unit) for (const b of unit) observed += d(a, b) / (unit.length - 1) / all.length
        let expected = 0
        for (const a of all) for (const b of all) expected += d(a, b) / (all.length * (all.length - 1))
        const { krippendorff } = agreement(ratings, ['krippendorff'], { metric: distance })
        if (isUndefined(krippendorff)) return
        expect(krippendorff.estimate).toBeCloseTo(1 - observed / expected, 9)
      }),
      { numRuns: 150 },
    )
  })
})

describe('degenerate ratings', () => {
  const undefinedOf = (ratings: Ratings, name: (typeof coefficientNames)[number]) => {
    const result = agreement(ratings, [name])[name]
    return isUndefined(result) ? result.undefined : JSON.stringify(result)
  }
  it('says why there is no coefficient', () => {
    const same = ratingsFromGrid([
      ['x', 'x'],
      ['x', 'x'],
    ])
    for (const name of coefficientNames)
      if (name !== 'percent') expect(undefinedOf(same, name)).toMatch(/same category/)
    expect(agreement(same, ['percent']).percent).toMatchObject({ estimate: 1, se: 0 })
    const alone = ratingsFromLong(['1', '2'], ['a', 'b'], ['x', 'y'])
    for (const name of names) expect(undefinedOf(alone, name)).toMatch(/two ratings/)
    const one = ratingsFromGrid([['x', 'y', 'x']])
    for (const name of names) expect(undefinedOf(one, name)).toMatch(/only one item/)
    expect(undefinedOf(perfect(3), 'cohen')).toMatch(/two raters/)
  })
})
