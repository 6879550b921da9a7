import fc from 'fast-check'
import { expect, it } from 'vitest'
import { explain } from './explain.ts'
import { difference, featuresOf } from './features.ts'
import { learn, newModel } from './model.ts'

const model = newModel()
for (let i = 0; i < 10; i++) learn(model, difference(featuresOf('please and thank you'), featuresOf('go away')), 1)

it('gives the whole text back in pieces, and weights that add up to the score', () => {
  const some = fc
    .array(fc.constantFrom('please', 'thank', 'you', 'go', ' ', ' ', '!', '👍', 'é', '\n'))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(some, fc.string({ unit: 'binary' })), (text) => {
      const { score, pieces } = explain(model, text)
      expect(pieces.map((piece) => piece.text).join('')).toBe(text)
      expect(pieces.reduce((sum, { weight = 0 }) => sum + weight, 0)).toBeCloseTo(score, 5)
    }),
  )
})

it('says which words speak for a text and which against it', () => {
  const weights = new Map(explain(model, 'please go away').pieces.map(({ text, weight }) => [text, weight]))
  expect(weights.get('please')).toBeGreaterThan(0)
  expect(weights.get('away')).toBeLessThan(0)
  expect(weights.get(' ')).toBeUndefined()
})

it('says where it stopped reading', () => {
  expect(explain(model, 'a '.repeat(1000)).cut).toBe(false)
  const { cut, pieces } = explain(model, 'a '.repeat(30_000))
  expect(cut).toBe(true)
  expect(pieces.at(-1)!.weight).toBeUndefined()
})
