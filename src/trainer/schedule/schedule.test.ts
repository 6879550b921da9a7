import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { presets } from '../model/config.ts'
import { batchesFrom, passesOf } from './batches.ts'
import { glancesOf } from './glances.ts'
import { calibrationOf, orderingOf, wilson } from './interval.ts'
import { planMemory } from './memory.ts'
import { rateAt } from './rate.ts'
import { explodes } from './run.ts'
import { checkMeaning, settingsOf } from './spec.ts'

describe('learning rate', () => {
  const at = (schedule: 'constant' | 'linear' | 'cosine', warmupSteps: number) =>
    Array.from({ length: 10 }, (_, i) => rateAt(i + 1, { peak: 1, steps: 10, warmupSteps, schedule }))

  it('warms up, then falls: the example', () => {
    expect(at('linear', 2)).toEqual([0.5, 1, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125])
    expect(at('cosine', 0)[0]).toBe(1)
    expect(at('cosine', 0)[5]).toBeCloseTo(0.5, 12)
    expect(at('cosine', 2).every((rate, i, all) => i < 3 || rate < all[i - 1])).toBe(true)
  })

  it('constant depends on neither warm-up nor the number of steps', () => {
    expect(new Set(at('constant', 5))).toEqual(new Set([1]))
  })
})

describe('held-out rows on the way', () => {
  it('cost a twentieth of a run at most: more rows first, then more often', () => {
    expect(glancesOf(400, 6400, 1000, 64)).toEqual({ rows: 43, every: 40 })
    expect(glancesOf(400, 64_000, 1000, 64)).toEqual({ rows: 64, every: 40 })
    expect(glancesOf(75, 1200, 300, 64)).toEqual({ rows: 8, every: 8 })
    expect(glancesOf(25, 400, 100, 64)).toEqual({ rows: 8, every: 13 })
    expect(glancesOf(100, 1600, 5, 64)).toEqual({ rows: 5, every: 10 })
    expect(glancesOf(100, 1600, 0, 64)).toBeUndefined()
    expect(glancesOf(100, 1600, 50, 0)).toBeUndefined()
    const [steps, trained] = [fc.integer({ min: 1, max: 1e5 }), fc.integer({ min: 320, max: 1e6 })]
    fc.assert(
      fc.property(
        steps,
        trained,
        fc.integer({ min: 1, max: 1e4 }),
        fc.integer({ min: 1, max: 500 }),
        (n, rows, held, most) => {
          const glances = glancesOf(n, rows, held, most)!
          const seen = (1 + Math.ceil(n / glances.every)) * glances.rows
          expect((seen * 2) / 3 / rows).toBeLessThanOrEqual(0.0501)
        },
      ),
    )
  })
})

describe('batches', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 300 })

  it('show every row once an epoch, in batches that are full but for the last', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 40 }), fc.nat(1000), (all, size, seed) => {
        const at = batchesFrom(all, size, seed)
        const perEpoch = Math.ceil(all.length / size)
        for (const epoch of [0, 1]) {
          const batches = Array.from({ length: perEpoch }, (_, i) => at(epoch * perEpoch + i + 1))
          expect(batches.every((batch) => batch.epoch === epoch)).toBe(true)
          expect(batches.flatMap(({ rows }) => rows).sort((a, b) => a - b)).toEqual(all.map((_, i) => i))
          expect(batches.slice(0, -1).every(({ rows }) => rows.length === size)).toBe(true)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('are a function of seed and step alone, whatever was asked before', () => {
    const all = Array.from({ length: 100 }, (_, i) => i + 1)
    const [a, b] = [batchesFrom(all, 8, 5), batchesFrom(all, 8, 5)]
    for (let step = 1; step < 40; step++) a(step)
    expect(a(30)).toEqual(b(30))
    expect(batchesFrom(all, 8, 6)(1)).not.toEqual(b(1))
  })

  it('waste little on padding', () => {
    const all = Array.from({ length: 800 }, (_, i) => 10 + ((i * 7919) % 490))
    const at = batchesFrom(all, 16, 1)
    let [real, padded] = [0, 0]
    for (let step = 1; step <= 50; step++) {
      const rows = at(step).rows.map((row) => all[row])
      real += rows.reduce((a, b) => a + b, 0)
      padded += Math.max(...rows) * rows.length
    }
    expect(real / padded).toBeGreaterThan(0.85)
  })

  it('split into passes that keep to their size and lose no row', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 2000 }), (all, most) => {
        const passes = passesOf(
          all.map((_, i) => i),
          all,
          most,
        )
        expect(passes.flat().sort((a, b) => a - b)).toEqual(all.map((_, i) => i))
        for (const pass of passes)
          expect(pass.length === 1 || pass.length * Math.max(...pass.map((row) => all[row])) <= most).toBe(true)
      }),
    )
  })
})

describe('memory', () => {
  const facts = (trained: number, total: number) => ({
    config: {
      ...presets['preset:30m'],
      vocabSize: 49152,
      layers: 30,
      hiddenSize: 576,
      heads: 9,
      keyValueHeads: 3,
      headDim: 64,
      intermediateSize: 1536,
    },
    head: 'lm' as const,
    parameters: { trained, total },
    otherParameters: 0,
    learning: 1,
    asked: ['lm'] as const,
    longest: 256,
    stepTokens: 4096,
  })

  it('an adapter on 135 million weights fits into 3 GB, all of its weights do not', () => {
    expect(planMemory(facts(1e6, 135e6), 3e9).estimatedBytes).toBeLessThan(3e9)
    expect(() => planMemory(facts(135e6, 135e6), 2.5e9)).toThrow(/GiB/)
    try {
      planMemory(facts(135e6, 135e6), 2.5e9)
    } catch (error) {
      expect(error).toMatchObject({ code: 'too_large', hint: expect.stringMatching(/LoRA/) })
    }
  })

  it('a row that no pass can hold is refused, however much room there is beside it', () => {
    const long = { ...facts(1e6, 135e6), longest: 2048 }
    const { estimatedBytes } = planMemory(long, 80e9)
    expect(planMemory(long, estimatedBytes).passTokens).toBe(2048)
    expect(() => planMemory(long, estimatedBytes - 1)).toThrow(/GiB/)
  })

  it('counts what sampling keeps, up to its bound', () => {
    const bytesOf = (rows: number) =>
      planMemory({ ...facts(1e6, 135e6), answered: { rows, positions: 256 } }, 80e9).estimatedBytes
    // 30 layers of keys and values of 3 heads of 64 numbers, at 256 positions; twice, as the cache is packed into another.
    const cache = 2 * 30 * 2 * 3 * 64 * 4 * 256
    // Logits and probabilities of 16 steps, each twice.
    const returned = 16 * 2 * 2 * 4 * 49152
    expect(bytesOf(8) - bytesOf(0)).toBe(8 * (cache + returned))
    expect(bytesOf(1000)).toBe(bytesOf(1e6))
    expect(bytesOf(1000) - bytesOf(0)).toBeLessThanOrEqual(2 ** 30)
  })

  it('passes are as large with 8 GB as with 80, so that the course of a run does not depend on the machine', () => {
    expect(planMemory(facts(1e6, 135e6), 8e9).passTokens).toBe(planMemory(facts(1e6, 135e6), 80e9).passTokens)
  })
})

describe('figures', () => {
  it('Wilson interval: the example', () => {
    const { low, high } = wilson(8, 10)
    expect(low).toBeCloseTo(0.49, 3)
    expect(high).toBeCloseTo(0.9433, 3)
  })

  it('a tie counts half', () => {
    expect(orderingOf([1, 0, -1, 2], [1, 1, 0, -1])).toMatchObject({ pairs: 4, accuracy: 0.625, longerWins: 0.625 })
  })

  it('soft labels: the order of one below a half is the other one, a tie has none', () => {
    const soft = orderingOf([1, 1, 1, -1], [1, -1, 1, 1], [0.9, 0.2, 0.5, 0.4])
    expect(soft).toMatchObject({ pairs: 3, accuracy: 2 / 3, longerWins: 2 / 3, ...wilson(2, 3) })
    expect(orderingOf([1], [1], [0.5])).toEqual({ pairs: 0 })
    expect(orderingOf([1, -1], [1, 1], [1, undefined])).toEqual(orderingOf([1, -1], [1, 1]))
  })

  it('calibration of margins', () => {
    // sure and right: nothing off; undecided: (1 - 0.5)² and no error; sure and wrong: off by all
    expect(calibrationOf([50]).calibrationError).toBeCloseTo(0, 10)
    expect(calibrationOf([0])).toEqual({ brier: 0.25, calibrationError: 0 })
    expect(calibrationOf([-50]).calibrationError).toBeCloseTo(1, 10)
    // p = 0.7 against 0.9: (0.9 - 0.7)² and 0.2; against 0.3: (0.3 - 0.7)² and 0.4; both in one bin: (0.9 + 0.3) / 2 = 0.6 of 0.7
    const margin = Math.log(0.7 / 0.3)
    const off = (brier: number, calibrationError: number) => ({
      brier: expect.closeTo(brier, 12),
      calibrationError: expect.closeTo(calibrationError, 12),
    })
    expect(calibrationOf([margin], [0.9])).toEqual(off(0.04, 0.2))
    expect(calibrationOf([margin], [0.3])).toEqual(off(0.16, 0.4))
    expect(calibrationOf([margin, margin], [0.9, 0.3])).toEqual(off(0.1, 0.1))
  })

  it('a loss explodes when it is no number or leaps far above all before it', () => {
    const calm = Array.from({ length: 20 }, () => 2)
    expect(explodes(Number.NaN, [])).toBe(true)
    expect(explodes(1e9, [2, 2])).toBe(false)
    expect(explodes(19, calm)).toBe(false)
    expect(explodes(21, calm)).toBe(true)
  })
})

describe('spec', () => {
  const base = { algorithm: 'dpo' as const, model: 'm', data: 'd', out: 'o' }

  it('refuses a bound that an algorithm does not have, before anybody relies on it', () => {
    expect(() => checkMeaning({ algorithm: 'dpo', klBudget: 0.1 })).toThrow('dpo has no klBudget')
    expect(() => checkMeaning({ algorithm: 'rejection', klTarget: 0.1 })).toThrow('rejection has no klTarget')
    expect(() => checkMeaning({ algorithm: 'rloo', klEstimator: 'k1' })).toThrow('rloo has no klEstimator')
    checkMeaning({ algorithm: 'grpo', klBudget: 0.1, klTarget: 0.1, klEstimator: 'k1' })
    checkMeaning({ algorithm: 'rejection', klBudget: 0.1 })
  })

  it('fills in defaults by size: an adapter beyond 50 million weights', () => {
    expect(settingsOf(base, 1e6)).toMatchObject({ loraRank: 0, beta: 0.1, schedule: 'linear', batchSize: 16 })
    expect(settingsOf(base, 135e6)).toMatchObject({ loraRank: 16, loraAlpha: 32 })
    expect(settingsOf({ ...base, loraRank: 0 }, 135e6).learningRate).toBeLessThan(1e-5)
  })

  it.each([
    ['steps', 0],
    ['steps', 1.5],
    ['learningRate', Number.NaN],
    ['seed', -1],
    ['schedule', 'stairs'],
    ['labelSmoothing', 0.7],
    ['loraTargets', ['c_attn']],
    ['data', ''],
  ])('refuses %s = %s by name', (field, value) => {
    try {
      settingsOf({ ...base, [field]: value }, 1e6)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'bad_input', where: `run, ${field}` })
    }
  })
})
