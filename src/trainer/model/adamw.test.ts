import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type AdamWStep, lanes, normOf, openAdamW } from './adamw.ts'

const plain: AdamWStep = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  gradientScale: 1,
  update: 1,
}

it('moves a weight as the worked example says', () => {
  const adamW = openAdamW(lanes)
  adamW.weights.fill(1)
  adamW.gradient.fill(0.5)
  adamW.step([{ offset: 0, length: lanes, decays: false }], plain)
  expect(adamW.weights[0]).toBeCloseTo(0.9, 6)
  expect(adamW.weights.every((weight) => weight === adamW.weights[0])).toBe(true)
})

it('equals the formula in double precision over many updates, with decay and clipping', () => {
  const value = fc.float({ min: -1, max: 1, noNaN: true })
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 64, maxLength: 64 }),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      (gradient, gradientScale) => {
        const adamW = openAdamW(64)
        const [w, m, v] = [new Float64Array(64), new Float64Array(64), new Float64Array(64)]
        adamW.weights.set(gradient.map((g) => g / 3))
        w.set(adamW.weights)
        for (let update = 1; update <= 5; update++) {
          adamW.gradient.set(gradient.map((g) => g / update))
          const step = { ...plain, weightDecay: 0.1, gradientScale, update }
          adamW.step(
            [
              { offset: 0, length: 32, decays: true },
              { offset: 32, length: 32, decays: false },
            ],
            step,
          )
          for (let i = 0; i < 64; i++) {
            const g = adamW.gradient[i]! * gradientScale
            m[i] = 0.9 * m[i]! + 0.1 * g
            v[i] = 0.999 * v[i]! + 0.001 * g * g
            const change = m[i]! / (1 - 0.9 ** update) / (Math.sqrt(v[i]! / (1 - 0.999 ** update)) + 1e-8)
            w[i] = w[i]! * (i < 32 ? 0.99 : 1) - 0.1 * change
          }
        }
        // A gradient near epsilon has a direction that single precision cannot tell.
        for (let i = 0; i < 64; i++)
          if (Math.abs(gradient[i]!) > 1e-4 || gradient[i] === 0)
            expect(Math.abs(adamW.weights[i]! - w[i]!)).toBeLessThan(1e-5)
      },
    ),
    { numRuns: 50 },
  )
})

it('leaves alone what stands outside the stretches', () => {
  const adamW = openAdamW(3 * lanes)
  adamW.weights.fill(1)
  adamW.gradient.fill(1)
  adamW.step([{ offset: lanes, length: lanes, decays: true }], plain)
  expect([...adamW.weights].map((weight) => weight === 1)).toEqual(
    Array.from({ length: 3 * lanes }, (_, i) => i < lanes || i >= 2 * lanes),
  )
})

it('measures the norm', () => expect(normOf(Float32Array.of(3, 0, 0, 0, 0, 4, 0, 0))).toBe(5))

it('refuses more weights than fit', () => expect(() => openAdamW(2 ** 29)).toThrow(/4 GiB/))
