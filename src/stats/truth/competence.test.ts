import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { type Competence, competences } from './competence.ts'
import { ibcc } from './ibcc.ts'
import { labelTable } from './labels.ts'

/** `wrong[w]` of the labels of worker w name the other class; the last worker answers by lot where it is undefined. */
function crowd(seed: number, items: number, wrong: number[]) {
  const random = createRandom(seed)
  const rows = Array.from({ length: items * wrong.length }, (_, n) => ({
    i: Math.floor(n / wrong.length),
    w: n % wrong.length,
  }))
  const label = rows.map(({ i, w }) => (random.next() < wrong[w]! ? 1 - (i % 2) : i % 2))
  return { item: rows.map(({ i }) => i), worker: rows.map(({ w }) => w), label }
}

const measured = ({ item, worker, label }: ReturnType<typeof crowd>, workers: number, items: number) => {
  const table = labelTable(item, worker, label, { items, workers, classes: 2 })
  const { quality, prevalence } = ibcc(table)
  return competences(table, { confusion: quality.confusion!, prevalence })
}

it('gives the worked example', () => {
  // One colleague who is surely right; 60 of 100 answers agree with them.
  const label = Array.from({ length: 200 }, (_, n) => {
    const [i, own] = [n >> 1, n % 2]
    return own && (i < 20 || (i >= 50 && i < 70)) ? 1 - Number(i < 50) : Number(i < 50)
  })
  const table = labelTable(
    label.map((_, n) => n >> 1),
    label.map((_, n) => n % 2),
    label,
    { items: 100, workers: 2, classes: 2 },
  )
  const sure = Float64Array.from([1, 0, 0, 1, 0.5, 0.5, 0.5, 0.5])
  const [, own] = competences(table, { confusion: sure, prevalence: Float64Array.of(0.5, 0.5) }) as Competence[]
  expect(own!.competence).toBeCloseTo(0.2, 6)
  expect(own!.low).toBeCloseTo(0.0047, 4)
  expect(own!.high).toBeCloseTo(0.3852, 4)
  expect(own!.p).toBeUndefined()
})

it('tells who answers by lot from those who know, and says of few answers that they are few', () => {
  const found = measured(crowd(1, 150, [0.1, 0.1, 0.15, 0.5]), 4, 150) as Competence[]
  expect(found[3]!.adjusted).toBeLessThan(1e-3)
  for (const careful of found.slice(0, 3)) expect(careful.adjusted).toBeGreaterThan(0.9)
  expect(measured(crowd(1, 15, [0.1, 0.1, 0.15, 0.5]), 4, 15)[0]).toEqual({
    undefined: '15 shared answers; at least 20 are needed',
  })
})

it('depends neither on the order of rows nor on the names of workers', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.infiniteStream(fc.nat()), (seed, keys) => {
      const rows = crowd(seed, 60, [0.1, 0.2, 0.3, 0.5])
      const order = rows.item.map((_, n) => [keys.next().value as number, n] as const).sort(([a], [b]) => a - b)
      const shuffled = {
        item: order.map(([, n]) => rows.item[n]!),
        worker: order.map(([, n]) => 3 - rows.worker[n]!),
        label: order.map(([, n]) => rows.label[n]!),
      }
      const [one, other] = [measured(rows, 4, 60), measured(shuffled, 4, 60).reverse()] as Competence[][]
      for (const [w, own] of one!.entries()) {
        expect(other![w]!.competence).toBeCloseTo(own.competence, 5)
        expect(other![w]!.p).toBeCloseTo(own.p!, 5)
      }
    }),
    { numRuns: 20 },
  )
})

it('names a worker who stands exactly at the bar in about 8% where 5% is asked, for the bar is estimated', () => {
  let alarms = 0
  const runs = 400
  for (let seed = 0; seed < runs; seed++) {
    // Competence .8 of four; the fifth has three fifths of it: right in .74.
    const own = measured(crowd(seed, 100, [0.1, 0.1, 0.1, 0.1, 0.26]), 5, 100)[4] as Competence
    alarms += Number(own.p! < 0.05)
  }
  console.log(`alarms at the bar: ${alarms / runs}`)
  expect(alarms / runs).toBeLessThan(0.11)
})
