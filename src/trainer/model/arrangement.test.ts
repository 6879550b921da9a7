import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrange } from './arrangement.ts'
import { pack } from './batch.ts'
import { type ModelConfig, presets } from './config.ts'
import { initialWeights } from './parameters.ts'
import type { Sequence } from './session.ts'
import { openTrainingSession } from './training.ts'

const config: ModelConfig = {
  ...presets['preset:1m'],
  vocabSize: 29,
  hiddenSize: 48,
  intermediateSize: 32,
  layers: 2,
  heads: 6,
  keyValueHeads: 2,
  headDim: 8,
  maxPositions: 128,
}
const start = Array.from({ length: 12 }, (_, i) => (i * 5) % 29)
const row = (tokens: number[], wanted: number): Sequence => ({
  tokens,
  mask: tokens.map((_, i) => (i >= tokens.length - wanted ? 1 : 0)),
})
const pair = [row([...start, 1, 2, 3], 3), row([...start, 4], 1)]

it('lays a common start out once, its last token in each branch', () => {
  const { rows, length, placements } = arrange(pair, config, 'lm')
  expect([rows, length]).toEqual([1, 24])
  expect(placements).toEqual([
    { row: 0, prefix: 11, start: 11 },
    { row: 0, prefix: 11, start: 15 },
  ])
  const { values } = pack(pair, config, 'lm')
  expect([...values.get('positions')!.data].slice(0, 17).map(Number)).toEqual([
    ...Array.from({ length: 15 }, (_, i) => i),
    11,
    12,
  ])
  expect([...values.get('picked')!.data].map(Number)).toEqual([11, 12, 13, 15])
})

it('leaves rows alone that share too little, or whose outputs are read in what they share', () => {
  expect(arrange([row([1, 2, 3], 1), row([1, 2, 4], 1)], config, 'lm').rows).toBe(2)
  expect(arrange([row([...start, 1], 10), row([...start, 2], 10)], config, 'lm').rows).toBe(2)
})

it('places every token of any batch exactly once', () => {
  const sequence = fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 9 }))
    .map(([from, own]) =>
      row([...start.slice(from), ...own], Math.min(own.length, start.length - from + own.length - 1)),
    )
  fc.assert(
    fc.property(fc.array(sequence, { minLength: 1, maxLength: 8 }), (batch) => {
      const { rows, length, placements } = arrange(batch, config, 'lm')
      const taken = new Map<number, number>()
      for (const [s, { tokens }] of batch.entries()) {
        const { row: own, prefix, start: from } = placements[s]!
        expect(own).toBeLessThan(rows)
        for (let i = 0; i < tokens.length; i++) {
          const column = i < prefix ? i : from + i - prefix
          expect(column).toBeLessThan(length)
          const place = own * length + column
          if (i >= prefix) expect(taken.has(place)).toBe(false)
          else expect(taken.get(place) ?? tokens[i]).toBe(tokens[i])
          taken.set(place, tokens[i]!)
        }
      }
    }),
  )
})

describe.each(['lm', 'scalar'] as const)('sharing changes no output and no gradient, %s head', (head) => {
  it('for pairs, groups and rows of their own', async () => {
    const last = head === 'scalar'
    const batch = [
      ...pair,
      row([...start, 9, 8, 7, 6], 4),
      row([5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5], 2),
      row([5, 4, 3, 2, 1, 0, 1, 2, 3, 7], 1),
      row([2, 2], 1),
    ].map(({ tokens, mask }) => ({
      tokens,
      mask: last ? Array.from(mask, (_, i) => (i === tokens.length - 1 ? 1 : 0)) : mask,
    }))
    expect(pack(batch, config, head).rows).toBeLessThan(batch.length)
    const open = () => {
      const weights = initialWeights(config, 4)
      for (const { data } of weights.values()) for (let i = 0; i < data.length; i++) data[i] = data[i]! * 6
      weights.set('score.weight', { shape: [1, 48], data: Float32Array.from({ length: 48 }, (_, i) => Math.sin(i)) })
      return openTrainingSession({ config, weights, head, threads: 1, seed: 1 })
    }
    const coefficients = (i: number) => Math.cos(i)
    const [shared, apart] = [await open(), await open()]
    const together = await shared.accumulate(batch, (y) => y.map((own, i) => own.map((_, n) => coefficients(i + n))))
    for (const [i, sequence] of batch.entries()) {
      const [alone] = await apart.accumulate([sequence], (y) => y.map((own) => own.map((_, n) => coefficients(i + n))))
      for (const [n, y] of alone!.entries()) expect(Math.abs(y - together[i]![n]!)).toBeLessThan(1e-4)
    }
    for (const [name, { data }] of shared.gradients()) {
      const other = apart.gradients().get(name)!.data
      const size = Math.max(...data.map(Math.abs))
      for (let i = 0; i < data.length; i++) expect(Math.abs(data[i]! - other[i]!)).toBeLessThan(1e-4 * (1 + size))
    }
    await shared.close()
    await apart.close()
  })
})
