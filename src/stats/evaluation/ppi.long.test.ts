import { expect, it } from 'vitest'
import { coverage, scaleCoverage, scoreCoverage } from './fixture.ts'

it.each([
  { n: 60, others: 800, share: 0.4, accuracy: 0.7 },
  { n: 60, others: 800, share: 0.4, accuracy: 0.5 },
  { n: 60, others: 800, share: 0.4, accuracy: 0.2 },
  { n: 100, others: 1000, share: 0.3, accuracy: 0.9 },
  { n: 100, others: 1000, share: 0.1, accuracy: 0.6 },
  { n: 200, others: 300, share: 0.6, accuracy: 0.85 },
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

it.each([
  { n: 20, others: 500, noise: 0.5 },
  { n: 20, others: 500, noise: 3 },
  { n: 30, others: 500, noise: 0.5 },
])('few labels on a scale cover at 95 +- 1 in 100 over 10,000 simulations: $n labels, noise $noise', (design) => {
  const { inside, width } = scaleCoverage(10_000, 17, design.n, design.others, design.noise)
  console.log(`scale ${JSON.stringify(design)}: covers ${inside}, width ${width.toFixed(3)} of people alone`)
  expect(Math.abs(inside - 0.95)).toBeLessThan(0.01)
})

// A rate of few labels comes in steps, which no interval of this kind can even out: bootstrap-t covers 66 to 98 in 100 of the same
// designs. Where hardly any label lies on the other side, or parts from a good judge, it can only be too wide, or far too narrow.
it.each([
  { n: 20, shares: [0.2, 0.35, 0.5, 0.75], most: 0.99 },
  { n: 30, shares: [0.2, 0.35, 0.5, 0.75], most: 0.985 },
  { n: 50, others: 5000, shares: [0.6], most: 0.995 },
  { n: 20, shares: [0.02, 0.05, 0.95, 0.98], most: 1 },
  { n: 50, shares: [0.02, 0.05, 0.95, 0.98], most: 1 },
  { n: 100, shares: [0.02, 0.05, 0.95, 0.98], most: 0.997 },
])(
  'few labels of a rate cover between 0.935 and $most: $n labels, rates $shares',
  ({ n, others = 200, shares, most }) => {
    for (const share of shares)
      for (const accuracy of [0.5, 0.75, 0.9, 0.98]) {
        const { inside, aloneInside } = coverage(10_000, 19, n, others, share, accuracy)
        console.log(
          `rate ${JSON.stringify({ n, others, share, accuracy })}: covers ${inside}, people alone ${aloneInside}`,
        )
        for (const covered of [inside, aloneInside]) {
          expect(covered, `${share} ${accuracy}`).toBeGreaterThan(0.935)
          expect(covered, `${share} ${accuracy}`).toBeLessThanOrEqual(most)
        }
      }
  },
)
