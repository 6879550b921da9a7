import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { designDetector } from '../bias/drift.ts'
import { digamma } from '../distributions.ts'
import type { Outcome } from '../preference/votes.ts'
import { createRandom } from '../random.ts'
import { ibcc } from '../truth/ibcc.ts'
import { namedLabels } from '../truth/labels.ts'
import { fromBytes, toBytes } from './columns.ts'
import { createLive, type Live, type LiveAnswer, restoreLive } from './state.ts'

const design = { usual: 0.9, worse: 0.6, batch: 1, concentration: Number.POSITIVE_INFINITY }
const detector = designDetector('cusum', design, { falseAlarmsPer1000: 5, seed: 1 })
if ('undefined' in detector) throw new Error(detector.undefined)
const options = { classes: 3, detector, snapshotEvery: 40 }

function stream(n: number, seed: number): LiveAnswer[] {
  const random = createRandom(seed)
  const truth = Array.from({ length: Math.ceil(n / 4) }, () => random.integer(3))
  return Array.from({ length: n }, () => {
    const item = random.integer(truth.length)
    const worker = random.integer(6)
    const label = worker < 5 && random.next() < 0.8 ? truth[item]! : random.integer(3)
    const left = random.integer(4)
    return {
      item: `i${item}`,
      worker: `w${worker}`,
      label,
      gold: item % 5 === 0 ? truth[item] : undefined,
      side: random.next() < 0.5 ? 'left' : 'right',
      pair: {
        left: `m${left}`,
        right: `m${(left + 1 + random.integer(3)) % 4}`,
        outcome: random.integer(3) as Outcome,
      },
    }
  })
}

/** Everything that a reader can see, by name. */
function view(live: Live, answers: readonly LiveAnswer[]) {
  const names = (key: 'item' | 'worker') => [...new Set(answers.map((answer) => answer[key]))].sort()
  return {
    items: names('item').map((name) => [name, live.item(name)] as const),
    workers: names('worker').map((name) => [name, live.worker(name)] as const),
    alpha: live.alpha(),
    scores: live.leaderboard().toSorted((a, b) => (a.model < b.model ? -1 : 1)),
  }
}
type View = ReturnType<typeof view>

function expectSame(a: View, b: View, tolerance: number) {
  expect(b.items.map(([name, item]) => [name, item?.votes])).toEqual(a.items.map(([name, item]) => [name, item?.votes]))
  a.items.forEach(([, item], n) => {
    item?.posterior.forEach((q, k) => {
      expect(Math.abs(q - b.items[n]![1]!.posterior[k]!)).toBeLessThanOrEqual(tolerance)
    })
  })
  a.workers.forEach(([, worker], n) => {
    const other = b.workers[n]![1]!
    expect({ ...other, accuracy: 0 }).toEqual({ ...worker, accuracy: 0 })
    expect(Math.abs(worker!.accuracy - other.accuracy)).toBeLessThanOrEqual(tolerance)
  })
  expect(b.alpha).toEqual(a.alpha)
  a.scores.forEach(({ model, score }, n) => {
    expect(b.scores[n]!.model).toBe(model)
    expect(Math.abs(score - b.scores[n]!.score)).toBeLessThanOrEqual(tolerance)
  })
}

describe('live state', () => {
  it('worked example: the first answer', () => {
    const live = createLive({ classes: 2 })
    live.apply({ item: 'a', worker: 'w', label: 0 })
    const odds = Math.exp(digamma(4) - digamma(1))
    expect(live.item('a')!.posterior[0]).toBeCloseTo(odds / (1 + odds), 10)
    expect(odds / (1 + odds)).toBeCloseTo(0.8622, 4)
  })

  it('alpha from counts: (a, a), (a, b), (b, b) is 4/9; without pairs it is undefined', () => {
    const live = createLive({ classes: 2 })
    expect(live.alpha()).toEqual({ undefined: 'no item has two answers' })
    const labels = [
      [0, 0],
      [0, 1],
      [1, 1],
    ]
    labels.forEach(([x, y], i) => {
      live.apply({ item: `${i}`, worker: 'w', label: x! })
      live.apply({ item: `${i}`, worker: 'v', label: y! })
    })
    const found = live.alpha()
    expect('alpha' in found && found.alpha).toBeCloseTo(4 / 9, 12)
  })

  it('withdrawals at any time leave what the remaining answers alone would have made', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.array(fc.nat(149), { maxLength: 20 }), (seed, taken) => {
        const answers = stream(150, seed)
        const live = createLive(options)
        const gone = new Set<number>()
        answers.forEach((answer, n) => {
          live.apply(answer)
          // some at once, some long after
          for (const position of taken)
            if (!gone.has(position) && (position === n || (position < n && n === 140))) {
              live.withdraw(position)
              gone.add(position)
            }
        })
        const rebuilt = createLive(options)
        answers.forEach((answer, n) => {
          if (!gone.has(n)) rebuilt.apply(answer)
        })
        const left = answers.filter((_, n) => !gone.has(n))
        expectSame(view(live, left), view(rebuilt, left), 1e-9)
        live.batch()
        rebuilt.batch()
        expectSame(view(live, left), view(rebuilt, left), 1e-9)
      }),
      { numRuns: 25 },
    )
  })

  it('after a batch pass the posterior is that of IBCC on the answers in force, whatever happened before', () => {
    const answers = stream(300, 7)
    const live = createLive(options)
    answers.forEach((answer, n) => {
      live.apply(answer)
      if (n === 120) live.batch()
      if (n % 9 === 8) live.withdraw(n - 5)
    })
    live.batch()
    const left = answers.filter((_, n) => !(n + 5 < 300 && (n + 5) % 9 === 8))
    const table = namedLabels(
      left.map(({ item }) => item),
      left.map(({ worker }) => worker),
      left.map(({ label }) => String(label)),
    )
    const { posterior } = ibcc(table)
    table.itemNames.forEach((name, i) => {
      live.item(name)!.posterior.forEach((q, k) => {
        expect(Math.abs(q - posterior[i * 3 + k]!)).toBeLessThan(1e-9)
      })
    })
  })

  it('the local steps stay near the batch result', () => {
    const answers = stream(800, 3)
    const live = createLive(options)
    for (const answer of answers) live.apply(answer)
    const top = (name: string) => {
      const { posterior } = live.item(name)!
      return posterior.indexOf(Math.max(...posterior))
    }
    const names = [...new Set(answers.map(({ item }) => item))]
    const before = names.map(top)
    live.batch()
    const same = names.filter((name, n) => top(name) === before[n]).length
    expect(same / names.length).toBeGreaterThan(0.93)
  })

  it('what is saved is what is restored, and it goes on alike', () => {
    const answers = stream(260, 5)
    const live = createLive(options)
    for (const answer of answers.slice(0, 200)) live.apply(answer)
    live.withdraw(30)
    const again = restoreLive(options, live.save())
    expectSame(view(live, answers.slice(0, 200)), view(again, answers.slice(0, 200)), 0)
    for (const state of [live, again]) {
      for (const answer of answers.slice(200)) state.apply(answer)
      state.withdraw(100)
      state.batch()
    }
    expectSame(view(live, answers), view(again, answers), 0)
    expect(again.position()).toBe(260)
  })

  it('watches gold answers: the detector falls silent again when the wrong ones are withdrawn', () => {
    const live = createLive({ classes: 2, detector })
    const wrong = Array.from({ length: 10 }, (_, n) => live.apply({ item: `g${n}`, worker: 'w', label: 1, gold: 0 }))
    expect(live.worker('w')!.drift!.alarms).toBeGreaterThan(0)
    expect(live.worker('w')!.gold).toEqual({ asked: 10, right: 0 })
    for (const position of wrong) live.withdraw(position)
    expect(live.worker('w')!.drift).toMatchObject({ alarms: 0, answers: 0 })
    expect(live.worker('w')!.gold).toEqual({ asked: 0, right: 0 })
  })

  it('refuses a class outside the range, and a withdrawal of nothing or twice', () => {
    const live = createLive({ classes: 2 })
    expect(() => live.apply({ item: 'a', worker: 'w', label: 2 })).toThrow('0 to 1')
    const position = live.apply({ item: 'a', worker: 'w', label: 1 })
    live.withdraw(position)
    expect(() => live.withdraw(position)).toThrow('no answer in force')
    expect(() => live.withdraw(17)).toThrow('no answer in force')
    expect(live.item('a')!.answers).toBe(0)
  })
})

describe('bytes', () => {
  it('round trip, at any alignment; cut or foreign ones are refused', () => {
    const bytes = toBytes({ a: 'ä' }, { x: Float64Array.of(1.5, -2), y: Int8Array.of(1, 2, 3), z: Int32Array.of(7) })
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    const { plain, arrays } = fromBytes(shifted.subarray(3))
    expect(plain).toEqual({ a: 'ä' })
    expect(arrays).toEqual({ x: Float64Array.of(1.5, -2), y: Int8Array.of(1, 2, 3), z: Int32Array.of(7) })
    expect(() => fromBytes(bytes.subarray(0, bytes.length - 12))).toThrow('cut short')
    expect(() => fromBytes(new Uint8Array(2))).toThrow('no saved live state')
    expect(() => restoreLive({ classes: 4 }, createLive({ classes: 2 }).save())).toThrow('2 classes')
  })
})
