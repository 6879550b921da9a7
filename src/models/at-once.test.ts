import { expect, it } from 'vitest'
import { rowsAtOnce } from './at-once.ts'

const smollm2 = { layers: 30, keyValueHeads: 3, headDim: 64, maxPositions: 8192 }

it('answers many short prompts together, and long ones one after the other', () => {
  expect(rowsAtOnce(smollm2, 50)).toBeGreaterThan(200)
  expect(rowsAtOnce(smollm2, 8192)).toBe(1)
})

it('counts no positions that the model does not have', () => {
  expect(rowsAtOnce(smollm2, 200_000)).toBe(rowsAtOnce(smollm2, 8192))
  expect(rowsAtOnce({ ...smollm2, layers: 80, keyValueHeads: 8, headDim: 128 }, 8192)).toBe(1)
})
