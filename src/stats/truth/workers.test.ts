import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from '../random.ts'
import { copying, upperTail } from './copying.ts'
import { crowdlab } from './crowdlab.ts'
import { ibcc } from './ibcc.ts'
import { labelTable } from './labels.ts'
import { numericTruth } from './numeric.ts'
import { ordinalTruth, probabilities } from './ordinal.ts'
import { accuracyAgainst } from './result.ts'
import { spammerScores } from './spammer.ts'
import { fastShare, floorAt, speedModel } from './speed.ts'
import { straightLining } from './straight-lining.ts'
import { suspects } from './suspects.ts'

describe('numbers', () => {
  const simulate = (seed: number) => {
    const random = createRandom(seed)
    const truth = Array.from({ length: 80 }, () => 50 + 10 * random.normal())
    const bias = [0, 0, 6, -6, 0]
    const spread = [1, 2, 2, 2, 12]
    const rows = truth.flatMap((x, i) => bias.map((b, w) => ({ i, w, y: x + b + spread[w]! * random.normal() })))
    const ratings = {
      items: 80,
      workers: 5,
      item: Int32Array.from(rows, ({ i }) => i),
      worker: Int32Array.from(rows, ({ w }) => w),
      value: Float64Array.from(rows, ({ y }) => y),
    }
    return { truth, ratings, bias, spread }
  }
  it('two workers who differ by 2 on one item meet in the middle', () => {
    const found = numericTruth({
      items: 1,
      workers: 2,
      item: Int32Array.of(0, 0),
      worker: Int32Array.of(0, 1),
      value: Float64Array.of(1, 3),
    })
    expect(found.value[0]).toBeCloseTo(2, 9)
  })
  it('finds bias and spread, and lies nearer to the truth than the mean does', () => {
    const { truth, ratings, bias, spread } = simulate(3)
    const found = numericTruth(ratings)
    expect(found.converged).toBe(true)
    const error = (values: ArrayLike<number>) => truth.reduce((sum, x, i) => sum + (x - values[i]!) ** 2, 0)
    const means = truth.map((_, i) => {
      const own = [...ratings.value].filter((_, r) => ratings.item[r] === i)
      return own.reduce((a, b) => a + b, 0) / own.length
    })
    expect(error(found.value)).toBeLessThan(error(means) / 2)
    found.workers.forEach((worker, w) => {
      expect(Math.abs(worker.bias - bias[w]!)).toBeLessThan(1.5)
      expect(worker.spread / spread[w]!).toBeGreaterThan(0.6)
      expect(worker.spread / spread[w]!).toBeLessThan(1.7)
    })
  })
  it('follows the unit of the numbers, and not the order of rows', () => {
    const { ratings } = simulate(4)
    const plain = numericTruth(ratings)
    const scaled = numericTruth({ ...ratings, value: ratings.value.map((y) => 1000 * y) })
    const order = shuffle([...ratings.value.keys()], createRandom(1))
    const moved = numericTruth({
      ...ratings,
      item: Int32Array.from(order, (r) => ratings.item[r]!),
      worker: Int32Array.from(order, (r) => ratings.worker[r]!),
      value: Float64Array.from(order, (r) => ratings.value[r]!),
    })
    for (let i = 0; i < 80; i++) {
      expect(scaled.value[i]! / 1000).toBeCloseTo(plain.value[i]!, 6)
      expect(moved.value[i]).toBeCloseTo(plain.value[i]!, 7)
    }
  })
  it('an item without ratings has no error of its own; a rating that is no number is refused', () => {
    const base = { items: 2, workers: 1, item: Int32Array.of(0), worker: Int32Array.of(0) }
    expect(numericTruth({ ...base, value: Float64Array.of(5) }).se[1]).toBe(-1)
    expect(() => numericTruth({ ...base, value: Float64Array.of(Number.NaN) })).toThrow('not a number')
  })
})

describe('ordered ratings', () => {
  const severity = [-0.8, 0, 0, 0.8]
  const simulate = (seed: number) => {
    const random = createRandom(seed)
    const steps = Float64Array.of(-2, -0.5, 0.6, 1.9)
    const p = new Float64Array(5)
    const truth = Array.from({ length: 150 }, () => 1.5 * random.normal())
    const rows = truth.flatMap((t, i) =>
      severity.flatMap((c, w) => {
        if (random.next() < 0.3) return []
        probabilities(t - c, steps, p)
        let u = random.next()
        return [[i, w, Math.min(p.findIndex((q) => (u -= q) < 0) & 7, 4)] as const]
      }),
    )
    const table = labelTable(
      rows.map(([i]) => i),
      rows.map(([, w]) => w),
      rows.map(([, , k]) => k),
      { items: 150, workers: 4, classes: 5 },
    )
    return { table, truth }
  }
  it('probabilities: mean and variance of a rating', () => {
    const p = new Float64Array(3)
    const { mean, variance } = probabilities(0, Float64Array.of(0, 0), p)
    expect([...p].map((q) => q.toFixed(6))).toEqual(['0.333333', '0.333333', '0.333333'])
    expect(mean).toBeCloseTo(1, 12)
    expect(variance).toBeCloseTo(2 / 3, 12)
  })
  it('tells the strict from the lenient, within their errors', () => {
    const { table } = simulate(5)
    const found = ordinalTruth(table)
    expect(found.converged).toBe(true)
    severity.forEach((c, w) => {
      expect(Math.abs(found.severity[w]! - c)).toBeLessThan(3 * found.severitySe[w]!)
    })
    expect(found.severitySe[0]).toBeLessThan(0.3)
  })
  it('an item rated by the strict alone gets a fair rating above its plain one', () => {
    const rows: [number, number, number][] = []
    for (let i = 0; i < 30; i++) rows.push([i, 0, 1 + (i % 4)], [i, 1, i % 4])
    rows.push([30, 0, 2], [31, 1, 2])
    const table = labelTable(
      rows.map(([i]) => i),
      rows.map(([, w]) => w),
      rows.map(([, , k]) => k),
      { items: 32, workers: 2, classes: 5 },
    )
    const { fair, severity: c } = ordinalTruth(table)
    expect(c[1]).toBeGreaterThan(c[0]!)
    expect(fair[31]! - fair[30]!).toBeGreaterThan(0.5)
  })
})

describe('crowdlab', () => {
  it('one item by hand', () => {
    // items 0-2 have two labels, item 3 one; model says class 0 with .8, .6, .3, .9
    const table = labelTable([0, 0, 1, 1, 2, 2, 3], [0, 1, 0, 1, 0, 1, 0], [0, 0, 0, 1, 1, 1, 0], {
      items: 4,
      workers: 2,
      classes: 2,
    })
    const model = Float64Array.of(0.8, 0.2, 0.6, 0.4, 0.3, 0.7, 0.9, 0.1)
    // consensus 0, 0 (tie to the model), 1: A = 2/3, P = (1 + 1/2 + 1)/3, agreement of both workers 2/3, model right on all
    const p = 2.5 / 3
    const worker = 1e-6
    const machine = Math.sqrt(7 / 4)
    const { posterior, modelWeight } = crowdlab(table, model)
    expect(modelWeight).toBeCloseTo(machine, 10)
    expect(posterior[0]).toBeCloseTo((machine * 0.8 + 2 * worker * p) / (machine + 2 * worker), 9)
  })
  it('a good model helps where labels are few, and is weighed down where it is bad', () => {
    const random = createRandom(6)
    const truth = new Int32Array(300)
    const rows: [number, number, number][] = []
    const good = new Float64Array(600)
    const bad = new Float64Array(600)
    for (let i = 0; i < 300; i++) {
      truth[i] = random.integer(2)
      for (let w = 0; w < 3; w++)
        if (i % 3 === 0 || w === i % 3) rows.push([i, w, random.next() < 0.75 ? truth[i]! : 1 - truth[i]!])
      const sure = random.next() < 0.9 ? truth[i]! : 1 - truth[i]!
      good[2 * i + sure] = 0.85
      good[2 * i + 1 - sure] = 0.15
      bad[2 * i + random.integer(2)] = 1
    }
    const table = labelTable(
      rows.map(([i]) => i),
      rows.map(([, w]) => w),
      rows.map(([, , k]) => k),
      { items: 300, workers: 3, classes: 2 },
    )
    const withGood = crowdlab(table, good)
    const withBad = crowdlab(table, bad)
    expect(accuracyAgainst(withGood.posterior, 2, truth)).toBeGreaterThan(0.87)
    expect(withBad.modelWeight).toBeLessThan(withGood.modelWeight / 3)
    expect(() =>
      crowdlab(
        table,
        good.map((q) => 2 * q),
      ),
    ).toThrow('sum to 1')
  })
})

describe('spammer score', () => {
  it('worked example; a spammer scores 0, a perfect worker 1', () => {
    expect(spammerScores(Float64Array.of(0.9, 0.1, 0.2, 0.8), 2)[0]).toBeCloseTo(0.49, 12)
    expect(spammerScores(Float64Array.of(0.7, 0.3, 0.7, 0.3), 2)[0]).toBeCloseTo(0, 12)
    expect(spammerScores(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), 3)[0]).toBeCloseTo(1, 12)
  })
})

describe('straight-lining', () => {
  const flat = (n: number, classes: number) => new Float64Array(n * classes).fill(1 / classes)
  it('worked example', () => {
    const found = straightLining(Int32Array.of(0, 0, 0, 1, 1, 1), 2, flat(6, 2))
    expect(found).toMatchObject({ repeats: 4, expectedRepeats: 2, longestRun: 3 })
    expect(found.pRepeats).toBeCloseTo(0.0855, 3)
  })
  it('sees long stretches by their repeats and a single answer by its habit', () => {
    const stretches = Int32Array.from({ length: 60 }, (_, a) => Math.floor(a / 10) % 3)
    expect(straightLining(stretches, 3, flat(60, 3)).pRepeats).toBeLessThan(1e-6)
    const same = straightLining(new Int32Array(40), 3, flat(40, 3))
    expect(same.pRepeats).toBe(1)
    expect(same.pHabit).toBeLessThan(1e-9)
    expect(same.favourite).toBe(0)
  })
  it('accuses an honest worker about as often as it says', () => {
    const random = createRandom(8)
    let repeats = 0
    let habit = 0
    const runs = 2000
    for (let run = 0; run < runs; run++) {
      const answers = Int32Array.from({ length: 80 }, () => random.integer(3))
      const found = straightLining(answers, 3, flat(80, 3))
      repeats += Number(found.pRepeats < 0.05)
      habit += Number(found.pHabit < 0.05)
    }
    expect(repeats / runs).toBeLessThan(0.06)
    expect(habit / runs).toBeLessThan(0.06)
    expect(repeats / runs).toBeGreaterThan(0.02)
  })
  it('no answers, no verdict', () => {
    expect(straightLining(new Int32Array(0), 2, new Float64Array(0))).toMatchObject({
      pRepeats: 1,
      pHabit: 1,
      share: 0,
    })
  })
})

describe('speed', () => {
  const simulate = (seed: number, share: number) => {
    const random = createRandom(seed)
    const length = Float64Array.from({ length: 1500 }, () => Math.exp(5 + 0.8 * random.normal()))
    const quick = Array.from(length, () => random.next() < share)
    const seconds = length.map((chars, a) =>
      Math.exp(quick[a] ? 0.7 + 0.3 * random.normal() : 0.8 * Math.log(chars) - 0.5 + 0.4 * random.normal()),
    )
    return { length, seconds, quick }
  }
  it('finds the share of answers without reading, and a floor that grows with length', () => {
    const { length, seconds, quick } = simulate(3, 0.15)
    const model = speedModel(seconds, length)
    expect(model.twoWays).toBe(true)
    expect(Math.abs(model.notReading.share - 0.15)).toBeLessThan(0.03)
    expect(Math.abs(model.reading.slope - 0.8)).toBeLessThan(0.05)
    expect(floorAt(model, 400)).toBeGreaterThan(floorAt(model, 50))
    const wrong = quick.filter((fast, a) => fast !== model.fast[a]! > 0.5).length
    expect(wrong / quick.length).toBeLessThan(0.03)
    const { share, low, high } = fastShare(model.fast)
    expect(low).toBeLessThan(share)
    expect(high).toBeGreaterThan(share)
  })
  it('calls nobody fast where all read', () => {
    const { length, seconds } = simulate(4, 0)
    const model = speedModel(seconds, length)
    expect(model.twoWays).toBe(false)
    expect(model.fast.every((f) => f === 0)).toBe(true)
    expect(floorAt(model, 100)).toBe(0)
  })
  it('refuses too few answers and times of 0', () => {
    expect(() => speedModel(new Float64Array(5).fill(1), new Float64Array(5).fill(1))).toThrow('20 answers')
    expect(() => speedModel(new Float64Array(30), new Float64Array(30).fill(1))).toThrow('above 0')
  })
})

describe('copying', () => {
  it('exact tail of different chances', () => {
    expect(upperTail(30, Array(30).fill(0.68))).toBeCloseTo(0.68 ** 30, 12)
    expect(upperTail(2, [0.5, 0.5])).toBeCloseTo(0.25, 12)
    expect(upperTail(0, [0.2])).toBe(1)
    expect(upperTail(520, Array(1000).fill(0.5))).toBeCloseTo(0.1087, 2)
  })
  it('names the pair that copies, and hardly another', () => {
    const random = createRandom(9)
    const rows: [number, number, number][] = []
    for (let i = 0; i < 200; i++) {
      const truth = random.integer(3)
      const answers = [0, 1, 2, 3, 4].map(() => (random.next() < 0.7 ? truth : random.integer(3)))
      answers.push(random.next() < 0.9 ? answers[4]! : random.integer(3))
      answers.forEach((k, w) => {
        rows.push([i, w, k])
      })
    }
    const table = labelTable(
      rows.map(([i]) => i),
      rows.map(([, w]) => w),
      rows.map(([, , k]) => k),
      { items: 200, workers: 6, classes: 3 },
    )
    const found = copying(table, ibcc(table))
    expect(found[0]).toMatchObject({ first: 4, second: 5, common: 200 })
    expect(found[0]!.q).toBeLessThan(1e-6)
    expect(found.slice(1).filter(({ q }) => q < 0.05).length).toBeLessThanOrEqual(1)
  })
})

describe('suspects', () => {
  /** Pairs whose better side is clear to a degree; the careless answer by chance. */
  function simulate(seed: number, tasks: number, overlap: number) {
    const random = createRandom(seed)
    const kinds = ['careful', 'careful', 'careful', 'careful', 'careless']
    const rows: [number, number, number][] = []
    for (let i = 0; i < tasks; i++) {
      const merit = 3 * random.normal()
      const first = random.integer(5)
      for (let m = 0; m < overlap; m++) {
        const w = (first + m) % 5
        const better = random.next() < 1 / (1 + Math.exp(-merit))
        rows.push([i, w, kinds[w] === 'careless' ? random.integer(2) : Number(better)])
      }
    }
    const table = labelTable(
      rows.map(([i]) => i),
      rows.map(([, w]) => w),
      rows.map(([, , k]) => k),
      { items: tasks, workers: 5, classes: 2 },
    )
    return suspects(ibcc(table).quality, 2)
  }
  it('finds the careless where there are answers enough, and does not accuse the careful', () => {
    const rate = (tasks: number, overlap: number) => {
      let found = 0
      let accused = 0
      for (let seed = 0; seed < 100; seed++) {
        const { workers } = simulate(seed, tasks, overlap)
        found += Number(workers.some(({ worker }) => worker === 4)) / 100
        accused += workers.filter(({ worker }) => worker < 4).length / 400
      }
      console.log(
        `${tasks} pairs, overlap ${overlap}: careless found ${found.toFixed(2)}, careful accused ${accused.toFixed(3)}`,
      )
      return { found, accused }
    }
    const many = rate(300, 3)
    expect(many.found).toBeGreaterThan(0.9)
    expect(many.accused).toBeLessThan(0.01)
    expect(rate(60, 2).accused).toBeLessThan(0.02)
  })
  it('accuses nobody without answers, and nobody where all are alike', () => {
    const table = labelTable([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1], { items: 2, workers: 3, classes: 2 })
    expect(suspects(ibcc(table).quality, 2).workers).toEqual([])
  })
})
