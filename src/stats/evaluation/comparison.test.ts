import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { finish } from '../resampling.ts'
import { sigmoid } from '../sigmoid.ts'
import { type Calibration, calibration, fitTemperature } from './calibration.ts'
import { type JudgeAccuracy, judgeAccuracy, type PositionConsistency, positionConsistency } from './judge.ts'
import { type LengthControlled, lengthControlledWinRate } from './length-controlled.ts'
import { type PairedDifference, pairedBootstrap } from './paired-bootstrap.ts'

describe('paired bootstrap', () => {
  it('raises a false alarm about 5 times in 100 and its interval covers', () => {
    const random = createRandom(2)
    let [alarms, inside] = [0, 0]
    const runs = 400
    for (let run = 0; run < runs; run++) {
      const prompt = Array.from({ length: 60 }, () => random.normal())
      const first = prompt.map((level) => level + random.normal())
      const second = prompt.map((level) => level + random.normal())
      const got = finish(pairedBootstrap(first, second, { seed: run, resamples: 300 })) as PairedDifference
      if (got.p < 0.05) alarms++
      if (got.low <= 0 && 0 <= got.high) inside++
    }
    expect(alarms / runs).toBeLessThan(0.085)
    expect(inside / runs).toBeGreaterThan(0.91)
  })

  it('gives the worked example, keeps judgements of one prompt together, and says when there is one prompt', () => {
    const example = finish(
      pairedBootstrap([1, 1, 0, 1], [0, 1, 0, 0], { seed: 1, resamples: 4000 }),
    ) as PairedDifference
    expect(example.difference).toBe(0.5)
    expect(example.p).toBeCloseTo(0.5, 1)
    const random = createRandom(9)
    const first = Array.from({ length: 200 }, () => random.normal())
    const repeated = first.flatMap((value) => [value, value, value, value])
    const zero = new Float64Array(800)
    const cluster = Int32Array.from(repeated, (_, i) => i >> 2)
    const apart = finish(pairedBootstrap(repeated, zero, { seed: 1 })) as PairedDifference
    const together = finish(pairedBootstrap(repeated, zero, { seed: 1, cluster })) as PairedDifference
    expect(together.se / apart.se).toBeGreaterThan(1.8)
    expect(finish(pairedBootstrap([1], [0], { seed: 1 }))).toHaveProperty('undefined')
  })
})

describe('length-controlled win rate', () => {
  it('gives the worked example', () => {
    const score = [...Array(140).keys()]
      .map((i) => (i < 100 ? 1 : 0))
      .concat([...Array(60).keys()].map((i) => (i < 20 ? 1 : 0)))
    const difference = Float64Array.from(score, (_, i) => (i < 140 ? 1 : -1))
    expect((lengthControlledWinRate(score, difference) as LengthControlled).estimate).toBeCloseTo(0.528, 3)
  })

  it('takes out a win rate that is length alone, and covers', () => {
    const random = createRandom(4)
    let [inside, plain] = [0, 0]
    const runs = 300
    for (let run = 0; run < runs; run++) {
      const difference = Float64Array.from({ length: 250 }, () => 0.7 + random.normal())
      const score = difference.map((d) => (random.next() < sigmoid(1.5 * Math.tanh(d)) ? 1 : 0))
      const { low, high } = lengthControlledWinRate(score, difference) as LengthControlled
      if (low <= 0.5 && 0.5 <= high) inside++
      plain += score.reduce((sum, value) => sum + value, 0) / 250 / runs
    }
    expect(plain).toBeGreaterThan(0.6)
    expect(inside / runs).toBeGreaterThan(0.91)
  })

  it('turns round with the models and says when length never varies', () => {
    const random = createRandom(5)
    const difference = Float64Array.from({ length: 80 }, () => random.normal())
    const score = difference.map(() => random.integer(3) / 2)
    const one = lengthControlledWinRate(score, difference) as LengthControlled
    const other = lengthControlledWinRate(
      score.map((s) => 1 - s),
      difference.map((d) => -d),
    ) as LengthControlled
    expect(other.estimate).toBeCloseTo(1 - one.estimate, 8)
    expect(lengthControlledWinRate(score, new Float64Array(80))).toHaveProperty('undefined')
  })

  it('does not guess at equal length where one side is always far longer', () => {
    const random = createRandom(6)
    const difference = Float64Array.from({ length: 70 }, () => 66 + 12 * random.normal())
    const score = difference.map((d) => (random.next() < sigmoid((d - 50) / 8) ? 1 : 0))
    expect(lengthControlledWinRate(score, difference)).toHaveProperty('undefined')
  })
})

describe('calibration', () => {
  it('gives the worked example', () => {
    const got = calibration([0.9, 0.9, 0.9, 0.9], [1, 1, 1, 0], 1) as Calibration
    expect(got.brier).toBeCloseTo(0.21, 12)
    expect(got.ece).toBeCloseTo(0.15, 12)
    expect(got.debiasedRmsce).toBe(0)
  })

  it('finds nothing where probabilities are right, though the plain ECE does, and the distance where they are not', () => {
    const random = createRandom(6)
    let [plain, debiased] = [0, 0]
    for (let run = 0; run < 60; run++) {
      const p = Float64Array.from({ length: 300 }, () => random.next())
      const got = calibration(
        p,
        p.map((chance) => (random.next() < chance ? 1 : 0)),
      ) as Calibration
      plain += got.ece / 60
      debiased += got.debiasedRmsce / 60
    }
    expect(plain).toBeGreaterThan(0.05)
    expect(debiased).toBeLessThan(plain * 0.6)
    const off = Float64Array.from({ length: 20_000 }, () => random.next() * 0.8)
    const got = calibration(
      off,
      off.map((chance) => (random.next() < chance + 0.2 ? 1 : 0)),
    ) as Calibration
    expect(got.debiasedRmsce).toBeCloseTo(0.2, 1)
  })

  it('finds the temperature it was given', () => {
    const random = createRandom(7)
    const logit = Array.from({ length: 20_000 }, () => 3 * random.normal())
    const outcome = logit.map((value) => (random.next() < sigmoid(value / 2.5) ? 1 : 0))
    expect(fitTemperature(logit.map(sigmoid), outcome)).toBeCloseTo(2.5, 0)
    expect(fitTemperature([0.5, 0.5], [0, 1])).toHaveProperty('undefined')
    expect(fitTemperature([0.9, 0.1], [0, 1])).toHaveProperty('undefined')
    expect(fitTemperature([0.9, 0.1], [1, 0])).toHaveProperty('undefined')
  })

  it('does not change with the order of the cases', () => {
    const random = createRandom(8)
    const p = Array.from({ length: 97 }, () => Math.round(random.next() * 10) / 10)
    const y = p.map((chance) => (random.next() < chance ? 1 : 0))
    const [once, turned] = [calibration(p, y), calibration([...p].reverse(), [...y].reverse())] as [
      Calibration,
      Calibration,
    ]
    expect(turned.ece).toBeCloseTo(once.ece, 12)
    expect(turned.bins.map((bin) => bin.n)).toEqual(once.bins.map((bin) => bin.n))
  })
})

describe('judge', () => {
  it('gives the worked example, and covers the true share', () => {
    const human = [...Array(100).keys()].map((i) => (i < 50 ? 1 : 0))
    const judge = human.map((truth, i) => (truth === 1 ? (i < 40 ? 1 : 0) : i < 95 ? 0 : 1))
    const others = [...Array(100).keys()].map((i) => (i < 38 ? 1 : 0))
    const got = judgeAccuracy(human, judge, others) as JudgeAccuracy
    expect(got.sensitivity).toMatchObject({ estimate: 0.8, n: 50 })
    expect(got.specificity).toMatchObject({ estimate: 0.9, n: 50 })
    expect(got.corrected).toMatchObject({ estimate: expect.closeTo(0.4, 10) })
    const random = createRandom(3)
    let inside = 0
    for (let run = 0; run < 500; run++) {
      const truths = Array.from({ length: 300 }, () => (random.next() < 0.4 ? 1 : 0))
      const verdict = (truth: number) => (random.next() < 0.85 ? truth : 1 - truth)
      const { corrected } = judgeAccuracy(
        truths,
        truths.map(verdict),
        Array.from({ length: 1000 }, () => verdict(random.next() < 0.4 ? 1 : 0)),
      ) as JudgeAccuracy
      if (corrected && 'low' in corrected && corrected.low <= 0.4 && 0.4 <= corrected.high) inside++
    }
    expect(inside / 500).toBeGreaterThan(0.92)
  })

  it.each([
    [5, 0.95, 0.2],
    [20, 0.95, 0.9],
    [50, 0.8, 0.5],
  ])(
    'covers the true share also where %d labels each way say that no error was made: right %d, share %d',
    (n, right, share) => {
      const random = createRandom(4)
      const verdict = (truth: number) => (random.next() < right ? truth : 1 - truth)
      const human = Array.from({ length: 2 * n }, (_, i) => i % 2)
      let [inside, defined] = [0, 0]
      for (let run = 0; run < 500; run++) {
        const others = Array.from({ length: 200 }, () => verdict(random.next() < share ? 1 : 0))
        const { corrected } = judgeAccuracy(human, human.map(verdict), others) as JudgeAccuracy
        if (!corrected || !('low' in corrected)) continue
        defined++
        if (corrected.low <= share && share <= corrected.high) inside++
      }
      expect(defined).toBeGreaterThan(400)
      expect(inside / defined).toBeGreaterThan(0.93)
    },
  )

  it('counts verdicts that follow the response as consistent, and tests those that follow the side', () => {
    const follows = positionConsistency([1, -1, 0], [-1, 1, 0]) as PositionConsistency
    expect(follows.consistent.estimate).toBe(1)
    expect(follows.firstSide).toHaveProperty('undefined')
    const first = positionConsistency(new Array(20).fill(1), new Array(20).fill(1)) as PositionConsistency
    expect(first.consistent.estimate).toBe(0)
    expect(first.firstSide).toMatchObject({ share: 1, n: 20 })
    expect(judgeAccuracy([], [])).toHaveProperty('undefined')
    expect(positionConsistency([], [])).toHaveProperty('undefined')
  })
})
