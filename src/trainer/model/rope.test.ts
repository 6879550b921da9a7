import { expect, it } from 'vitest'
import { type ModelConfig, presets, type RopeScaling } from './config.ts'
import { ropeFrequencies, ropeTables } from './rope.ts'

const config = (ropeScaling?: RopeScaling, ropeTheta = 10_000, headDim = 16): ModelConfig => ({
  ...presets['preset:1m'],
  headDim,
  ropeTheta,
  ropeScaling,
})

// From transformers 5.18, ROPE_INIT_FUNCTIONS of the same settings.
it.each<[RopeScaling, number, number[], number]>([
  [
    { type: 'linear', factor: 4 },
    10_000,
    [0.25, 0.07905694, 0.025, 0.007905695, 0.0025, 0.0007905695, 0.00025, 7.905695e-5],
    1,
  ],
  [
    { type: 'llama3', factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 8192 },
    500_000,
    [1, 0.1939228, 0.03760603, 0.007292665, 0.000524846, 3.428102e-5, 6.64787e-6, 1.289173e-6],
    1,
  ],
  [
    { type: 'yarn', factor: 4, originalMaxPositions: 2048, betaFast: 32, betaSlow: 1 },
    10_000,
    [1, 0.3162278, 0.1, 0.02569351, 0.00625, 0.001383497, 0.00025, 7.905695e-5],
    1.138629436111989,
  ],
])('stretches frequencies as transformers does: %j', (scaling, theta, expected, factor) => {
  const found = ropeFrequencies(config(scaling, theta))
  for (const [i, frequency] of found.frequencies.entries())
    expect(Math.abs(frequency / expected[i]! - 1)).toBeLessThan(2e-6)
  expect(found.factor).toBeCloseTo(factor, 12)
})

it('turns each position as the worked example says', () => {
  const { cos, sin } = ropeTables(config(undefined, 10_000, 4), 3)
  expect([...cos.slice(4)]).toEqual([Math.cos(2), Math.cos(0.02)].map(Math.fround))
  expect([...sin.slice(4)]).toEqual([expect.closeTo(Math.sin(2), 6), expect.closeTo(Math.sin(0.02), 6)])
  expect([...cos.slice(0, 2), ...sin.slice(0, 2)]).toEqual([1, 1, 0, 0])
})
