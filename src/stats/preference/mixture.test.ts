import { describe, expect, it } from 'vitest'
import { bradleyTerry } from './bradley-terry.ts'
import { simulate, type Vote, votesOf } from './fixture.ts'
import { mixtureBradleyTerry } from './mixture.ts'

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
