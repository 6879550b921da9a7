import { expect, it } from 'vitest'
import { coverage, scoreCoverage } from './ppi-simulation.ts'

it.each([
  { n: 60, others: 800, share: 0.4, accuracy: 0.7 },
  { n: 60, others: 800, share: 0.4, accuracy: 0.5 },
  { n: 60, others: 800, share: 0.4, accuracy: 0.2 },
  { n: 100, others: 1000, share: 0.3, accuracy: 0.9 },
  { n: 100, others: 1000, share: 0.1, accuracy: 0.6 },
  { n: 200, others: 300, share: 0.6, accuracy: 0.85 },
  { n: 50, others: 5000, share: 0.6, accuracy: 0.95 },
])(
  '10,000 simulations cover at 95 +- 1 in 100: $n labels, $others others, share $share, judge right $accuracy',
  (design) => {
    const { inside, width } = coverage(10_000, 11, design.n, design.others, design.share, design.accuracy)
    console.log(`${JSON.stringify(design)}: covers ${inside}, width ${width.toFixed(3)} of people alone`)
    expect(Math.abs(inside - 0.95)).toBeLessThan(0.01)
    if (design.accuracy >= 0.85) expect(width).toBeLessThan(0.9)
  },
)

it.each([
  { n: 100, others: 2000, accuracy: 0.9 },
  { n: 100, others: 2000, accuracy: 0 },
])(
  'scores cover at 95 +- 1 in 100 over 10,000 simulations: $n votes, $others others, judge repeats $accuracy',
  (design) => {
    const { inside, width } = scoreCoverage(10_000, 13, design.n, design.others, design.accuracy)
    console.log(
      `scores ${JSON.stringify(design)}: covers ${inside.toFixed(4)}, width ${width.toFixed(3)} of people alone`,
    )
    expect(Math.abs(inside - 0.95)).toBeLessThan(0.01)
  },
)
