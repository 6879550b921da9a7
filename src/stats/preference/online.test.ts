import { describe, expect, it } from 'vitest'
import { bradleyTerry } from './bradley-terry.ts'
import { simulate, votesOf } from './fixture.ts'
import { newOnlineScores, onlineBradleyTerry, onlineUpdate } from './online.ts'
import { winner } from './votes.ts'

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
