import { expect, it } from 'vitest'
import { drawBeta } from './draws.ts'
import { createRandom } from './random.ts'

it.each([
  [0.001, 0.002],
  [0.3, 2],
  [9, 1],
])('beta %d, %d has its mean and variance, and is a number however small its parameters', (a, b) => {
  const random = createRandom(6)
  const drawn = Float64Array.from({ length: 20_000 }, () => drawBeta(a, b, random))
  const mean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length
  const variance = drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / drawn.length
  expect(mean).toBeCloseTo(a / (a + b), 2)
  expect(variance).toBeCloseTo((a * b) / ((a + b) ** 2 * (a + b + 1)), 2)
})
