import { expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { ratioOfSums } from './ratio.ts'

it('gives the worked example, and the mean with Student’s interval where b is 1', () => {
  expect(ratioOfSums([1, 2, 3], [2, 2, 2])).toMatchObject({
    estimate: 1,
    se: expect.closeTo(0.2887, 4),
    low: expect.closeTo(-0.242, 3),
    high: expect.closeTo(2.242, 3),
    n: 3,
  })
  // Student's own sleep data (Cushny and Peebles 1905): mean 1.58, 0.70 to 2.46.
  const extra = [1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4]
  const mean = ratioOfSums(
    extra,
    extra.map(() => 1),
  )
  expect(mean).toMatchObject({
    estimate: expect.closeTo(1.58, 6),
    low: expect.closeTo(0.7, 3),
    high: expect.closeTo(2.46, 3),
  })
})

it('depends neither on the order of the prompts nor on the unit', () => {
  const [a, b] = [
    [3, 5, 8, 2],
    [2, 4, 4, 3],
  ] as [number[], number[]]
  const found = ratioOfSums(a, b)
  expect(ratioOfSums(a.toReversed(), b.toReversed())).toEqual(found)
  const scaled = ratioOfSums(
    a.map((own) => own * 10),
    b.map((own) => own * 10),
  )
  for (const key of ['estimate', 'low', 'high'] as const)
    expect((scaled as Record<typeof key, number>)[key]).toBeCloseTo((found as Record<typeof key, number>)[key], 10)
})

it('holds the ratio in 95 of 100 draws', () => {
  const random = createRandom(11)
  const draws = 2000
  let held = 0
  for (let draw = 0; draw < draws; draw++) {
    const b = Array.from({ length: 40 }, () => 50 + 100 * random.next())
    const a = b.map((own) => 1.3 * own + 20 * random.normal())
    const { low, high } = ratioOfSums(a, b) as { low: number; high: number }
    if (low <= 1.3 && 1.3 <= high) held++
  }
  expect(held / draws).toBeGreaterThan(0.93)
  expect(held / draws).toBeLessThan(0.97)
})

it('says why there is none', () => {
  expect(ratioOfSums([1], [1])).toEqual({ undefined: '1 prompt; an interval needs several' })
  expect(ratioOfSums([1, 1], [0, 0])).toHaveProperty('undefined')
})
