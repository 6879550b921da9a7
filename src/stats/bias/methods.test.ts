import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { finish } from '../resampling.ts'
import { type ChangePoint, changePoint } from './change-point.ts'
import { type Detector, designDetector, drawBatch, startDrift, stepDrift } from './drift.ts'
import { type GroupCohesion, groupCohesion } from './groups.ts'
import { type MantelHaenszel, mantelHaenszel } from './mantel-haenszel.ts'
import { type RaterSeverity, raterSeverity, type Severity } from './severity.ts'
import { speedQuality } from './speed.ts'

describe('severity', () => {
  it('gives the worked example', () => {
    const ratings = {
      items: 3,
      raters: 2,
      item: Int32Array.of(0, 0, 1, 1, 2, 2),
      rater: Int32Array.of(0, 1, 0, 1, 0, 1),
      value: Float64Array.of(3, 4, 2, 3, 5, 5),
    }
    const { raters } = raterSeverity(ratings) as Severity
    // The paired t test of the differences 1, 1, 0: t = 2 with 2 degrees of freedom, p = 0.1835.
    expect(raters[1]).toMatchObject({ severity: expect.closeTo(1 / 3, 12), p: expect.closeTo(0.183503, 6), n: 3 })
    expect((raters[0] as RaterSeverity).severity).toBeCloseTo(-1 / 3, 12)
  })

  it('is not misled by items: a rater who only met good items is not called lenient', () => {
    const random = createRandom(1)
    const item = Int32Array.from({ length: 400 }, (_, r) => r >> 1)
    const rater = item.map((i, r) => (r % 2 === 0 ? (i < 100 ? 0 : 1) : 2))
    const value = Float64Array.from(item, (i) => (i < 100 ? 5 : 2) + 0.5 * random.normal())
    const { raters } = raterSeverity({ items: 200, raters: 3, item, rater, value }) as Severity
    for (const own of raters) expect(Math.abs((own as RaterSeverity).severity)).toBeLessThan(0.2)
  })

  it('says where raters cannot be compared', () => {
    const apart = {
      items: 2,
      raters: 4,
      item: Int32Array.of(0, 0, 1, 1),
      rater: Int32Array.of(0, 1, 2, 3),
      value: Float64Array.of(1, 2, 3, 5),
    }
    expect(raterSeverity(apart)).toHaveProperty('undefined', expect.stringMatching(/share no item/))
    expect(raterSeverity({ ...apart, item: Int32Array.of(0, 1, 2, 3), items: 4 })).toHaveProperty('undefined')
  })
})

describe('speed and quality', () => {
  it('gives the worked example', () => {
    const answers = {
      worker: new Int32Array(5),
      workers: 1,
      seconds: Float64Array.of(2, 3, 5, 8, 9),
      right: [0, 0, 1, 1, 1],
    }
    expect(speedQuality(answers, 5).workers[0]).toMatchObject({
      slowerWhenRight: 1,
      low: expect.closeTo(0.7175, 4),
      high: 1,
      p: expect.closeTo(0.083265, 6),
      wrong: 2,
    })
    const turned = { ...answers, seconds: answers.seconds.map((s) => -s) }
    expect(speedQuality(turned, 5).workers[0]).toMatchObject({
      slowerWhenRight: 0,
      low: 0,
      high: expect.closeTo(0.3154, 4),
    })
  })

  it('does not mix quick and slow people up', () => {
    const random = createRandom(2)
    const worker = Int32Array.from({ length: 400 }, (_, i) => i % 2)
    const seconds = Float64Array.from(worker, (w) => (w === 0 ? 5 : 50) * Math.exp(0.3 * random.normal()))
    const right = worker.map((w) => (random.next() < (w === 0 ? 0.55 : 0.95) ? 1 : 0))
    expect(speedQuality({ worker, workers: 2, seconds, right }).pool).toMatchObject({
      slowerWhenRight: expect.closeTo(0.5, 1),
    })
    expect(speedQuality({ worker, workers: 2, seconds, right: new Uint8Array(400).fill(1) }).pool).toHaveProperty(
      'undefined',
    )
  })
})

describe('groups', () => {
  it('finds the group with a view of its own, leaves small groups out, and does not depend on names', () => {
    const random = createRandom(3)
    const [items, raters] = [60, 26]
    const group = Int32Array.from({ length: raters }, (_, g) => (g < 2 ? 2 : g % 2))
    const [item, rater, category] = [[], [], []] as [number[], number[], number[]]
    for (let i = 0; i < items; i++) {
      const [common, own] = [random.integer(3), random.integer(3)]
      for (let g = 0; g < raters; g++) {
        item.push(i)
        rater.push(g)
        const view = group[g] === 0 && random.next() < 0.6 ? own : common
        category.push(random.next() < 0.8 ? view : random.integer(3))
      }
    }
    const ratings = {
      items,
      raters,
      categories: 3,
      groups: 3,
      item: Int32Array.from(item),
      rater: Int32Array.from(rater),
      category: Int32Array.from(category),
    }
    const [apart, other, small] = finish(
      groupCohesion({ ...ratings, group }, { seed: 1, permutations: 200 }),
    ) as GroupCohesion[]
    expect(apart!.crossGroup.adjusted).toBeLessThan(0.05)
    expect(apart!.crossGroup.value).toBeLessThan(apart!.crossGroup.expected)
    expect(other!.association!.value).toBeGreaterThan(1)
    expect(small).toEqual({ undefined: '2 raters; at least 5 are needed' })
    const renamed = group.map((g) => [1, 0, 2][g]!)
    const turned = finish(
      groupCohesion({ ...ratings, group: renamed }, { seed: 1, permutations: 200 }),
    ) as GroupCohesion[]
    expect(turned[1]!.inGroup.value).toBeCloseTo(apart!.inGroup.value, 12)
  })
})

describe('Mantel-Haenszel', () => {
  it('gives the figures of R for the admissions at Berkeley', () => {
    // Department: men admitted, men rejected, women admitted, women rejected.
    const table = [
      [512, 313, 89, 19],
      [353, 207, 17, 8],
      [120, 205, 202, 391],
      [138, 279, 131, 244],
      [53, 138, 94, 299],
      [22, 351, 24, 317],
    ]
    const [focal, yes, stratum] = [[], [], []] as [number[], number[], number[]]
    for (const [s, counts] of table.entries())
      for (const [cell, count] of counts.entries())
        for (let n = 0; n < count; n++) {
          focal.push(cell < 2 ? 1 : 0)
          yes.push(cell % 2 === 0 ? 1 : 0)
          stratum.push(s)
        }
    const got = mantelHaenszel(focal, yes, Int32Array.from(stratum)) as MantelHaenszel
    expect(got.oddsRatio).toBeCloseTo(0.9046968, 7)
    expect(got.low).toBeCloseTo(0.7719074, 6)
    expect(got.high).toBeCloseTo(1.0603298, 6)
    expect(got.chiSquare).toBeCloseTo(1.5246, 4)
    expect(got.size).toBe('A')
    const women = mantelHaenszel(
      focal.map((own) => 1 - own),
      yes,
      Int32Array.from(stratum),
    ) as MantelHaenszel
    expect(women.oddsRatio).toBeCloseTo(1 / got.oddsRatio, 10)
    // ETS: below 0 where the focal group, here the men, says yes less often.
    expect([got.delta, women.delta]).toEqual([expect.closeTo(-0.2354, 4), expect.closeTo(0.2354, 4)])
    expect(women.p).toBeCloseTo(got.p, 12)
  })

  it('says when nothing can be compared', () => {
    expect(mantelHaenszel([1, 1], [1, 0], Int32Array.of(0, 0))).toHaveProperty('undefined')
    expect(mantelHaenszel([1, 0, 1, 0], [1, 0, 1, 0], Int32Array.of(0, 0, 0, 0))).toHaveProperty('undefined')
  })
})

describe('drift', () => {
  const design = { usual: 0.9, worse: 0.75, batch: 1, concentration: Number.POSITIVE_INFINITY }
  const made = (kind: 'cusum' | 'ewma', over: Partial<typeof design> = {}) =>
    designDetector(kind, { ...design, ...over }, { falseAlarmsPer1000: 1, seed: 4 }) as Detector

  it('adds up as the worked example says', () => {
    const detector: Detector = { kind: 'cusum', design, threshold: 100, falseAlarmsPer1000: 0 }
    let state = startDrift(detector)
    for (let i = 0; i < 3; i++) state = stepDrift(detector, state, 0, 1)
    expect(state.value).toBeCloseTo(2.749, 3)
  })

  it.each(['cusum', 'ewma'] as const)(
    '%s: states its false alarms, and finds a fall within some tens of answers',
    (kind) => {
      const detector = made(kind)
      expect(Math.abs(detector.falseAlarmsPer1000 - 1)).toBeLessThan(0.2)
      const random = createRandom(5)
      let waited = 0
      for (let run = 0; run < 200; run++) {
        let state = { ...startDrift(detector), alarm: false }
        while (!state.alarm) state = stepDrift(detector, state, drawBatch(design, random, 0.65), 1)
        waited += state.answers / 200
      }
      expect(waited).toBeLessThan(50)
    },
  )

  it('takes a bad day for a day where rates vary from batch to batch', () => {
    const batches = { batch: 20, concentration: 15 }
    const naive = made('cusum', { batch: 20 })
    const aware = made('cusum', batches)
    const random = createRandom(6)
    const alarmsOf = (detector: Detector) => {
      let state = startDrift(detector)
      for (let i = 0; i < 5000; i++)
        state = stepDrift(detector, state, drawBatch({ ...design, ...batches }, random), 20)
      return (1000 * state.alarms) / state.answers
    }
    expect(alarmsOf(naive)).toBeGreaterThan(2 * alarmsOf(aware))
    expect(alarmsOf(aware)).toBeLessThan(1.4)
  })

  it('refuses a design without room', () => {
    const options = { falseAlarmsPer1000: 1, seed: 1 }
    expect(designDetector('cusum', { ...design, worse: 0.95 }, options)).toHaveProperty('undefined')
    expect(designDetector('cusum', { ...design, usual: 1 }, options)).toHaveProperty('undefined')
  })
})

describe('change point', () => {
  it('gives the worked example', () => {
    const right = [...Array(40).keys()].map((i) => (i < 20 ? 1 : 0))
    const got = changePoint(right, { seed: 1, permutations: 99 }) as ChangePoint
    expect(got).toMatchObject({ after: 20, before: 1, since: 0, p: 0.01, logRatio: expect.closeTo(40 * Math.LN2, 10) })
  })

  it('turns round with time, and says when there is nothing to cut', () => {
    const random = createRandom(7)
    const right = [...Array(150).keys()].map((i) => (random.next() < (i < 100 ? 0.9 : 0.5) ? 1 : 0))
    const forth = changePoint(right, { seed: 1, permutations: 199 }) as ChangePoint
    const back = changePoint([...right].reverse(), { seed: 1, permutations: 199 }) as ChangePoint
    expect(forth.p).toBeLessThan(0.02)
    expect(forth.low).toBeLessThanOrEqual(100)
    expect(forth.high).toBeGreaterThanOrEqual(100)
    expect(back.logRatio).toBeCloseTo(forth.logRatio, 10)
    expect(changePoint([1, 1, 0], { seed: 1 })).toHaveProperty('undefined')
    expect(changePoint(new Array(30).fill(1), { seed: 1 })).toHaveProperty('undefined')
  })
})
