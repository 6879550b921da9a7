import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from '../random.ts'
import { bootstrapScores } from './bootstrap.ts'
import { bradleyTerry } from './bradley-terry.ts'
import { largest, simulate, tieModels, times, type Vote, votesOf } from './fixture.ts'

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

  it('the bootstrap does not move the others where a sample leaves out the best', () => {
    const votes = votesOf(4, simulate({ seed: 5, scores: [3, 0, -1, -2], n: 200 }).votes)
    const { score, se } = bradleyTerry(votes)
    const { low, high, used } = bootstrapScores(votes, { samples: 300, seed: 2 })
    expect(used[0]).toBeLessThan(250)
    for (const i of [1, 2, 3]) {
      expect(high[i]! - score[i]!).toBeLessThan(2 * se[i]!)
      expect(score[i]! - low[i]!).toBeLessThan(2 * se[i]!)
    }
  })
})
