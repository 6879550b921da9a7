import { describe, expect, it } from 'vitest'
import { bradleyTerry } from './bradley-terry.ts'
import { simulate, type Vote, votesOf } from './fixture.ts'
import { plackettLuce } from './plackett-luce.ts'
import type { Ranking } from './rankings.ts'

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
