import fc from 'fast-check'
import { expect, it } from 'vitest'
import { randomOf } from '../random.ts'
import { draw, largest, logSumExp, penalise, sample } from './sampling.ts'

const example = Float32Array.of(Math.log(1), Math.log(4), Math.log(2), Math.log(3))

function frequencies(options: Parameters<typeof sample>[1], draws = 20_000): number[] {
  const random = randomOf(3)
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < draws; i++) counts[sample(example, options, random)]!++
  return counts.map((count) => count / draws)
}

it.each([
  ['top-k of all', { temperature: 1, topK: 4 }, [0.1, 0.4, 0.2, 0.3]],
  ['greedy', { temperature: 0 }, [0, 1, 0, 0]],
  ['half temperature squares the odds', { temperature: 0.5 }, [1 / 30, 16 / 30, 4 / 30, 9 / 30]],
  ['top-k 2', { temperature: 1, topK: 2 }, [0, 4 / 7, 0, 3 / 7]],
  ['top-p .6', { temperature: 1, topP: 0.6 }, [0, 4 / 7, 0, 3 / 7]],
  [
    'top-p .5 of top-k 3: .4/.9 is not enough, two remain',
    { temperature: 1, topK: 3, topP: 0.5 },
    [0, 4 / 7, 0, 3 / 7],
  ],
])('draws with the right frequencies: %s', (_, options, expected) => {
  for (const [i, share] of frequencies(options).entries()) expect(Math.abs(share - expected[i]!)).toBeLessThan(0.012)
})

it('draws by given probabilities, and within them when they sum to less than 1', () => {
  const random = randomOf(2)
  const counts = [0, 0, 0]
  for (let i = 0; i < 10_000; i++) counts[draw(Float32Array.of(0.2, 0, 0.7999), random)]!++
  expect(counts[0]! / 10_000).toBeCloseTo(0.2, 1)
  expect(counts[1]).toBe(0)
})

it('finds the nucleus of a large flat vocabulary', () => {
  const flat = new Float32Array(5000)
  const random = randomOf(1)
  const drawn = new Set(Array.from({ length: 1000 }, () => sample(flat, { temperature: 1, topP: 0.5 }, random)))
  expect(drawn.size).toBeGreaterThan(700)
  expect(Math.max(...drawn)).toBeLessThanOrEqual(2501)
})

it.each([0, 20_000])('cuts a large vocabulary that is sorted the wrong way round to %i', (topK) => {
  const random = randomOf(4)
  const rising = Float32Array.from({ length: 50_000 }, (_, i) => i / 1e6)
  const drawn = Array.from({ length: 20 }, () => sample(rising, { temperature: 1, topK }, random))
  expect(Math.min(...drawn) >= 30_000).toBe(topK > 0)
})

it('orders the largest as a sort does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 120 }),
      (values, count) => {
        const order = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b).slice(0, count)
        expect(largest(Float32Array.from(values), count)).toEqual(order)
      },
    ),
  )
})

it('penalises a token once, towards less likely on either side of zero', () => {
  const logits = Float32Array.of(2, -2, 1)
  penalise(logits, [0, 1, 1, 0], 2)
  expect([...logits]).toEqual([1, -4, 1])
})

it('sums exponentials of large logits without overflow', () => {
  expect(logSumExp(Float32Array.of(1000, 1000))).toBeCloseTo(1000 + Math.log(2), 5)
})
