import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { type Choices, type Leaning, leanings } from './leaning.ts'

/** Of a worker with these chances of error; the others are right with chance `sure` on each item. */
function drawn(
  seed: number,
  n: number,
  { toward, away, sure = 1 }: { toward: number; away: number; sure?: number },
): Choices {
  const random = createRandom(seed)
  const choices: Choices = { moreBetter: [], tookMore: [] }
  for (let i = 0; i < n; i++) {
    const better = random.integer(2)
    choices.tookMore.push(better ? Number(random.next() >= away) : Number(random.next() < toward))
    choices.moreBetter.push(random.next() < sure === Boolean(better) ? sure : 1 - sure)
  }
  return choices
}
const one = (choices: Choices) => leanings([choices])[0] as Leaning

it('gives the worked example', () => {
  const own = one({
    moreBetter: Array.from({ length: 80 }, (_, i) => (i < 40 ? 0 : 1)),
    tookMore: Array.from({ length: 80 }, (_, i) => Number(i < 20 || (i >= 40 && i < 76))),
  })
  expect(own).toMatchObject({
    lean: expect.closeTo(0.4, 3),
    low: expect.closeTo(0.213, 3),
    high: expect.closeTo(0.572, 3),
    toward: expect.closeTo(0.5, 3),
    away: expect.closeTo(0.1, 3),
    n: 80,
  })
  expect(own.p).toBeCloseTo(0.00005, 5)
})

it('says the opposite where more and less change places', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
      const choices = drawn(seed, 60, { toward: 0.3, away: 0.15, sure: 0.85 })
      const turned = {
        moreBetter: choices.moreBetter.map((q) => 1 - q),
        tookMore: choices.tookMore.map((took) => 1 - took),
      }
      const [own, other] = [one(choices), one(turned)]
      expect(other.lean).toBeCloseTo(-own.lean, 4)
      expect(other.low).toBeCloseTo(-own.high, 3)
      expect(other.p).toBeCloseTo(own.p, 4)
    }),
    { numRuns: 20 },
  )
})

it('raises a false alarm in about 5 of 100 courses, and finds a lean of .3 in most', () => {
  const alarms = (toward: number, away: number, runs = 400) => {
    let n = 0
    for (let seed = 0; seed < runs; seed++) n += Number(one(drawn(seed, 100, { toward, away, sure: 0.85 })).p < 0.05)
    return n / runs
  }
  const none = alarms(0.15, 0.15)
  const power = alarms(0.45, 0.15)
  console.log(`leaning: false alarms ${none}, power at a lean of .3 ${power}`)
  expect(none).toBeLessThan(0.08)
  expect(power).toBeGreaterThan(0.6)
})

it('says of few choices that they are few', () => {
  expect(leanings([drawn(1, 12, { toward: 0.5, away: 0.1 })])).toEqual([
    { undefined: '12 shared choices; at least 20 are needed' },
  ])
})
