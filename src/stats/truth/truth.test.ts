import { describe, expect, it } from 'vitest'
import { digamma } from '../distributions.ts'
import { createRandom } from '../random.ts'
import { bwa } from './bwa.ts'
import { dawidSkene } from './dawid-skene.ts'
import { ebcc } from './ebcc.ts'
import { glad } from './glad.ts'
import { ibcc } from './ibcc.ts'
import { type Labels, labelTable, namedLabels } from './labels.ts'
import { mace } from './mace.ts'
import { majority, tiedItems } from './majority.ts'
import { oneCoin } from './one-coin.ts'
import { mcnemar, recommend } from './recommend.ts'
import { accuracyAgainst, best } from './result.ts'
import { wawa } from './wawa.ts'

const table = (...rows: [item: string, worker: string, label: string][]) =>
  namedLabels(
    rows.map(([item]) => item),
    rows.map(([, worker]) => worker),
    rows.map(([, , label]) => label),
  )

/** Workers with given probabilities of being right; the last `careless` always answer class 0. */
function simulated(skills: number[], items: number, each: number, seed: number, shares = [0.5, 0.5], careless = 0) {
  const random = createRandom(seed)
  const workers = skills.length + careless
  const truth = new Int32Array(items)
  const rows: [number, number, number][] = []
  for (let i = 0; i < items; i++) {
    let u = random.next()
    truth[i] = shares.findIndex((share) => (u -= share) < 0)
    const chosen = new Set<number>()
    while (chosen.size < each) chosen.add(random.integer(workers))
    for (const w of chosen) {
      const right = w < skills.length && random.next() < skills[w]!
      const other = (truth[i]! + 1 + random.integer(shares.length - 1)) % shares.length
      rows.push([i, w, w >= skills.length ? 0 : right ? truth[i]! : other])
    }
  }
  const labels: Labels = labelTable(
    rows.map(([i]) => i),
    rows.map(([, w]) => w),
    rows.map(([, , l]) => l),
    { items, workers, classes: shares.length },
  )
  return { labels, truth }
}

describe('label table', () => {
  it('groups by item, orders inside an item by worker and label, counts a worker twice who answers twice', () => {
    const made = labelTable([1, 0, 1, 1], [2, 0, 0, 2], [1, 0, 1, 0], { items: 3, workers: 3, classes: 2 })
    expect([...made.start]).toEqual([0, 1, 4, 4])
    expect([...made.worker]).toEqual([0, 0, 2, 2])
    expect([...made.label]).toEqual([0, 1, 0, 1])
  })
  it('orders an item with hundreds of labels the same way', () => {
    const worker = Array.from({ length: 300 }, (_, n) => (n * 7) % 300)
    const made = labelTable(
      worker.map(() => 0),
      worker,
      worker.map((w) => w % 3),
      { items: 1, workers: 300, classes: 3 },
    )
    expect([...made.worker]).toEqual([...Array(300).keys()])
    expect([...made.label]).toEqual([...Array(300).keys()].map((w) => w % 3))
  })
  it('refuses what lies outside, with the row', () => {
    expect(() => labelTable([0], [5], [0], { items: 1, workers: 2, classes: 1 })).toThrow('outside its range')
    expect(() => namedLabels([], [], [])).toThrow('no labels')
  })
})

describe('limits', () => {
  it('free text as labels: refused where a confusion matrix would need one, answered elsewhere', () => {
    const n = 3000
    const rows = Array.from({ length: n }, (_, i) => i)
    const labels = labelTable(
      rows,
      rows.map((i) => i % 30),
      rows,
      { items: n, workers: 30, classes: n },
    )
    expect(() => ibcc(labels)).toThrow('too many')
    expect(() => dawidSkene(labels)).toThrow('too many')
    expect(() => ebcc(labels)).toThrow('too many')
    expect(majority(labels).posterior[0]).toBe(1)
  })
  it('a random crowd is right about by chance', () => {
    const { labels, truth } = simulated(Array(12).fill(0.5), 600, 4, 17)
    for (const run of [majority, wawa, dawidSkene, oneCoin, ibcc, glad, bwa])
      expect(Math.abs(accuracyAgainst(run(labels).posterior, 2, truth) - 0.5)).toBeLessThan(0.08)
  })
})

describe('worked examples', () => {
  it('majority: shares, and a tie that stays a tie', () => {
    const made = table(['1', 'A', 'a'], ['1', 'B', 'a'], ['1', 'C', 'b'], ['2', 'A', 'a'], ['2', 'B', 'b'])
    const { posterior } = majority(made)
    expect(posterior[0]).toBeCloseTo(2 / 3, 12)
    expect(tiedItems(posterior, 2)).toEqual([1])
    expect(best(posterior, 2, 1)).toEqual([0, 1])
    expect(accuracyAgainst(posterior, 2, [0, 1])).toBe(0.75)
  })
  it('wawa', () => {
    const made = table(
      ['1', 'A', 'x'],
      ['1', 'B', 'x'],
      ['1', 'C', 'y'],
      ['2', 'A', 'x'],
      ['2', 'B', 'x'],
      ['2', 'C', 'x'],
    )
    expect(wawa(made).posterior[0]).toBeCloseTo(0.8, 12)
  })
  it('ibcc: one step from the vote shares', () => {
    const made = table(['1', 'A', '0'], ['2', 'A', '1'])
    const { posterior } = ibcc(made, { iterations: 1 })
    expect(digamma(5) - digamma(1)).toBeCloseTo(2.08333, 5)
    expect(posterior[0]).toBeCloseTo(0.88927, 5)
  })
  it('one-coin: one step', () => {
    const made = table(['1', 'A', '0'], ['1', 'B', '0'], ['1', 'C', '1'])
    const odds = (2 / 3 / (1 / 3)) ** 2 / (7 / 12 / (5 / 12))
    expect(oneCoin(made, { iterations: 1 }).posterior[0]).toBeCloseTo(odds / (1 + odds), 10)
  })
  it('glad: the start', () => {
    const made = table(['1', 'A', '0'], ['1', 'B', '0'], ['1', 'C', '1'])
    expect(glad(made, { iterations: 0 }).posterior[0]).toBeCloseTo(1 / (1 + Math.exp(-Math.E)), 10)
  })
  it('bwa: one step', () => {
    const made = table(['1', 'A', '1'], ['1', 'B', '1'], ['1', 'C', '0'])
    const b = (15 * 2 * 2) / 9
    const [v, u] = [16 / (b + 1 / 9), 16 / (b + 4 / 9)]
    const z = (2 / 3 + 2 * v) / (1 + 2 * v + u)
    const other = (1 / 3 + u) / (1 + 2 * v + u)
    expect(bwa(made, { iterations: 1 }).posterior[1]).toBeCloseTo(z / (z + other), 10)
    expect(z).toBeCloseTo(0.6759, 4)
  })
  it('mace: the formula of one item', () => {
    const made = table(['1', 'A', '0'], ['1', 'B', '0'], ['1', 'C', '1'])
    const { posterior, quality } = mace(made, { restarts: 1, iterations: 1 })
    expect(posterior[0]! + posterior[1]!).toBeCloseTo(1, 10)
    expect(posterior[0]).toBeGreaterThan(0.5)
    expect(quality.parameter![0]).toBeGreaterThan(quality.parameter![2]!)
  })
  it('ebcc with one kind of item is ibcc', () => {
    const { labels } = simulated([0.9, 0.8, 0.7, 0.6], 60, 3, 11)
    const a = ebcc(labels, { kinds: 1, restarts: 1, iterations: 100, tolerance: 0 })
    const b = ibcc(labels, { iterations: 100, tolerance: 0 })
    expect(Math.max(...a.posterior.map((q, n) => Math.abs(q - b.posterior[n]!)))).toBeLessThan(1e-9)
    expect(a.trace.at(-1)!.objective).toBeCloseTo(b.trace.at(-1)!.objective, 6)
  })
  it('McNemar', () => {
    expect(mcnemar(9, 1)).toBeCloseTo(0.0215, 4)
    expect(mcnemar(0, 0)).toBe(1)
  })
})

describe('the objective', () => {
  const { labels } = simulated([0.9, 0.8, 0.75, 0.6, 0.55, 0.9], 120, 3, 3, [0.5, 0.3, 0.2])
  it.each([
    ['dawid-skene, maximum likelihood', () => dawidSkene(labels, { prior: 0, iterations: 60 })],
    ['dawid-skene, prior 0.1', () => dawidSkene(labels, { iterations: 60 })],
    ['one-coin', () => oneCoin(labels, { iterations: 60 })],
    ['ibcc, the evidence lower bound', () => ibcc(labels, { iterations: 60 })],
    ['mace, em', () => mace(labels, { inference: 'em', restarts: 1, iterations: 60 })],
    ['ebcc, the evidence lower bound', () => ebcc(labels, { kinds: 3, restarts: 1, iterations: 60 })],
  ])('of %s never falls', (_, run) => {
    const values = run().trace.map(({ objective }) => objective)
    for (let n = 1; n < values.length; n++) expect(values[n]! - values[n - 1]!).toBeGreaterThan(-1e-6)
    expect(values.at(-1)! - values[0]!).toBeGreaterThan(0)
  })
})

describe('gold and history', () => {
  const { labels, truth } = simulated([0.95, 0.9, 0.1, 0.15, 0.1], 80, 3, 21)
  const gold = truth.map((k, i) => (i < 40 ? k : -1))
  it.each([
    ['dawid-skene', (g?: Int32Array) => dawidSkene(labels, { gold: g })],
    ['ibcc', (g?: Int32Array) => ibcc(labels, { gold: g })],
    ['one-coin', (g?: Int32Array) => oneCoin(labels, { gold: g })],
  ])('%s: gold items tell which of the two camps is right', (_, run) => {
    const rest = truth.map((k, i) => (i < 40 ? -1 : k))
    expect(accuracyAgainst(run().posterior, 2, rest)).toBeLessThan(0.5)
    expect(accuracyAgainst(run(gold).posterior, 2, rest)).toBeGreaterThan(0.85)
  })
  it('what is known of workers stays known', () => {
    const history = new Float64Array(5 * 4)
    for (let w = 0; w < 5; w++) history.set(w < 2 ? [95, 5, 5, 95] : [10, 90, 90, 10], w * 4)
    expect(accuracyAgainst(ibcc(labels, { history }).posterior, 2, truth)).toBeGreaterThan(0.85)
    expect(accuracyAgainst(dawidSkene(labels, { history }).posterior, 2, truth)).toBeGreaterThan(0.85)
  })
})

describe('faults known elsewhere', () => {
  it('MACE does not underflow on an item with 3,000 answers', () => {
    const worker = Array.from({ length: 3000 }, (_, n) => n)
    const labels = labelTable(
      worker.map(() => 0),
      worker,
      worker.map((w) => Number(w % 3 === 0)),
      { items: 1, workers: 3000, classes: 2 },
    )
    const { posterior, logLikelihood } = mace(labels, { restarts: 1 })
    expect(posterior[0]).toBeCloseTo(1, 9)
    expect(Number.isFinite(logLikelihood)).toBe(true)
  })
})

describe('finding careless workers', () => {
  it('ibcc: who always answers the same has an interval around chance, the careful ones lie clearly above it', () => {
    const { labels } = simulated([0.9, 0.85, 0.9, 0.88, 0.92, 0.87], 400, 3, 31, [0.5, 0.5], 2)
    const { quality } = ibcc(labels)
    for (let w = 0; w < 6; w++) expect(quality.low[w]).toBeGreaterThan(0.7)
    for (const w of [6, 7]) {
      expect(quality.high[w]).toBeLessThan(0.65)
      expect(quality.low[w]).toBeGreaterThan(0.4)
    }
  })
  it('intervals of ibcc cover the true accuracy about as often as they say', () => {
    const skills = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.9, 0.85, 0.8]
    let covered = 0
    for (let seed = 0; seed < 40; seed++) {
      const { quality } = ibcc(simulated(skills, 150, 5, 100 + seed).labels)
      skills.forEach((skill, w) => {
        covered += Number(quality.low[w]! <= skill && skill <= quality.high[w]!)
      })
    }
    expect(covered / 400).toBeGreaterThan(0.85)
  })
})

describe('recommendation', () => {
  it('names the simplest method that the best does not beat, and needs gold', () => {
    const { labels, truth } = simulated([0.9, 0.9, 0.9, 0.9], 60, 3, 41)
    const { recommended, compared, n } = recommend(labels, truth, ['majority', 'ibcc', 'glad'])
    expect(recommended).toBe('majority')
    expect(n).toBe(60)
    expect(compared.every(({ low, accuracy, high }) => low <= accuracy && accuracy <= high)).toBe(true)
    expect(() => recommend(labels, new Int32Array(60).fill(-1))).toThrow('No item')
  })
  it('names a model where it beats the vote', () => {
    const skills = [0.97, 0.97, ...Array(8).fill(0.5)]
    const { labels, truth } = simulated(skills, 600, 5, 43)
    expect(recommend(labels, truth, ['majority', 'ibcc']).recommended).toBe('ibcc')
  })
})
