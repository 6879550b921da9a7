import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from '../random.ts'
import { finish } from '../resampling.ts'
import { changePoint } from './change-point.ts'
import { featureBias } from './features.ts'
import { groupCohesion } from './groups.ts'
import { mantelHaenszel } from './mantel-haenszel.ts'
import { raterSeverity } from './severity.ts'
import { sideBias } from './sides.ts'
import { speedQuality } from './speed.ts'

/** Answers of a project small enough to be degenerate now and then. */
const answers = fc
  .record({
    workers: fc.integer({ min: 1, max: 5 }),
    items: fc.integer({ min: 1, max: 8 }),
    rows: fc.integer({ min: 1, max: 90 }),
    seed: fc.integer(),
  })
  .map(({ workers, items, rows, seed }) => {
    const random = createRandom(seed)
    const codes = (below: number) => Int32Array.from({ length: rows }, () => random.integer(below))
    return {
      workers,
      items,
      worker: codes(workers),
      item: codes(items),
      side: codes(3).map((own) => own - 1),
      difference: Float64Array.from(codes(5), (own) => own - 2),
      seconds: Float64Array.from(codes(6), (own) => own + 1),
      right: codes(2),
      value: Float64Array.from(codes(5)),
      category: codes(3),
      group: Int32Array.from({ length: workers }, (_, w) => (w % 3) - (w === 4 ? 2 : 0)),
    }
  })
type Answers = typeof answers extends fc.Arbitrary<infer T> ? T : never

const tests: Record<string, (own: Answers) => unknown> = {
  sides: ({ worker, side, workers }) => sideBias({ worker, side, workers }, 3),
  features: ({ worker, workers, side, difference }) =>
    featureBias({ worker, workers, choseLeft: Float64Array.from(side, (own) => (1 - own) / 2), difference }, 3),
  severity: ({ item, worker, items, workers, value }) =>
    raterSeverity({ items, raters: workers, item, rater: worker, value }),
  speed: ({ worker, workers, seconds, right }) => speedQuality({ worker, workers, seconds, right }, 3),
  groups: ({ items, workers, item, worker, category, group }) =>
    finish(
      groupCohesion(
        { items, raters: workers, categories: 3, item, rater: worker, category, group, groups: 2 },
        { seed: 1, permutations: 20, minimumRaters: 1, minimumItems: 1 },
      ),
    ),
  'Mantel-Haenszel': ({ right, side, item }) =>
    mantelHaenszel(
      right,
      side.map((own) => (own > 0 ? 1 : 0)),
      item,
    ),
  'change point': ({ right }) => changePoint(right, { seed: 1, permutations: 19, shortest: 3 }),
}

/** Every number in a result, in order, and every reason. */
function leaves(value: unknown): (number | string)[] {
  if (typeof value === 'number' || typeof value === 'string') return [value]
  return value && typeof value === 'object' ? Object.values(value).flatMap(leaves) : []
}

describe.each(Object.entries(tests))('%s', (name, test) => {
  it('gives numbers or reasons, never NaN, on any small project', () => {
    fc.assert(
      fc.property(answers, (own) => {
        for (const leaf of leaves(test(own)))
          if (typeof leaf === 'number') expect(Number.isFinite(leaf)).toBe(true)
          else expect(leaf).toMatch(/\w/)
      }),
      { numRuns: 150 },
    )
  })

  // A change in time is the one thing that the order of the rows must move.
  if (name === 'change point') return
  it('does not change with the order of the rows', () => {
    fc.assert(
      fc.property(answers, fc.integer(), (own, seed) => {
        const order = shuffle([...own.worker.keys()], createRandom(seed))
        const moved = { ...own }
        for (const key of ['worker', 'item', 'side', 'right', 'category'] as const)
          moved[key] = Int32Array.from(order, (r) => own[key][r]!)
        for (const key of ['difference', 'seconds', 'value'] as const)
          moved[key] = Float64Array.from(order, (r) => own[key][r]!)
        const [before, after] = [leaves(test(own)), leaves(test(moved))]
        expect(after).toHaveLength(before.length)
        for (const [at, leaf] of before.entries())
          if (typeof leaf === 'number') expect(after[at]).toBeCloseTo(leaf, 4)
          else expect(after[at]).toBe(leaf)
      }),
      { numRuns: 60 },
    )
  })
})
