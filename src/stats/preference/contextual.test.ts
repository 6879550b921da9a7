import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { contextualBradleyTerry } from './contextual.ts'
import { type Vote, votesOf } from './fixture.ts'
import { winner } from './votes.ts'

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
