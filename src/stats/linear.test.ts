import { expect, it } from 'vitest'
import { cholesky, inverse, multiply, solve } from './linear.ts'

it('inverts a positive matrix, solves with it and refuses another', () => {
  const matrix = Float64Array.of(4, 2, 2, 3)
  const factor = cholesky(matrix, 2)!
  const inverted = inverse(factor, 2)
  for (const [k, value] of [0.375, -0.25, -0.25, 0.5].entries()) expect(inverted[k]).toBeCloseTo(value, 12)
  for (const [k, value] of [1, 0, 0, 1].entries()) expect(multiply(matrix, inverted, 2)[k]).toBeCloseTo(value, 12)
  const solution = solve(factor, 2, Float64Array.of(8, 8))
  for (const [k, value] of [1, 2].entries()) expect(solution[k]).toBeCloseTo(value, 12)
  expect(cholesky(Float64Array.of(1, 1, 1, 1), 2)).toBeUndefined()
  // Singular but for rounding.
  const nearly = Float64Array.of(1, 1, 1, 1 + 1e-15)
  expect(cholesky(nearly, 2)).toBeDefined()
  expect(cholesky(nearly, 2, 1e-12)).toBeUndefined()
})
