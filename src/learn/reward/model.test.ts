import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { difference, featuresOf, type Sparse } from './features.ts'
import { decodeModel, encodeModel, learn, newModel, predict } from './model.ts'

const one: Sparse = { at: Uint32Array.of(0), value: Float32Array.of(1) }
const pairOf = (chosen: string, rejected: string) => difference(featuresOf(chosen), featuresOf(rejected))

describe('a step', () => {
  it('gives the worked example', () => {
    const model = newModel(1)
    expect(learn(model, one, 1)).toEqual({ logit: 0, variance: 1, probability: 0.5 })
    expect(model.mean[0]).toBeCloseTo(0.4, 6)
    expect(model.variance[0]).toBeCloseTo(0.8, 6)
    expect(predict(model, one).probability).toBeCloseTo(0.586, 3)
  })

  it('is the same for a pair read the other way round', () => {
    const [a, b] = [newModel(), newModel()]
    learn(a, pairOf('yes please', 'no'), 1)
    learn(b, pairOf('no', 'yes please'), 0)
    expect(encodeModel(a).equals(encodeModel(b))).toBe(true)
  })

  it('draws the two of a tie together, whichever led', () => {
    const model = newModel()
    learn(model, pairOf('good answer', 'bad answer'), 1)
    const led = predict(model, pairOf('good answer', 'bad answer'))
    learn(model, pairOf('good answer', 'bad answer'), 0.5)
    const then = predict(model, pairOf('good answer', 'bad answer'))
    expect(then.probability).toBeLessThan(led.probability)
    expect(then.probability).toBeGreaterThan(0.5)
  })

  it('learns nothing of two equal texts and never loses its numbers', () => {
    const texts = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string(), fc.constantFrom(0, 0.5, 1)))
    fc.assert(
      fc.property(texts, (pairs) => {
        const model = newModel()
        const untouched = encodeModel(model)
        learn(model, pairOf('same', 'same'), 1)
        expect(encodeModel(model)).toEqual(untouched)
        for (const [a, b, outcome] of pairs) {
          const { probability, variance } = learn(model, pairOf(a, b), outcome)
          expect(probability).toBeGreaterThan(0)
          expect(probability).toBeLessThan(1)
          expect(variance).toBeGreaterThanOrEqual(0)
        }
      }),
      { numRuns: 15 },
    )
  })
})

it('is less in doubt of what it has seen than of what it has not', () => {
  const model = newModel()
  for (let i = 0; i < 20; i++) learn(model, pairOf('thank you', 'go away'), 1)
  expect(predict(model, featuresOf('thank you')).variance).toBeLessThan(
    predict(model, featuresOf('blue fish')).variance,
  )
  expect(predict(model, featuresOf('thank you')).logit).toBeGreaterThan(predict(model, featuresOf('go away')).logit)
})

it('comes back from its bytes bit for bit', () => {
  const model = newModel()
  for (const [a, b] of [
    ['one two three', 'four'],
    ['four five', 'one'],
  ] as const)
    learn(model, pairOf(a, b), 1)
  const back = decodeModel(encodeModel(model))
  for (const part of ['mean', 'variance'] as const)
    expect(Buffer.compare(Buffer.from(back[part].buffer), Buffer.from(model[part].buffer))).toBe(0)
})
