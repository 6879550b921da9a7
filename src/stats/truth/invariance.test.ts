import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from '../random.ts'
import { type Labels, labelTable } from './labels.ts'
import { inferTruth, methodNames } from './methods.ts'

interface Answers {
  items: number
  workers: number
  classes: number
  rows: [item: number, worker: number, label: number][]
}

const answers: fc.Arbitrary<Answers> = fc
  .record({
    items: fc.integer({ min: 2, max: 9 }),
    workers: fc.integer({ min: 2, max: 5 }),
    classes: fc.integer({ min: 2, max: 4 }),
  })
  .chain((sizes) =>
    fc
      .array(
        fc.tuple(
          fc.integer({ min: 0, max: sizes.items - 1 }),
          fc.integer({ min: 0, max: sizes.workers - 1 }),
          fc.integer({ min: 0, max: sizes.classes - 1 }),
        ),
        { minLength: 1, maxLength: 40 },
      )
      .map((rows) => ({ ...sizes, rows })),
  )

const permutation = (n: number, seed: number) => shuffle([...Array(n).keys()], createRandom(seed))
const tableOf = ({ rows, ...sizes }: Answers): Labels =>
  labelTable(
    rows.map(([item]) => item),
    rows.map(([, worker]) => worker),
    rows.map(([, , label]) => label),
    sizes,
  )

/** A crowd with skill, so that methods converge to something. */
function crowd(seed: number, { items = 40, workers = 8, classes = 3, each = 4, skill = 0.8 } = {}): Answers {
  const random = createRandom(seed)
  const rows: Answers['rows'] = []
  for (let i = 0; i < items; i++) {
    const truth = random.integer(classes)
    for (const w of permutation(workers, seed * 1000 + i).slice(0, each))
      rows.push([i, w, random.next() < skill ? truth : random.integer(classes)])
  }
  return { items, workers, classes, rows }
}

describe.each(methodNames)('%s', (method) => {
  const changes = (given: Answers, seed: number) => {
    const item = permutation(given.items, seed)
    const worker = permutation(given.workers, seed + 1)
    const label = permutation(given.classes, seed + 2)
    const rows = given.rows.map(([i, w, l]): [number, number, number] => [item[i]!, worker[w]!, label[l]!])
    const moved = inferTruth(tableOf({ ...given, rows: shuffle(rows, createRandom(seed + 3)) }), method)
    const plain = inferTruth(tableOf(given), method)
    let most = 0
    for (let i = 0; i < given.items; i++)
      for (let k = 0; k < given.classes; k++) {
        const a = plain.posterior[i * given.classes + k]!
        const b = moved.posterior[item[i]! * given.classes + label[k]!]!
        most = Math.max(most, Math.abs(a - b))
      }
    for (let w = 0; w < given.workers; w++)
      most = Math.max(most, Math.abs(plain.quality.accuracy[w]! - moved.quality.accuracy[worker[w]!]!))
    return most
  }

  it('gives the same for any order of rows and any names of items, workers and classes', () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 0, max: 1e6 }), (given, seed) => {
        expect(changes(given, seed)).toBeLessThan(1e-9)
      }),
      { numRuns: method === 'ebcc' || method === 'mace' ? 30 : 80 },
    )
    for (let seed = 0; seed < 3; seed++) expect(changes(crowd(seed), seed)).toBeLessThan(1e-9)
  })

  it('posteriors are distributions, and qualities lie inside their intervals', () => {
    fc.assert(
      fc.property(answers, (given) => {
        const { posterior, quality } = inferTruth(tableOf(given), method)
        for (let i = 0; i < given.items; i++) {
          const row = posterior.subarray(i * given.classes, (i + 1) * given.classes)
          expect(Math.abs(row.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-10)
          expect(row.every((q) => q >= 0)).toBe(true)
        }
        for (let w = 0; w < given.workers; w++) {
          expect(quality.low[w]).toBeLessThanOrEqual(quality.accuracy[w]!)
          expect(quality.high[w]).toBeGreaterThanOrEqual(quality.accuracy[w]!)
        }
      }),
      { numRuns: method === 'ebcc' ? 20 : 50 },
    )
  })

  it('a perfect crowd is believed and trusted', () => {
    const perfect = crowd(5, { skill: 1 })
    const { posterior, quality } = inferTruth(tableOf(perfect), method)
    for (const [i, , label] of perfect.rows) expect(posterior[i * 3 + label]).toBeGreaterThan(0.9)
    for (const accuracy of quality.accuracy) expect(accuracy).toBeGreaterThan(0.65)
  })
})
