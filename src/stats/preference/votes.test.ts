import { describe, expect, it } from 'vitest'
import { strongComponents, weakComponents } from './components.ts'
import { votesOf } from './fixture.ts'
import { namedVotes, type Outcome, pairCounts, winner } from './votes.ts'

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
