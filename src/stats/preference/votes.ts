/** Pairwise votes as columns of numbers, and their counts per pair, which is all that order-free models read. */
import { refuse } from '../errors.ts'
import { numberNames } from '../truth/labels.ts'

/** Who won: the left item, the right item, or neither. */
export const winner = { left: 0, right: 1, tie: 2 } as const
export type Outcome = (typeof winner)[keyof typeof winner]

export interface Votes {
  readonly items: number
  readonly left: Int32Array
  readonly right: Int32Array
  /** One `Outcome` a vote. */
  readonly outcome: Int8Array
  /** One worker a vote, numbered from 0, where known. */
  readonly worker?: Int32Array
  readonly workers?: number
}

export interface NamedVotes extends Votes {
  readonly itemNames: readonly string[]
  readonly workerNames: readonly string[]
}

/** One entry a pair that was compared, `first` < `second`. */
export interface PairCounts {
  readonly items: number
  readonly first: Int32Array
  readonly second: Int32Array
  /** Votes for `first`, for `second`, and ties. */
  readonly wins: Float64Array
  readonly losses: Float64Array
  readonly ties: Float64Array
}

export function namedVotes(left: string[], right: string[], outcome: ArrayLike<number>, worker?: string[]): NamedVotes {
  const { names, index } = numberNames([...left, ...right])
  const byWorker = worker && worker.length > 0 ? numberNames(worker) : undefined
  return {
    items: names.length,
    itemNames: names,
    left: index.slice(0, left.length),
    right: index.slice(left.length),
    outcome: Int8Array.from(outcome),
    worker: byWorker?.index,
    workers: byWorker?.names.length,
    workerNames: byWorker?.names ?? [],
  }
}

/** Above this many items a table of all pairs would outgrow the votes. */
const denseItems = 2000

/** Counts the votes per pair; one pass, and for up to 2,000 items no hashing. Throws `bad_input` on an item against itself. */
export function pairCounts({ items, left, right, outcome }: Votes): PairCounts {
  const dense = items <= denseItems ? new Int32Array(items * items) : undefined
  const sparse = new Map<number, number>()
  const keys: number[] = []
  const counts: number[] = []
  for (let n = 0; n < left.length; n++) {
    const a = left[n]!
    const b = right[n]!
    if (a === b) refuse('An item is compared with itself.', { where: `vote ${n + 1}` })
    const key = a < b ? a * items + b : b * items + a
    let place = dense ? dense[key]! : (sparse.get(key) ?? 0)
    if (place === 0) {
      place = keys.push(key)
      counts.push(0, 0, 0)
      if (dense) dense[key] = place
      else sparse.set(key, place)
    }
    const o = outcome[n]!
    counts[(place - 1) * 3 + (o === winner.tie ? 2 : Number((o === winner.left) !== a < b))]!++
  }
  // pairs in order of their items, so that sums do not depend on the order of the votes
  const order = Int32Array.from(keys.keys()).sort((p, q) => keys[p]! - keys[q]!)
  const column = (from: number) => Float64Array.from(order, (p) => counts[p * 3 + from]!)
  return {
    items,
    first: order.map((p) => Math.floor(keys[p]! / items)),
    second: order.map((p) => keys[p]! % items),
    wins: column(0),
    losses: column(1),
    ties: column(2),
  }
}
