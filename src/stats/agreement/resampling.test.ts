import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { finish } from '../resampling.ts'
import { type AggregateReliability, aggregateReliability } from './aggregate.ts'
import { agreement } from './agreement.ts'
import { type Bootstrap, bootstrapAgreement } from './bootstrap.ts'
import { masiDistance, weightDistance } from './distances.ts'
import type { Estimate } from './estimate.ts'
import { pairwiseAgreement } from './pairwise.ts'
import { prepare } from './prepared.ts'
import { ratingsFromGrid } from './ratings.ts'

function crowd(items: number, raters: number, right: number, seed = 1) {
  const random = createRandom(seed)
  return ratingsFromGrid(
    Array.from({ length: items }, () => {
      const truth = random.integer(3)
      return Array.from({ length: raters }, () => String(1 + (random.next() < right ? truth : random.integer(3))))
    }),
  )
}

describe('bootstrap of agreement', () => {
  const ratings = crowd(150, 5, 0.7)
  const prepared = prepare(ratings, weightDistance('identity', ratings))
  const names = ['percent', 'fleiss', 'conger', 'brennan-prediger', 'gwet', 'krippendorff'] as const

  it.each(names)('over items comes out as the analytic standard error says: %s', (name) => {
    const analytic = agreement(ratings, [name])[name] as Estimate
    const drawn = finish(bootstrapAgreement(prepared, name, { over: 'items', seed: 3, resamples: 600 })) as Bootstrap
    expect(drawn.estimate).toBeCloseTo(analytic.estimate, 12)
    expect(Math.abs(drawn.se / analytic.se - 1)).toBeLessThan(0.12)
    expect(Math.abs(drawn.low - analytic.low)).toBeLessThan(0.03)
  })

  it.each(names)('over items and raters is wider, and not moved by raters drawn twice: %s', (name) => {
    const items = finish(bootstrapAgreement(prepared, name, { over: 'items', seed: 3, resamples: 300 })) as Bootstrap
    const both = finish(
      bootstrapAgreement(prepared, name, { over: 'items and raters', seed: 3, resamples: 300 }),
    ) as Bootstrap
    expect(both.se).toBeGreaterThan(items.se)
    expect((both.low + both.high) / 2).toBeCloseTo(both.estimate, 1)
  })

  it('gives the same interval for the same seed, shows its progress, and stops when it is not asked on', () => {
    const options = { over: 'items', seed: 5, resamples: 200 } as const
    const shares: number[] = []
    const once = finish(bootstrapAgreement(prepared, 'krippendorff', options), (share) => shares.push(share))
    expect(finish(bootstrapAgreement(prepared, 'krippendorff', options))).toEqual(once)
    expect(shares).toHaveLength(100)
    expect(shares.at(-1)).toBe(1)
    const stopped = bootstrapAgreement(prepared, 'krippendorff', options)
    stopped.next()
    expect(stopped.return({ undefined: 'stopped' })).toEqual({ value: { undefined: 'stopped' }, done: true })
  })
})

describe('reliability of an aggregate', () => {
  it('follows Spearman and Brown for means of exchangeable raters', () => {
    const random = createRandom(6)
    const cells = Array.from({ length: 400 }, () => {
      const truth = random.normal()
      return Array.from({ length: 8 }, () => (truth + random.normal()).toFixed(3))
    })
    const got = aggregateReliability(ratingsFromGrid(cells), 4, {
      aggregate: 'mean',
      seed: 1,
      draws: 60,
    }) as AggregateReliability
    expect(got.low).toBeLessThan(0.8)
    expect(got.high).toBeGreaterThan(0.8)
    expect(got.estimate).toBeCloseTo(0.8, 1)
  })

  it('rises with k for majorities, and says when there are too few ratings', () => {
    const ratings = crowd(200, 10, 0.6, 4)
    const of = (k: number) =>
      aggregateReliability(ratings, k, { aggregate: 'majority', seed: 1, draws: 60 }) as AggregateReliability
    expect(of(5).estimate).toBeGreaterThan(of(1).estimate + 0.2)
    const single = (agreement(ratings, ['krippendorff']).krippendorff as Estimate).estimate
    expect(of(1).estimate).toBeCloseTo(single, 1)
    expect(aggregateReliability(ratings, 6, { aggregate: 'majority', seed: 1 })).toHaveProperty('undefined')
  })
})

describe('agreement of pairs', () => {
  it('is Cohen of each pair, with a reason where the pair has too little in common', () => {
    const ratings = crowd(60, 4, 0.6, 8)
    for (const { first, second, items, agreement: share, kappa } of pairwiseAgreement(
      ratings,
      weightDistance('linear', ratings),
    )) {
      const cells = Array.from({ length: 60 }, () => ['', ''])
      for (let r = 0; r < ratings.item.length; r++) {
        const column = [first, second].indexOf(ratings.rater[r]!)
        if (column >= 0) cells[ratings.item[r]!]![column] = ratings.categories[ratings.category[r]!]!
      }
      const both = agreement(ratingsFromGrid(cells), ['cohen', 'percent'], { weights: 'linear' })
      expect(items).toBe(60)
      expect(share).toBeCloseTo((both.percent as Estimate).estimate, 12)
      expect(kappa).toBeCloseTo((both.cohen as Estimate).estimate, 12)
    }
    const example = ratingsFromGrid([
      ['a', 'a'],
      ['a', 'b'],
      ['b', 'b'],
    ])
    const distance = weightDistance('identity', example)
    expect(pairwiseAgreement(example, distance, 3)[0]).toMatchObject({
      agreement: expect.closeTo(2 / 3, 12),
      kappa: expect.closeTo(0.4, 12),
    })
    expect(pairwiseAgreement(example, distance)[0]!.kappa).toEqual({
      undefined: '3 common items; at least 5 are needed',
    })
    const same = ratingsFromGrid(Array.from({ length: 6 }, () => ['a', 'a']))
    expect(pairwiseAgreement(same, weightDistance('identity', same))[0]!.kappa).toHaveProperty('undefined')
  })
})

describe('MASI', () => {
  it('gives Passonneau 2006: equal, contained, overlapping, disjoint', () => {
    const set = (text: string) => new Set(text)
    expect(masiDistance(set('ab'), set('ba'))).toBe(0)
    expect(masiDistance(set('a'), set('ab'))).toBeCloseTo(1 - 1 / 3, 12)
    expect(masiDistance(set('abc'), set('cd'))).toBeCloseTo(1 - 1 / 12, 12)
    expect(masiDistance(set('ab'), set('cd'))).toBe(1)
    expect(masiDistance(set(''), set(''))).toBe(0)
    expect(masiDistance(set(''), set('a'))).toBe(1)
  })
})
