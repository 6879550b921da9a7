import { expect, it } from 'vitest'
import { randomFrom, randomOf, seedOf } from './random.ts'

const draws = (count: number, next: () => number): number[] => Array.from({ length: count }, next)
const mean = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length

it('continues from its state', () => {
  const random = randomOf(5)
  random.normal()
  const other = randomFrom(random.state())
  expect(draws(20, other.uniform)).toEqual(draws(20, random.uniform))
})

it('gives unrelated streams to neighbouring seeds and streams', () => {
  const streams = [randomOf(1), randomOf(2), randomOf(1, 1), randomOf(2 ** 40 + 1)].map((random) =>
    draws(4, random.uniform),
  )
  expect(new Set(streams.flat()).size).toBe(16)
})

it('gives every batch a seed of its own, of the largest seed too', () => {
  expect(seedOf(50, 7)).toBe(50_000_157)
  for (const seed of [0, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER]) {
    const seeds = Array.from({ length: 100 }, (_, batch) => seedOf(seed, batch))
    expect(new Set(seeds).size).toBe(100)
    expect(seeds.every(Number.isSafeInteger)).toBe(true)
  }
})

it('is uniform and normal', () => {
  const random = randomOf(9)
  const uniform = draws(20_000, random.uniform)
  expect(mean(uniform)).toBeCloseTo(0.5, 1.7)
  expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...uniform)).toBeLessThan(1)
  const normal = draws(20_000, random.normal)
  expect(Math.abs(mean(normal))).toBeLessThan(0.03)
  expect(mean(normal.map((x) => x * x))).toBeCloseTo(1, 1)
})

it('shuffles in place, every order as likely', () => {
  const random = randomOf(3)
  const counts = new Map<string, number>()
  for (let i = 0; i < 6000; i++) {
    const order = random.shuffle([1, 2, 3]).join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  expect(counts.size).toBe(6)
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130)
})
