import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { ibcc, unknownWorker } from './ibcc.ts'
import { type Labels, labelTable } from './labels.ts'

/** first, second, tie, both bad. */
const mirror = Int32Array.of(1, 0, 2, 3)

interface Row {
  item: number
  worker: number
  label: number
}

/** Four people compare; the better response stands first in a share `first` of the items. */
function rowsOf(seed: number, items: number, first: number): Row[] {
  const random = createRandom(seed)
  return Array.from({ length: items }, (_, item) => {
    const truth = random.next() < first ? 0 : 1
    return [0.92, 0.85, 0.7, 0.5].map((right, worker) => {
      const u = random.next()
      const label = u < 0.08 ? 2 : u < 0.12 ? 3 : random.next() < right ? truth : 1 - truth
      return { item, worker, label }
    })
  }).flat()
}

const tableOf = (rows: Row[], items: number): Labels =>
  labelTable(
    rows.map(({ item }) => item),
    rows.map(({ worker }) => worker),
    rows.map(({ label }) => label),
    { items, workers: 4, classes: 4 },
  )

describe('mirrored classes', () => {
  it('swap with the order in which an item is stored, and nothing else changes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.infiniteStream(fc.boolean()), (seed, lots) => {
        const rows = rowsOf(seed, 40, 0.7)
        const turned = Array.from({ length: 40 }, () => lots.next().value as boolean)
        const one = ibcc(tableOf(rows, 40), { mirror })
        const other = ibcc(
          tableOf(
            rows.map((row) => (turned[row.item] ? { ...row, label: mirror[row.label]! } : row)),
            40,
          ),
          { mirror },
        )
        for (let i = 0; i < 40; i++)
          for (let k = 0; k < 4; k++)
            expect(other.posterior[i * 4 + (turned[i] ? mirror[k]! : k)]).toBeCloseTo(one.posterior[i * 4 + k]!, 9)
        for (const w of [0, 1, 2, 3]) expect(other.quality.accuracy[w]).toBeCloseTo(one.quality.accuracy[w]!, 9)
        expect(one.prevalence[0]).toBe(one.prevalence[1])
      }),
      { numRuns: 30 },
    )
  })

  it('gives the bound that only rises, and posteriors that are distributions', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { trace, posterior, factors } = ibcc(tableOf(rowsOf(seed, 60, 0.5), 60), { mirror, tolerance: 1e-9 })
      for (let step = 1; step < trace.length; step++)
        expect(trace[step]!.objective).toBeGreaterThan(trace[step - 1]!.objective - 1e-7)
      for (let i = 0; i < 60; i++)
        expect(posterior.subarray(4 * i, 4 * i + 4).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9)
      for (let w = 0; w < 4; w++)
        for (let k = 0; k < 4; k++)
          for (let l = 0; l < 4; l++)
            expect(factors.answer[(w * 4 + k) * 4 + l]).toBeCloseTo(
              factors.answer[(w * 4 + mirror[k]!) * 4 + mirror[l]!]!,
              12,
            )
    }
  })

  it('learns nothing from the side on which the better ones stand', () => {
    // Nine of ten better ones stand first: without the mirror that passes for knowledge of the next item.
    const rows = rowsOf(3, 300, 0.9)
    const split = [...rows, { item: 300, worker: 0, label: 0 }, { item: 300, worker: 1, label: 1 }]
    const turned = [...rows, { item: 300, worker: 0, label: 1 }, { item: 300, worker: 1, label: 0 }]
    const lean = (own: Row[], labels: number, how?: Int32Array) =>
      ibcc(tableOf(own, 301), { mirror: how }).posterior[300 * 4 + labels]!
    expect(lean(split, 0, mirror)).toBeCloseTo(lean(turned, 1, mirror), 9)
    expect(lean(split, 0)).toBeGreaterThan(lean(turned, 1) + 0.2)
  })

  it('the factors of an item make its posterior', () => {
    const table = tableOf(rowsOf(5, 50, 0.5), 50)
    const { posterior, factors } = ibcc(table, { mirror, tolerance: 1e-10, iterations: 1000 })
    for (let i = 0; i < 50; i++) {
      const row = factors.prior.slice()
      for (let o = table.start[i]!; o < table.start[i + 1]!; o++)
        for (let k = 0; k < 4; k++) row[k]! *= factors.answer[(table.worker[o]! * 4 + k) * 4 + table.label[o]!]!
      const total = row.reduce((a, b) => a + b, 0)
      for (let k = 0; k < 4; k++) expect(row[k]! / total).toBeCloseTo(posterior[i * 4 + k]!, 8)
    }
  })
})

it('a worker of whom nothing is known has the factors of the prior alone', () => {
  const { factors } = ibcc(labelTable([0], [0], [0], { items: 1, workers: 2, classes: 2 }))
  for (const [n, value] of unknownWorker(2).entries()) expect(factors.answer[4 + n]).toBeCloseTo(value, 12)
})
