import { expect, it } from 'vitest'
import { presets } from './config.ts'
import { causalMasks } from './masks.ts'

const config = { ...presets['preset:1m'], heads: 2, keyValueHeads: 1 }

it('gives each block of positions its mask, once for each head of a group, up to its own end', () => {
  const masks = causalMasks(8, config)
  expect([...masks.values()].map(({ shape }) => shape)).toEqual([
    [1, 1, 4, 2],
    [1, 1, 4, 4],
    [1, 1, 4, 6],
    [1, 1, 4, 8],
  ])
  const seen = Array.from(masks.get('mask.1')!.data as Float32Array, (number) => (number === 0 ? 'x' : '.')).join('')
  expect(seen).toBe('xxx.' + 'xxx.' + 'xxxx' + 'xxxx')
})

it.each([1, 2, 3, 4, 5, 7, 9, 13])('has no empty block where a model has %i positions', (maxPositions) => {
  for (const { shape } of causalMasks(maxPositions, { ...config, maxPositions }).values())
    expect(shape[2]).toBeGreaterThan(0)
})
