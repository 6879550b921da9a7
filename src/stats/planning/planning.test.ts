import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from '../random.ts'
import { ibcc } from '../truth/ibcc.ts'
import { labelTable, namedLabels } from '../truth/labels.ts'
import { draw, fitShare, itemsForInterval, labelsPerItem, leastShareTold } from './design.ts'
import { entropy, information, pairInformation } from './next-item.ts'
import { belowBar, goldShare, sprt, verdict } from './qualification.ts'
import { replay } from './replay.ts'
import { decide, poolConfusion, updateBelief } from './stopping.ts'

const right = (p: number) => Float64Array.of(p, 1 - p, 1 - p, p)

describe('stopping', () => {
  it('worked example', () => {
    const unsure = decide([0.5, 0.5], { confusion: right(0.8), price: 0.05, horizon: 1 })
    expect(unsure).toMatchObject({ ask: true, loss: 0.5 })
    expect(unsure.gain).toBeCloseTo(0.25, 12)
    expect(decide([0.96, 0.04], { confusion: right(0.8), price: 0.05, horizon: 1 })).toMatchObject({
      ask: false,
      decide: 0,
    })
  })
  it('looks further than one label: two can turn what one cannot', () => {
    const rule = { confusion: right(0.8), price: 0.002 }
    const q = [0.85, 0.15]
    expect(decide(q, { ...rule, horizon: 1 }).ask).toBe(false)
    expect(decide(q, { ...rule, horizon: 3 }).ask).toBe(true)
  })
  it('dear mistakes are looked at longer, and the decision leans away from them', () => {
    const loss = Float64Array.of(0, 1, 20, 0)
    const q = [0.9, 0.1]
    expect(decide(q, { confusion: right(0.8), price: 0.05 }).decide).toBe(0)
    expect(decide(q, { confusion: right(0.8), price: 0.05, loss }).decide).toBe(1)
  })
  it("Bayes' rule; a worker who says nothing changes nothing", () => {
    expect([...updateBelief([0.5, 0.5], right(0.8), 0)].map((p) => p.toFixed(6))).toEqual(['0.800000', '0.200000'])
    expect([...updateBelief([0.3, 0.7], right(0.5), 1)].map((p) => p.toFixed(6))).toEqual(['0.300000', '0.700000'])
    expect(() => decide([0.5, 0.5], { confusion: new Float64Array(3), price: 1 })).toThrow('classes x classes')
  })
})

const data = (path: string) =>
  fileURLToPath(new URL(`../../../../shared/data/truth-inference/sentiment/${path}`, import.meta.url))
describe.skipIf(!existsSync(data('label.csv')))('sentiment (skipped where ../shared/data is absent)', () => {
  it('sequential stopping: at most 4.3 labels an item at 93.5% or better, half the items held out', () => {
    const rows = (path: string) =>
      readFileSync(data(path), 'utf8')
        .trim()
        .split(/\r?\n/)
        .slice(1)
        .map((line) => line.split(','))
    const labels = rows('label.csv')
    const table = namedLabels(
      labels.map(([item]) => item!),
      labels.map(([, worker]) => worker!),
      labels.map(([, , label]) => label!),
    )
    const truth = new Map(rows('truth.csv').map(([item, label]) => [item, label]))
    let used = 0
    let hits = 0
    let n = 0
    for (let seed = 0; seed < 4; seed++) {
      const random = createRandom(seed)
      const order = shuffle([...table.itemNames.keys()], random)
      for (const [known, held] of [
        [order.slice(0, 500), order.slice(500)],
        [order.slice(500), order.slice(0, 500)],
      ] as const) {
        const item: number[] = []
        const worker: number[] = []
        const label: number[] = []
        known.forEach((i) => {
          for (let o = table.start[i]!; o < table.start[i + 1]!; o++) {
            item.push(i)
            worker.push(table.worker[o]!)
            label.push(table.label[o]!)
          }
        })
        const place = new Map(known.map((i, at) => [i, at]))
        const half = labelTable(
          item.map((i) => place.get(i)!),
          worker,
          label,
          { items: 500, workers: table.workers, classes: 2 },
        )
        const fit = ibcc(half)
        const pool = poolConfusion(fit.quality.confusion!, 2, fit.quality.labels)
        const result = replay(table, held, fit, { price: 0.003 }, pool, random)
        used += result.labels / 8
        for (const i of held) {
          n++
          hits += Number(table.classNames[result.decided[i]!] === truth.get(table.itemNames[i]!))
        }
      }
    }
    console.log(`sentiment: ${used.toFixed(2)} labels an item of 20, ${((100 * hits) / n).toFixed(2)}% right`)
    expect(used).toBeLessThanOrEqual(4.3)
    expect(hits / n).toBeGreaterThanOrEqual(0.935)
  })
})

describe('design', () => {
  it('worked example: items for an interval, whose simulated intervals have that width and cover', () => {
    const size = itemsForInterval({ mean: 0.6, rho: 0.2 }, 3, 0.05, createRandom(1), 600)
    expect(size.items).toBe(173)
    expect(size.halfWidth).toBeCloseTo(0.05, 2)
    expect(size.coverage).toBeGreaterThan(0.92)
    expect(size.coverage).toBeLessThan(0.98)
    expect(size.power).toBeGreaterThan(0.9)
    expect(() => itemsForInterval({ mean: 0.6, rho: 0 }, 1, 0, createRandom(1))).toThrow('half-width')
  })
  it('worked example: the least share that so many votes tell from a threshold, whose interval just leaves it out', () => {
    expect(leastShareTold(0.5, { items: 20, votesPerItem: 1, rho: 0.3 })).toBeCloseTo(0.7007, 4)
    const design = { items: 60, votesPerItem: 2, rho: 0.2 }
    const least = leastShareTold(0.4, design)
    const half = 1.959964 * Math.sqrt((least * (1 - least) * 1.2) / 120)
    expect(least - half).toBeCloseTo(0.4, 6)
    expect(itemsForInterval({ mean: least, rho: 0.2 }, 2, half, createRandom(1), 1).items).toBe(60)
    expect(leastShareTold(0.5, { items: 0, votesPerItem: 1, rho: 0 })).toBe(1)
  })
  it('finds mean and correlation again', () => {
    const random = createRandom(4)
    const rows: [number, number, number][] = []
    for (let i = 0; i < 800; i++) {
      const share = random.next() < 0.5 ? 0.3 : 0.9
      for (let w = 0; w < 3; w++) rows.push([i, w, Number(random.next() < share)])
    }
    const table = labelTable(
      rows.map(([i]) => i),
      rows.map(([, w]) => w),
      rows.map(([, , k]) => k),
      { items: 800, workers: 3, classes: 2 },
    )
    const { mean, rho } = fitShare(table, 1)
    expect(mean).toBeCloseTo(0.6, 1)
    expect(rho).toBeCloseTo(0.09 / 0.24, 1)
    // more labels help, with falling returns
    const plan = labelsPerItem(ibcc(table), 2, 7, createRandom(2))
    for (let r = 2; r < 7; r++) expect(plan[r]!.accuracy).toBeGreaterThan(plan[r - 2]!.accuracy - 0.02)
    expect(plan[6]!.accuracy).toBeGreaterThan(plan[0]!.accuracy)
  })
  it('draws in proportion', () => {
    const random = createRandom(5)
    const count = [0, 0, 0]
    for (let n = 0; n < 6000; n++) count[draw([1, 2, 3], random)]!++
    count.forEach((c, k) => {
      expect(c / 1000 / (k + 1)).toBeCloseTo(1, 0)
    })
  })
})

describe('qualification', () => {
  const bar = { good: 0.9, bad: 0.7, falsePass: 0.05, falseFail: 0.05 }
  it('worked example', () => {
    const test = sprt(bar)
    expect(test.pass).toBeCloseTo(2.944, 3)
    expect(test.right).toBeCloseTo(0.2513, 4)
    expect(test.wrong).toBeCloseTo(-1.0986, 4)
    expect(verdict(test, 12, 12)).toBe('pass')
    expect(verdict(test, 5, 5)).toBe('ask on')
    expect(verdict(test, 0, 3)).toBe('fail')
  })
  it('keeps its errors, and needs about the answers it says', () => {
    const test = sprt(bar)
    const random = createRandom(6)
    const runs = 4000
    for (const [p, wrongVerdict, expected] of [
      [0.9, 'fail', test.answersIfGood],
      [0.7, 'pass', test.answersIfBad],
    ] as const) {
      let wrong = 0
      let answers = 0
      for (let run = 0; run < runs; run++) {
        let hits = 0
        let asked = 0
        let said = verdict(test, hits, asked)
        while (said === 'ask on') {
          hits += Number(random.next() < p)
          said = verdict(test, hits, ++asked)
        }
        wrong += Number(said === wrongVerdict)
        answers += asked / runs
      }
      expect(wrong / runs).toBeLessThan(0.06)
      expect(answers / expected).toBeGreaterThan(0.9)
      expect(answers / expected).toBeLessThan(1.35)
    }
  })
  it('gold share: the smallest test within both errors', () => {
    const plan = goldShare(bar, 500)
    expect(plan.falsePass).toBeLessThanOrEqual(0.05)
    expect(plan.falseFail).toBeLessThanOrEqual(0.05)
    expect(plan.share).toBe(plan.items / 500)
    expect(() => goldShare(bar, plan.items - 1)).toThrow('too few')
    expect(() => goldShare({ ...bar, bad: 0.95 }, 500)).toThrow('above bad')
    expect(() => sprt({ ...bar, falsePass: 0 })).toThrow('error rates')
  })
  it('below the bar: more wrong answers, more certain', () => {
    expect(belowBar(10, 10, 0.7)).toBeLessThan(0.02)
    expect(belowBar(5, 20, 0.7)).toBeGreaterThan(0.999)
    expect(() => belowBar(3, 2, 0.7)).toThrow('Right answers')
  })
})

describe('the next item', () => {
  it('worked example', () => {
    expect(entropy([0.5, 0.5])).toBeCloseTo(Math.LN2, 12)
    expect(information([0.5, 0.5], right(0.8))).toBeCloseTo(0.1927, 4)
    expect(information([0.5, 0.5], right(0.5))).toBe(0)
    expect(information([1, 0], right(0.8))).toBe(0)
  })
  it('a pair: nothing to learn where the scores are known, most where they are open and near', () => {
    expect(pairInformation(0.3, 0)).toBe(0)
    expect(pairInformation(0, 1)).toBeGreaterThan(pairInformation(2, 1))
    expect(pairInformation(0, 2)).toBeGreaterThan(pairInformation(0, 1))
    // against a sum over a fine grid
    let mean = 0
    let within = 0
    const h = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p)
    for (let x = -8; x <= 8; x += 0.001) {
      const p = 1 / (1 + Math.exp(-(0.5 + 1.2 * x)))
      const weight = (0.001 * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
      mean += weight * p
      within += weight * h(p)
    }
    expect(pairInformation(0.5, 1.44)).toBeCloseTo(h(mean) - within, 5)
  })
})
