/**
 * Scores from who took points from whom; M_ij = votes for i against j, a tie being half a point for each.
 *
 * counting      points: votes won, and half of the ties.
 * eigenvector   x = M x / |M x|: a win against the strong counts more (Keener, SIAM Review 35, 1993). Length 1.
 *               Evalica's `eigen` is that of points given away: its first item is the weakest (a test shows it).
 * pagerank      a walker goes from an item to those that took points from it, in proportion to the points, and with 1 - damping
 *               to any item (Page et al. 1998); from an item that never lost a point it goes anywhere. Sum 1.
 *
 * Quick views without intervals, kept for comparison with what others publish.
 *
 * Worked example, a beats b 3 times and ties once: counting 3.5 and .5; M = [[0, 3.5], [.5, 0]]; the eigenvector has the
 * ratio root 7.
 */
import type { PairCounts } from './votes.ts'

export function counting(pairs: PairCounts): Float64Array {
  const score = new Float64Array(pairs.items)
  eachPoint(pairs, (winner, _, points) => {
    score[winner]! += points
  })
  return score
}

const iterationLimit = 10_000

export function eigenvector(pairs: PairCounts): Float64Array {
  const { items } = pairs
  let score = new Float64Array(items).fill(1 / Math.sqrt(items))
  for (let n = 0; n < iterationLimit; n++) {
    // the identity added keeps the iteration from swinging where the items fall into two camps; the vector is the same
    const next = score.slice()
    eachPoint(pairs, (winner, loser, points) => {
      next[winner]! += points * score[loser]!
    })
    const length = Math.sqrt(next.reduce((sum, x) => sum + x * x, 0))
    const change = scaleTo(next, length, score)
    score = next
    if (change < 1e-13) break
  }
  return score
}

export function pagerank(pairs: PairCounts, damping = 0.85): Float64Array {
  const { items } = pairs
  const given = new Float64Array(items)
  eachPoint(pairs, (_, loser, points) => {
    given[loser]! += points
  })
  let score = new Float64Array(items).fill(1 / items)
  for (let n = 0; n < iterationLimit; n++) {
    let loose = 0
    for (let i = 0; i < items; i++) if (given[i] === 0) loose += score[i]!
    const next = new Float64Array(items).fill((1 - damping + damping * loose) / items)
    eachPoint(pairs, (winner, loser, points) => {
      next[winner]! += (damping * points * score[loser]!) / given[loser]!
    })
    const change = scaleTo(
      next,
      next.reduce((sum, x) => sum + x, 0),
      score,
    )
    score = next
    if (change < 1e-15) break
  }
  return score
}

/** Divides by `length`; returns the largest change from `before`. */
function scaleTo(values: Float64Array, length: number, before: Float64Array): number {
  let change = 0
  for (let i = 0; i < values.length; i++) {
    values[i]! /= length > 0 ? length : 1
    change = Math.max(change, Math.abs(values[i]! - before[i]!))
  }
  return change
}

function eachPoint(
  { first, second, wins, losses, ties }: PairCounts,
  visit: (winner: number, loser: number, points: number) => void,
): void {
  for (let p = 0; p < first.length; p++) {
    const forFirst = wins[p]! + ties[p]! / 2
    const forSecond = losses[p]! + ties[p]! / 2
    if (forFirst > 0) visit(first[p]!, second[p]!, forFirst)
    if (forSecond > 0) visit(second[p]!, first[p]!, forSecond)
  }
}
