import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { copying } from './copying.ts'
import { ibcc } from './ibcc.ts'
import { labelTable } from './labels.ts'
import { straightLining } from './straight-lining.ts'
import { suspects } from './suspects.ts'

const runs = 10_000

/** A crowd of independent workers right with `skill`. */
function crowd(seed: number, { items = 60, workers = 6, classes = 3, skill = 0.75 } = {}) {
  const random = createRandom(seed)
  const rows: [number, number, number][] = []
  for (let i = 0; i < items; i++) {
    const truth = random.integer(classes)
    for (let w = 0; w < workers; w++) rows.push([i, w, random.next() < skill ? truth : random.integer(classes)])
  }
  return labelTable(
    rows.map(([i]) => i),
    rows.map(([, w]) => w),
    rows.map(([, , k]) => k),
    { items, workers, classes },
  )
}

describe(`false alarms in ${runs} simulated nulls`, () => {
  it('straight-lining: repeats and habit at most 6% of honest workers, of any habit and number of answers', () => {
    const random = createRandom(1)
    const alarms = { repeats: 0, habit: 0 }
    for (let run = 0; run < runs; run++) {
      const n = 20 + random.integer(200)
      const lean = [0.2 + 0.5 * random.next(), 0.2]
      const draw = () => {
        const u = random.next()
        return u < lean[0]! ? 0 : u < lean[0]! + lean[1]! ? 1 : 2
      }
      const expected = Float64Array.from(
        { length: 3 * n },
        (_, cell) => [lean[0]!, lean[1]!, 1 - lean[0]! - lean[1]!][cell % 3]!,
      )
      const found = straightLining(Int32Array.from({ length: n }, draw), 3, expected)
      alarms.repeats += Number(found.pRepeats < 0.05)
      alarms.habit += Number(found.pHabit < 0.05)
    }
    console.log(`straight-lining: repeats ${alarms.repeats / runs}, habit ${alarms.habit / runs}`)
    expect(alarms.repeats / runs).toBeLessThanOrEqual(0.06)
    expect(alarms.habit / runs).toBeLessThanOrEqual(0.06)
  })

  it('copying: a pair of independent workers is called at 5% in at most 6%; power for one who copies a third', () => {
    let alarms = 0
    let tested = 0
    for (let seed = 0; seed < runs / 15; seed++) {
      for (const { p } of copying(crowd(seed), ibcc(crowd(seed)))) {
        tested++
        alarms += Number(p < 0.05)
      }
    }
    let found = 0
    for (let seed = 0; seed < 200; seed++) {
      const random = createRandom(seed + 90_000)
      const table = crowd(seed)
      const label = table.label.slice()
      for (let i = 0; i < table.items; i++)
        if (random.next() < 0.33) label[table.start[i]! + 5] = label[table.start[i]! + 4]!
      const copied = { ...table, label }
      const pair = copying(copied, ibcc(copied)).find(({ first, second }) => first === 4 && second === 5)!
      found += Number(pair.p < 0.05) / 200
    }
    console.log(`copying: ${tested} pairs, false alarms ${alarms / tested}, power at a third copied ${found}`)
    expect(alarms / tested).toBeLessThanOrEqual(0.06)
    expect(found).toBeGreaterThan(0.2)
  })

  it('suspects: nobody is accused among equally good workers', () => {
    let accused = 0
    for (let seed = 0; seed < 2000; seed++) accused += suspects(ibcc(crowd(seed)).quality, 3).workers.length
    expect(accused / (2000 * 6)).toBeLessThan(0.001)
  })
})
