import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from '../random.ts'
import { annotatorAware, annotatorObjective } from './annotator-aware.ts'
import { bootstrapScores } from './bootstrap.ts'
import { bradleyTerry } from './bradley-terry.ts'
import { strongComponents, weakComponents } from './components.ts'
import { contextualBradleyTerry } from './contextual.ts'
import { mixtureBradleyTerry } from './mixture.ts'
import { newOnlineScores, onlineBradleyTerry, onlineUpdate } from './online.ts'
import { cycles, kemeny, rankedPairs } from './orders.ts'
import { plackettLuce } from './plackett-luce.ts'
import type { Ranking } from './rankings.ts'
import { counting, eigenvector, pagerank } from './spectral.ts'
import { outcomeProbabilities, pairLikelihood, type TieModel } from './tie-models.ts'
import { namedVotes, type Outcome, pairCounts, type Votes, winner } from './votes.ts'

type Vote = [left: number, right: number, outcome: number, worker?: number]
const votesOf = (items: number, votes: readonly Vote[], workers?: number): Votes => ({
  items,
  left: Int32Array.from(votes, ([left]) => left),
  right: Int32Array.from(votes, ([, right]) => right),
  outcome: Int8Array.from(votes, ([, , outcome]) => outcome),
  worker: workers === undefined ? undefined : Int32Array.from(votes, ([, , , worker]) => worker ?? 0),
  workers,
})
const times = (n: number, vote: Vote): Vote[] => Array.from({ length: n }, () => vote)
const tieModels: TieModel[] = ['half', 'davidson', 'rao-kupper']
const largest = (values: Iterable<number>) => Math.max(0, ...Array.from(values, Math.abs))

interface Sim {
  seed: number
  scores: number[]
  n: number
  workers?: { look: number; left: number }[]
  tie?: number
}
/** Votes drawn from Davidson's model, each worker looking or answering by side. */
function simulate({ seed, scores, n, workers = [{ look: 1, left: 0.5 }], tie = 0 }: Sim): {
  votes: Vote[]
  flipped: boolean[]
} {
  const random = createRandom(seed)
  const flipped: boolean[] = []
  const votes = Array.from({ length: n }, (): Vote => {
    const left = random.integer(scores.length)
    const right = (left + 1 + random.integer(scores.length - 1)) % scores.length
    const w = random.integer(workers.length)
    const [win, lose] = outcomeProbabilities(
      tie > 0 ? 'davidson' : 'half',
      scores[left]! - scores[right]!,
      Math.log(tie || 1),
    )
    const u = random.next()
    const deserved = u < win ? winner.left : u < win + lose ? winner.right : winner.tie
    const looks = random.next() < workers[w]!.look
    const answer = looks ? deserved : random.next() < workers[w]!.left ? winner.left : winner.right
    flipped.push(answer !== deserved)
    return [left, right, answer, w]
  })
  return { votes, flipped }
}

describe('tie models', () => {
  it.each(tieModels)('%s: derivatives agree with finite differences', (model) => {
    const f = pairLikelihood[model]
    fc.assert(
      fc.property(
        fc.double({ min: -4, max: 4, noNaN: true }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (d, eta) => {
          const [, inD, inEta, dd, dEta, etaEta] = f(3, 2, 4, d, eta)
          const h = 1e-5
          const up = f(3, 2, 4, d + h, eta)
          const down = f(3, 2, 4, d - h, eta)
          const more = f(3, 2, 4, d, eta + h)
          const less = f(3, 2, 4, d, eta - h)
          const slope = (a: number, b: number) => (a - b) / (2 * h)
          const scale = 1 + Math.abs(etaEta)
          expect(Math.abs(slope(up[0], down[0]) - inD)).toBeLessThan(1e-6)
          expect(Math.abs(slope(more[0], less[0]) - inEta)).toBeLessThan(1e-5 * scale)
          expect(Math.abs(slope(up[1], down[1]) - dd)).toBeLessThan(1e-6)
          expect(Math.abs(slope(more[1], less[1]) - dEta)).toBeLessThan(1e-6)
          expect(Math.abs(slope(more[2], less[2]) - etaEta)).toBeLessThan(1e-5 * scale)
        },
      ),
    )
  })
  it('closed forms for two items: 6 wins, 2 losses, 4 ties', () => {
    const votes = votesOf(2, [...times(6, [0, 1, 0]), ...times(2, [0, 1, 1]), ...times(4, [1, 0, 2])])
    const difference = (ties: TieModel) => {
      const { score } = bradleyTerry(votes, { ties })
      return score[0]! - score[1]!
    }
    expect(difference('davidson')).toBeCloseTo(Math.log(3), 10)
    expect(difference('rao-kupper')).toBeCloseTo(Math.log(5) / 2, 10)
    expect(difference('half')).toBeCloseTo(Math.log(2), 10)
  })
})

describe('Bradley-Terry', () => {
  it('two items, 3 wins of 4', () => {
    const votes = votesOf(2, [...times(3, [0, 1, 0]), [0, 1, 1]])
    for (const errors of ['model', 'sandwich'] as const) {
      const { score, worth, se } = bradleyTerry(votes, { errors })
      expect(score[0]! - score[1]!).toBeCloseTo(Math.log(3), 10)
      expect(worth[0]).toBeCloseTo(0.75, 10)
      expect(2 * se[0]!).toBeCloseTo(1.1547, 4)
    }
  })

  const anyVotes = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 2 })), {
      minLength: 5,
      maxLength: 60,
    })
    .map((list) => list.map(([left, step, outcome]): Vote => [left, (left + step) % 5, outcome]))

  it.each(tieModels)('%s: order of votes, sides and names change nothing', (ties) => {
    fc.assert(
      fc.property(anyVotes, fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(0, 0.5), (votes, seed, prior) => {
        const random = createRandom(seed)
        const name = shuffle([0, 1, 2, 3, 4], random)
        const moved = shuffle([...votes], random).map(
          ([left, right, outcome]): Vote =>
            random.next() < 0.5
              ? [name[left]!, name[right]!, outcome]
              : [name[right]!, name[left]!, outcome === 2 ? 2 : 1 - outcome],
        )
        const a = bradleyTerry(votesOf(5, votes), { ties, prior })
        const b = bradleyTerry(votesOf(5, moved), { ties, prior })
        for (let i = 0; i < 5; i++) {
          expect(b.reason[name[i]!] === undefined).toBe(a.reason[i] === undefined)
          if (a.reason[i] !== undefined) continue
          expect(Math.abs(b.score[name[i]!]! - a.score[i]!)).toBeLessThan(1e-8)
          expect(Math.abs(b.se[name[i]!]! - a.se[i]!)).toBeLessThan(1e-6)
        }
      }),
      { numRuns: 150 },
    )
  })

  it.each(tieModels)('%s: a fit that claims a maximum has gradient 0, and every number is finite', (ties) => {
    fc.assert(
      fc.property(anyVotes, (votes) => {
        const table = votesOf(5, votes)
        const fit = bradleyTerry(table, { ties })
        expect(fit.converged).toBe(true)
        for (const values of [fit.score, fit.worth, fit.se]) expect(values.every(Number.isFinite)).toBe(true)
        expect(largest(fit.score)).toBeLessThan(25)
      }),
      { numRuns: 150 },
    )
  })

  it('twice the votes: errors shrink by the root of 2', () => {
    const { votes } = simulate({ seed: 1, scores: [1, 0.5, 0, -0.5], n: 300, tie: 0.5 })
    for (const ties of tieModels)
      for (const errors of ['model', 'sandwich'] as const) {
        const once = bradleyTerry(votesOf(4, votes), { ties, errors }).se
        const twice = bradleyTerry(votesOf(4, [...votes, ...votes]), { ties, errors }).se
        once.forEach((se, i) => {
          expect(se / twice[i]!).toBeCloseTo(Math.SQRT2, 6)
        })
      }
  })

  it('an undefeated item is named, the others are scored as without it', () => {
    const rest: Vote[] = [
      [1, 2, 0],
      [2, 3, 0],
      [3, 1, 0],
      [1, 2, 1],
    ]
    const fit = bradleyTerry(votesOf(4, [...rest, [0, 1, 0], [0, 2, 0]]))
    expect(fit.reason[0]).toMatch(/never lost/)
    expect(fit.reason.slice(1)).toEqual([undefined, undefined, undefined])
    const alone = bradleyTerry(votesOf(4, rest))
    for (const i of [1, 2, 3]) expect(fit.score[i]).toBeCloseTo(alone.score[i]!, 10)
    expect(bradleyTerry(votesOf(4, [...rest, [0, 1, 0]]), { prior: 0.5 }).reason[0]).toBeUndefined()
  })

  it('what was never compared lies in another component', () => {
    const fit = bradleyTerry(
      votesOf(5, [
        [0, 1, 0],
        [0, 1, 1],
        [2, 3, 0],
        [2, 3, 1],
      ]),
    )
    expect([...fit.component]).toEqual([0, 0, 1, 1, 2])
    expect(fit.reason[4]).toBe('never compared')
  })

  it('thousands of small parts are fitted one by one, as each would be alone', () => {
    const { votes } = simulate({
      seed: 6,
      scores: [0.5, 0, -0.5],
      n: 40,
      workers: Array(4).fill({ look: 1, left: 0.5 }),
    })
    const parts = 3000
    const all = Array.from({ length: parts }, (_, p) =>
      votes.map(([l, r, o, w]): Vote => [3 * p + l, 3 * p + r, o, w]),
    ).flat()
    const alone = bradleyTerry(votesOf(3, votes, 4), { clusterByWorker: true })
    const together = bradleyTerry(votesOf(3 * parts, all, 4), { clusterByWorker: true })
    for (const i of [0, 1, 2, 3 * parts - 1]) {
      expect(together.score[i]).toBeCloseTo(alone.score[i % 3]!, 10)
      expect(together.se[i]).toBeCloseTo(alone.se[i % 3]!, 10)
    }
    expect(together.component[3 * parts - 1]).toBe(parts - 1)
    expect(together.logLikelihood / parts).toBeCloseTo(alone.logLikelihood, 8)
  })

  it('ties do not make a maximum where they can run away with the scores', () => {
    const noUpset: Vote[] = [
      [0, 1, 0],
      [0, 1, 2],
    ]
    expect(bradleyTerry(votesOf(2, noUpset)).reason).toEqual([undefined, undefined])
    expect(bradleyTerry(votesOf(2, noUpset), { ties: 'davidson' }).reason[0]).toMatch(/never lost/)
    const chain: Vote[] = [
      [0, 1, 0],
      [1, 2, 0],
      [0, 2, 2],
    ]
    expect(bradleyTerry(votesOf(3, chain), { ties: 'davidson' }).reason).toEqual([undefined, undefined, undefined])
  })

  it('the sandwich over workers is wider where a few workers vote alike', () => {
    const { votes } = simulate({ seed: 4, scores: [0.3, 0, -0.3], n: 60 })
    const copied = Array.from({ length: 20 }, () => votes.map(([l, r, o], n): Vote => [l, r, o, n])).flat()
    const table = votesOf(3, copied, 60)
    const plain = bradleyTerry(table).se
    const clustered = bradleyTerry(table, { clusterByWorker: true }).se
    clustered.forEach((se, i) => {
      expect(se / plain[i]!).toBeCloseTo(Math.sqrt(20), 6)
    })
  })

  it('intervals cover the truth about as often as they say', () => {
    const scores = [1, 0.4, 0, -0.6, -0.8]
    let covered = 0
    for (let seed = 0; seed < 100; seed++) {
      const { score, se } = bradleyTerry(votesOf(5, simulate({ seed, scores, n: 400 }).votes))
      scores.forEach((truth, i) => {
        covered += Number(Math.abs(score[i]! - truth) < 1.96 * se[i]!)
      })
    }
    expect(covered / 500).toBeGreaterThan(0.92)
    expect(covered / 500).toBeLessThan(0.98)
  })

  it('the bootstrap agrees with the sandwich, reports progress and stops when told', () => {
    const votes = votesOf(4, simulate({ seed: 9, scores: [0.8, 0.2, -0.2, -0.8], n: 500 }).votes)
    const { se } = bradleyTerry(votes)
    const drawn = bootstrapScores(votes, { samples: 300, seed: 2 })
    drawn.se.forEach((value, i) => {
      expect(value / se[i]!).toBeGreaterThan(0.85)
    })
    drawn.se.forEach((value, i) => {
      expect(value / se[i]!).toBeLessThan(1.15)
    })
    expect(bootstrapScores(votes, { samples: 300, onProgress: (share) => share < 0.1 }).used[0]).toBe(30)
  })
})

describe('Plackett-Luce', () => {
  const pairsAsRankings = (votes: readonly Vote[]): Ranking[] =>
    votes.map(([left, right, outcome]) => ({
      groups: outcome === 2 ? [[left, right]] : outcome === 0 ? [[left], [right]] : [[right], [left]],
      weight: 1,
    }))

  it('is Bradley-Terry on pairs, and Davidson on pairs with ties', () => {
    const plain = simulate({ seed: 2, scores: [0.7, 0, -0.7], n: 120 }).votes
    const tied = simulate({ seed: 3, scores: [0.7, 0, -0.7], n: 150, tie: 0.6 }).votes
    for (const [votes, ties] of [
      [plain, 'half'],
      [tied, 'davidson'],
    ] as const) {
      const pl = plackettLuce(3, pairsAsRankings(votes))
      const bt = bradleyTerry(votesOf(3, votes), { ties })
      for (let i = 0; i < 3; i++) {
        expect(pl.score[i]).toBeCloseTo(bt.score[i]!, 6)
        expect(pl.se[i]).toBeCloseTo(bt.se[i]!, 5)
      }
      if (ties === 'davidson') expect(Math.log(pl.tiePrevalence[0]!)).toBeCloseTo(bt.tieParameter!, 6)
    }
  })

  it('order of rankings and names change nothing, with ties of three', () => {
    const rankings: Ranking[] = [
      { groups: [[0], [1, 2], [3]], weight: 2 },
      { groups: [[3], [0, 1, 2]], weight: 1 },
      { groups: [[2], [0]], unranked: [1, 3], weight: 3 },
      { groups: [[1], [3], [2]], weight: 1 },
    ]
    const name = [2, 0, 3, 1]
    const moved = rankings.toReversed().map(({ groups, unranked, weight }) => ({
      groups: groups.map((group) => group.map((i) => name[i]!)),
      unranked: unranked?.map((i) => name[i]!),
      weight,
    }))
    const a = plackettLuce(4, rankings)
    const b = plackettLuce(4, moved)
    expect(a.converged).toBe(true)
    for (let i = 0; i < 4; i++) {
      expect(b.score[name[i]!]).toBeCloseTo(a.score[i]!, 6)
      expect(b.se[name[i]!]).toBeCloseTo(a.se[i]!, 4)
    }
  })

  it('many small parts are fitted one by one, as each would be alone', () => {
    const own = [
      [[0], [1], [2]],
      [[1], [0], [2]],
      [[2], [1], [0]],
    ]
    const rankings = Array.from({ length: 1000 }, (_, p) =>
      own.map((groups): Ranking => ({ groups: groups.map((group) => group.map((i) => 3 * p + i)), weight: 1 })),
    ).flat()
    const alone = plackettLuce(
      3,
      own.map((groups) => ({ groups, weight: 1 })),
    )
    const together = plackettLuce(3001, rankings)
    expect(together.score[2999]).toBeCloseTo(alone.score[2]!, 10)
    expect(together.se[2998]).toBeCloseTo(alone.se[1]!, 10)
    expect(together.component[2999]).toBe(999)
    expect(together.reason[3000]).toBe('never compared')
  })

  it('names the undefeated and refuses an item twice', () => {
    const fit = plackettLuce(3, [
      { groups: [[0], [1], [2]], weight: 1 },
      { groups: [[0], [2], [1]], weight: 1 },
    ])
    expect(fit.reason[0]).toMatch(/never lost/)
    expect(fit.reason[1]).toBeUndefined()
    expect(() => plackettLuce(2, [{ groups: [[0], [0]], weight: 1 }])).toThrow('twice')
  })
})

describe('annotator-aware Bradley-Terry', () => {
  it('its gradient agrees with finite differences (that of Crowd-Kit 1.4.1 does not)', () => {
    const { votes } = simulate({
      seed: 7,
      scores: [1, 0, -1],
      n: 60,
      workers: [
        { look: 0.9, left: 0.5 },
        { look: 0.2, left: 0.9 },
      ],
      tie: 0.3,
    })
    const objective = annotatorObjective(votesOf(3, votes, 2), 0.5)
    const random = createRandom(1)
    for (let trial = 0; trial < 5; trial++) {
      const x = Float64Array.from({ length: 7 }, () => random.normal())
      const gradient = new Float64Array(7)
      objective(x, gradient)
      for (let n = 0; n < 7; n++) {
        const h = 1e-6
        const shift = (by: number) => x.map((v, m) => (m === n ? v + by : v))
        const slope = (objective(shift(h), new Float64Array(7)) - objective(shift(-h), new Float64Array(7))) / (2 * h)
        expect(Math.abs(slope - gradient[n]!)).toBeLessThan(1e-5)
      }
    }
  })

  it('finds the careless and the left-biased, accuses no careful one, and flips what was flipped', () => {
    const workers = [...Array(8).fill({ look: 0.97, left: 0.5 }), { look: 0.05, left: 0.95 }, { look: 0.05, left: 0.5 }]
    const { votes, flipped } = simulate({ seed: 12, scores: [1.5, 0.8, 0.2, -0.5, -0.8, -1.2], n: 3000, workers })
    const fit = annotatorAware(votesOf(6, votes, 10))
    expect(fit.converged).toBe(true)
    for (const w of fit.workers.slice(0, 8)) expect(w.high).toBeGreaterThan(0.85)
    for (const w of fit.workers.slice(8)) expect(w.high).toBeLessThan(0.5)
    expect(fit.workers[8]!.leftLow).toBeGreaterThan(0.8)
    expect(fit.workers[9]!.leftLow).toBeLessThan(0.55)
    expect(fit.workers[9]!.leftHigh).toBeGreaterThan(0.45)
    const expected = fit.flip.reduce((a, b) => a + b, 0)
    const real = flipped.filter(Boolean).length
    expect(expected / real).toBeGreaterThan(0.75)
    expect(expected / real).toBeLessThan(1.4)
  })

  it('does not depend on the order of votes or the names of workers', () => {
    const workers = [
      { look: 0.95, left: 0.5 },
      { look: 0.8, left: 0.5 },
      { look: 0.3, left: 0.8 },
    ]
    const { votes } = simulate({ seed: 13, scores: [1, 0, -1], n: 200, workers })
    const moved = shuffle(
      votes.map(([l, r, o, w]): Vote => [l, r, o, (w! + 1) % 3]),
      createRandom(1),
    )
    const a = annotatorAware(votesOf(3, votes, 3))
    const b = annotatorAware(votesOf(3, moved, 3))
    for (let i = 0; i < 3; i++) {
      expect(b.score[i]).toBeCloseTo(a.score[i]!, 5)
      expect(b.workers[(i + 1) % 3]!.reliability).toBeCloseTo(a.workers[i]!.reliability, 5)
    }
  })

  it('asks for workers', () => {
    expect(() => annotatorAware(votesOf(2, [[0, 1, 0]]))).toThrow('who voted')
  })
})

describe('running views', () => {
  it('one vote of the online model', () => {
    const scores = newOnlineScores(2, 1)
    onlineUpdate(scores, 0, 1, winner.left)
    expect(scores.mean[0]).toBeCloseTo(1 / 3, 12)
    expect(scores.mean[1]).toBeCloseTo(-1 / 3, 12)
    expect(scores.variance[0]).toBeCloseTo(5 / 6, 12)
  })
  it('after many votes it agrees with the batch fit', () => {
    const scores = [1, 0.5, 0, -0.5, -1]
    const votes = votesOf(5, simulate({ seed: 5, scores, n: 5000 }).votes)
    const { mean } = onlineBradleyTerry(votes)
    const centre = mean.reduce((a, b) => a + b, 0) / 5
    const { score } = bradleyTerry(votes)
    for (let i = 0; i < 5; i++) expect(Math.abs(mean[i]! - centre - score[i]!)).toBeLessThan(0.15)
  })
})

describe('contextual Bradley-Terry', () => {
  it('tells length from merit', () => {
    const random = createRandom(3)
    const scores = [0.6, 0.2, -0.2, -0.6]
    const length: number[] = []
    const votes = Array.from({ length: 4000 }, (): Vote => {
      const left = random.integer(4)
      const right = (left + 1 + random.integer(3)) % 4
      const longer = random.normal() + (left - right) / 2
      length.push(longer)
      const p = 1 / (1 + Math.exp(-(scores[left]! - scores[right]! + 0.8 * longer + 0.3)))
      return [left, right, random.next() < p ? winner.left : winner.right]
    })
    const fit = contextualBradleyTerry(votesOf(4, votes), [
      { name: 'left', values: votes.map(() => 1) },
      { name: 'length', values: length },
    ])
    const [left, longer] = fit.effects
    expect(left!.low).toBeLessThan(0.3)
    expect(left!.high).toBeGreaterThan(0.3)
    expect(longer!.low).toBeLessThan(0.8)
    expect(longer!.high).toBeGreaterThan(0.8)
    scores.forEach((truth, i) => {
      expect(Math.abs(fit.score[i]! - truth)).toBeLessThan(4 * fit.se[i]!)
    })
  })
  it('refuses what cannot be told apart', () => {
    const votes = votesOf(2, [
      [0, 1, 0],
      [0, 1, 1],
      [0, 1, 0],
    ])
    expect(() => contextualBradleyTerry(votes, [{ name: 'left', values: [1, 1, 1] }])).not.toThrow('NaN')
    expect(() => contextualBradleyTerry(votes, [{ name: 'left', values: [1, Number.NaN, 1] }])).toThrow('not a number')
  })
})

describe('orders', () => {
  const circle = pairCounts(
    votesOf(3, [
      [0, 1, 0],
      [0, 1, 0],
      [0, 1, 1],
      [1, 2, 0],
      [1, 2, 0],
      [1, 2, 1],
      [2, 0, 0],
      [2, 0, 0],
      [2, 0, 1],
    ]),
  )
  it('a circle of three', () => {
    expect(cycles(circle)).toEqual({ sets: [[0, 1, 2]], circularTriples: 1, triples: 1 })
    expect(kemeny(circle)).toEqual({ order: [0, 1, 2], contradicted: 4, optima: 3 })
    expect(rankedPairs(circle)).toEqual([0, 1, 2])
  })
  it('ranked pairs drops the weakest majority of a circle', () => {
    const pairs = pairCounts(votesOf(3, [...times(5, [0, 1, 0]), ...times(4, [1, 2, 0]), ...times(3, [2, 0, 0])]))
    expect(rankedPairs(pairs)).toEqual([0, 1, 2])
    expect(kemeny(pairs).contradicted).toBe(3)
  })
  it('points: counting, eigenvector, pagerank', () => {
    const pairs = pairCounts(votesOf(2, [...times(3, [0, 1, 0]), [0, 1, 2]]))
    expect([...counting(pairs)]).toEqual([3.5, 0.5])
    const [a, b] = eigenvector(pairs)
    expect(a! / b!).toBeCloseTo(Math.sqrt(7), 8)
    // an item that never lost a point: the walker goes on anywhere
    const [x, y] = pagerank(pairCounts(votesOf(2, [[0, 1, 0]])))
    expect(x! + y!).toBeCloseTo(1, 12)
    expect(y).toBeCloseTo(0.075 + 0.425 * x!, 12)
  })
  it('Kemeny is as good as the best of all orders', () => {
    const permutations = (list: number[]): number[][] =>
      list.length < 2
        ? [list]
        : list.flatMap((x) => permutations(list.filter((y) => y !== x)).map((rest) => [x, ...rest]))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const pairs = pairCounts(votesOf(5, simulate({ seed, scores: [0.3, 0.1, 0, -0.1, -0.3], n: 60 }).votes))
        const cost = (order: number[]) => {
          const at = order.map((_, i) => order.indexOf(i))
          let sum = 0
          pairs.first.forEach((a, p) => {
            sum += at[a]! < at[pairs.second[p]!]! ? pairs.losses[p]! : pairs.wins[p]!
          })
          return sum
        }
        const costs = permutations([0, 1, 2, 3, 4]).map(cost)
        const { order, contradicted, optima } = kemeny(pairs)
        expect(contradicted).toBe(Math.min(...costs))
        expect(cost(order)).toBe(contradicted)
        expect(optima).toBe(costs.filter((c) => c === contradicted).length)
      }),
      { numRuns: 20 },
    )
  })
  it('refuses more than ten items', () => {
    expect(() => kemeny(pairCounts(votesOf(11, [[0, 10, 0]])))).toThrow('10 items')
  })
})

describe('mixture', () => {
  it('finds two camps that want the opposite, and BIC prefers two groups', () => {
    const camp = (seed: number, scores: number[], from: number) =>
      simulate({ seed, scores, n: 600 }).votes.map(([l, r, o], n): Vote => [l, r, o, from + (n % 10)])
    const votes = votesOf(4, [...camp(1, [1.5, 0.5, -0.5, -1.5], 0), ...camp(2, [-1.5, -0.5, 0.5, 1.5], 10)], 20)
    const fit = mixtureBradleyTerry(votes, 2)
    const first = Number(fit.membership[0]! < 0.5)
    for (let w = 0; w < 20; w++) expect(fit.membership[w * 2 + (w < 10 ? first : 1 - first)]).toBeGreaterThan(0.95)
    expect(fit.bic).toBeLessThan(mixtureBradleyTerry(votes, 1).bic)
    expect(fit.bic).toBeLessThan(mixtureBradleyTerry(votes, 3).bic)
  })
  it('one group is Bradley-Terry', () => {
    const votes = votesOf(
      3,
      simulate({ seed: 3, scores: [0.5, 0, -0.5], n: 200, workers: Array(5).fill({ look: 1, left: 0.5 }) }).votes,
      5,
    )
    const { scores } = mixtureBradleyTerry(votes, 1)
    const { score } = bradleyTerry(votes, { prior: 0.5 })
    for (let i = 0; i < 3; i++) expect(scores[0]![i]).toBeCloseTo(score[i]!, 8)
  })
})

describe('votes and components', () => {
  it('counts pairs whatever the side, and refuses an item against itself', () => {
    const pairs = pairCounts(
      votesOf(3, [
        [2, 0, 0],
        [0, 2, 0],
        [0, 2, 2],
        [1, 0, 1],
      ]),
    )
    expect([...pairs.first]).toEqual([0, 0])
    expect([...pairs.second]).toEqual([1, 2])
    expect([...pairs.wins]).toEqual([1, 1])
    expect([...pairs.losses]).toEqual([0, 1])
    expect([...pairs.ties]).toEqual([0, 1])
    expect(() => pairCounts(votesOf(2, [[1, 1, 0]]))).toThrow('itself')
    const many = pairCounts(
      votesOf(5000, [
        [4999, 3, 0],
        [3, 4999, 0],
      ]),
    )
    expect([many.wins[0], many.losses[0]]).toEqual([1, 1])
  })
  it('orders names as numbers where they are numbers', () => {
    expect(namedVotes(['10', '9'], ['9', 'b'], [0, 2]).itemNames).toEqual(['9', '10', 'b'])
  })
  it('components', () => {
    expect([...weakComponents(5, [0, 3], [2, 4])]).toEqual([0, 1, 0, 2, 2])
    const strong = strongComponents(4, [0, 1, 2, 2], [1, 2, 0, 3])
    expect(strong[0]).toBe(strong[2])
    expect(strong[3]).not.toBe(strong[0])
  })
  it('outcome codes are stable', () => {
    const tie: Outcome = winner.tie
    expect([winner.left, winner.right, tie]).toEqual([0, 1, 2])
  })
})
