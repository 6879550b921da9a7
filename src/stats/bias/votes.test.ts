import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../random.ts'
import { type FeatureBias, featureBias } from './features.ts'
import { sideBias } from './sides.ts'

function votes(
  random: Random,
  { workers, each, leanOf }: { workers: number; each: number; leanOf: (worker: number) => number },
) {
  const n = workers * each
  const worker = Int32Array.from({ length: n }, (_, i) => i % workers)
  const difference = Float64Array.from({ length: n }, () => random.normal())
  const choseLeft = difference.map((x, i) => (random.next() < 1 / (1 + Math.exp(-leanOf(worker[i]!) * x)) ? 1 : 0))
  return { worker, workers, difference, choseLeft }
}

describe('side bias', () => {
  it('finds the one worker who leans to the left and accuses no other', () => {
    const random = createRandom(8)
    const worker = Int32Array.from({ length: 600 }, (_, i) => i % 6)
    const side = worker.map((w) => (random.next() < (w === 2 ? 0.8 : 0.5) ? -1 : 1))
    const found = sideBias({ worker, side, workers: 6 })
    const accused = found.workers.flatMap((test, w) => ('adjusted' in test && test.adjusted < 0.05 ? [w] : []))
    expect(accused).toEqual([2])
  })

  it('leaves ties out and says who has too few votes', () => {
    const found = sideBias({ worker: Int32Array.of(0, 0, 1), side: [-1, 0, 1], workers: 2 })
    expect(found.pool).toMatchObject({ share: 0.5, n: 2 })
    expect(found.workers[0]).toEqual({ undefined: '1 decided votes; at least 10 are needed' })
    expect(sideBias({ worker: Int32Array.of(0), side: [0], workers: 1 }).pool).toHaveProperty('undefined')
  })
})

describe('preference for a feature', () => {
  it('measures the slope it was given, and the worker who stands apart', () => {
    const data = votes(createRandom(1), { workers: 15, each: 120, leanOf: (w) => (w === 4 ? 2.2 : 0.5) })
    const found = featureBias(data) as FeatureBias
    expect(found.low).toBeLessThan(0.65)
    expect(found.slope).toBeGreaterThan(0.4)
    const apart = found.workers.flatMap((test, w) => ('adjusted' in test && test.adjusted < 0.01 ? [w] : []))
    expect(apart).toEqual([4])
    const [four, five] = [found.workers[4]!, found.workers[5]!]
    if ('undefined' in four || 'undefined' in five) throw new Error('both have votes enough')
    expect(four.slope).toBeGreaterThan(five.slope + 0.4)
  })

  it('does not change when left and right change places, nor with the order of votes', () => {
    const data = votes(createRandom(2), { workers: 10, each: 60, leanOf: () => 0.3 })
    const before = featureBias(data) as FeatureBias
    const turned = featureBias({
      ...data,
      worker: data.worker.slice().reverse(),
      difference: data.difference.map((x) => -x).reverse(),
      choseLeft: data.choseLeft.map((y) => 1 - y).reverse(),
    }) as FeatureBias
    expect(turned.slope).toBeCloseTo(before.slope, 7)
    expect(turned.p).toBeCloseTo(before.p, 7)
    expect(turned.tau).toBeCloseTo(before.tau, 4)
    expect(turned.share).toEqual(before.share)
  })

  it('says what is missing', () => {
    const none = { worker: Int32Array.of(0), workers: 1, choseLeft: [1], difference: Float64Array.of(1) }
    expect(featureBias(none)).toHaveProperty('undefined')
    const flat = votes(createRandom(3), { workers: 2, each: 20, leanOf: () => 0 })
    expect(featureBias({ ...flat, difference: new Float64Array(40) })).toHaveProperty('undefined')
  })
})
