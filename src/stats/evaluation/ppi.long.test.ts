import { expect, it } from 'vitest'
import { coverage } from './ppi-simulation.ts'

it.each([
  [30, 500, 0.5, 0.9],
  [30, 500, 0.5, 0.5],
  [100, 1000, 0.3, 0.9],
  [100, 1000, 0.3, 0.6],
  [200, 300, 0.6, 0.85],
  [50, 5000, 0.6, 0.95],
])(
  '10,000 simulations cover at 95%% +- 1: %i labels, %i others, share %f, judge right %f',
  (n, others, share, accuracy) => {
    const { inside, width } = coverage(10_000, 11, n, others, share, accuracy)
    console.log(
      `n ${n}, others ${others}, share ${share}, judge ${accuracy}: covers ${inside}, width ${width.toFixed(3)} of people alone`,
    )
    expect(Math.abs(inside - 0.95)).toBeLessThan(0.01)
    if (accuracy >= 0.85) expect(width).toBeLessThan(0.9)
  },
)
