import { expect, it } from 'vitest'
import { logSigmoid, sigmoid, softplus } from './sigmoid.ts'

it('gives the worked examples, and neither overflows nor loses what is left at the ends', () => {
  expect(sigmoid(Math.log(3))).toBeCloseTo(0.75, 15)
  expect(softplus(0)).toBeCloseTo(Math.LN2, 15)
  expect([sigmoid(1000), sigmoid(-1000), logSigmoid(-1000), softplus(1000)]).toEqual([1, 0, -1000, 1000])
  expect(sigmoid(-50)).toBe(Math.exp(-50))
  expect(logSigmoid(50)).toBe(-Math.exp(-50))
})
