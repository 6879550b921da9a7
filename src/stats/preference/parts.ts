/** Votes split into the parts that were compared with each other, and results of the parts put together again. */
import type { BradleyTerry } from './bradley-terry.ts'
import { weakComponents } from './components.ts'
import type { PairCounts, Votes } from './votes.ts'

export interface Parts {
  pairs: PairCounts[]
  /** Items of each part, in order. */
  items: number[][]
  /** Part of each item, and its number inside it. */
  part: Int32Array
  place: Int32Array
}

export function splitPairs(pairs: PairCounts): Parts {
  const part = weakComponents(pairs.items, pairs.first, pairs.second)
  const items: number[][] = []
  const place = part.map((id, i) => {
    while (items.length <= id) items.push([])
    return items[id]!.push(i) - 1
  })
  const rows: number[][] = items.map(() => [])
  pairs.first.forEach((a, p) => {
    rows[part[a]!]!.push(p)
  })
  const made = rows.map((own, id) => ({
    items: items[id]!.length,
    first: Int32Array.from(own, (p) => place[pairs.first[p]!]!),
    second: Int32Array.from(own, (p) => place[pairs.second[p]!]!),
    wins: Float64Array.from(own, (p) => pairs.wins[p]!),
    losses: Float64Array.from(own, (p) => pairs.losses[p]!),
    ties: Float64Array.from(own, (p) => pairs.ties[p]!),
  }))
  return { pairs: made, items, part, place }
}

/** The votes of each part, its items numbered as in the part. Workers keep their numbers. */
export function splitVotes(votes: Votes, { items, part, place }: Parts): Votes[] {
  const rows: number[][] = items.map(() => [])
  votes.left.forEach((left, n) => {
    rows[part[left]!]!.push(n)
  })
  return rows.map((own, id) => ({
    items: items[id]!.length,
    left: Int32Array.from(own, (n) => place[votes.left[n]!]!),
    right: Int32Array.from(own, (n) => place[votes.right[n]!]!),
    outcome: Int8Array.from(own, (n) => votes.outcome[n]!),
    worker: votes.worker && Int32Array.from(own, (n) => votes.worker![n]!),
    workers: votes.workers,
  }))
}

/** What every fit says of its items. */
export type Scores = Omit<BradleyTerry, 'covariance' | 'tieParameter'>

export function joinParts(
  items: number,
  { items: members }: { items: number[][] },
  results: readonly Scores[],
): Scores {
  const joined: Scores = {
    score: new Float64Array(items),
    worth: new Float64Array(items),
    se: new Float64Array(items),
    component: new Int32Array(items),
    reason: new Array<string | undefined>(items).fill(undefined),
    logLikelihood: 0,
    iterations: 0,
    converged: true,
  }
  let components = 0
  results.forEach((result, n) => {
    members[n]!.forEach((item, i) => {
      joined.score[item] = result.score[i]!
      joined.worth[item] = result.worth[i]!
      joined.se[item] = result.se[i]!
      joined.component[item] = components + result.component[i]!
      joined.reason[item] = result.reason[i]
    })
    components += 1 + result.component.reduce((a, b) => Math.max(a, b), -1)
    joined.logLikelihood += result.logLikelihood
    joined.iterations = Math.max(joined.iterations, result.iterations)
    joined.converged &&= result.converged
  })
  return joined
}
