import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { simulate, times, votesOf } from './fixture.ts'
import { cycles, kemeny, rankedPairs } from './orders.ts'
import { counting, eigenvector, pagerank } from './spectral.ts'
import { pairCounts } from './votes.ts'

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
