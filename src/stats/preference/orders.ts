/**
 * Orders from pairwise majorities, without a model.
 *
 * borda          mean over the opponents met of the share of votes won, a tie being half (Borda 1781, on pairs).
 * rankedPairs    Tideman, "Independence of clones" (1987): majorities are locked from the largest margin down unless one would
 *                close a circle. Equal margins: more votes for first, then the order of the item numbers: one rule, always.
 * kemeny         the order that contradicts the fewest votes (Kemeny 1959), exact by dynamic programming over sets to 10 items.
 * cycles         items of which each beats the next by majority and the last beats the first, as sets; and how many of the
 *                complete triples are circular (Kendall and Babington Smith 1940).
 *
 * Worked example, votes a>b 2:1, b>c 2:1, c>a 2:1: one circular triple, one cycle {a, b, c}, Borda .5 each; Kemeny has three
 * best orders, each contradicting 4 votes.
 */
import { refuse } from '../errors.ts'
import { strongComponents } from './components.ts'
import type { PairCounts } from './votes.ts'

/** One score an item; -1 for an item that was never compared. */
export function borda({ items, first, second, wins, losses, ties }: PairCounts): Float64Array {
  const sum = new Float64Array(items)
  const met = new Int32Array(items)
  for (let p = 0; p < first.length; p++) {
    const n = wins[p]! + losses[p]! + ties[p]!
    sum[first[p]!]! += (wins[p]! + ties[p]! / 2) / n
    sum[second[p]!]! += (losses[p]! + ties[p]! / 2) / n
    met[first[p]!]!++
    met[second[p]!]!++
  }
  return sum.map((total, i) => (met[i]! > 0 ? total / met[i]! : -1))
}

/** Item numbers, best first. */
export function rankedPairs(pairs: PairCounts): number[] {
  const { items, first, second, wins, losses } = pairs
  const majorities = Array.from(first, (_, p) => {
    const [a, b] = [first[p]!, second[p]!]
    const forFirst = wins[p]! >= losses[p]!
    return {
      better: forFirst ? a : b,
      worse: forFirst ? b : a,
      margin: Math.abs(wins[p]! - losses[p]!),
      votes: Math.max(wins[p]!, losses[p]!),
    }
  }).filter(({ margin }) => margin > 0)
  majorities.sort((x, y) => y.margin - x.margin || y.votes - x.votes || x.better - y.better || x.worse - y.worse)
  const reach = Array.from({ length: items }, () => new Uint8Array(items))
  const locked: [number, number][] = []
  for (const { better, worse } of majorities) {
    if (reach[worse]![better]) continue
    locked.push([better, worse])
    for (let i = 0; i < items; i++) {
      if (i !== better && !reach[i]![better]) continue
      reach[i]![worse] = 1
      for (let j = 0; j < items; j++) if (reach[worse]![j]) reach[i]![j] = 1
    }
  }
  return sortedBy(items, locked)
}

/** Topological order; among the free ones the lowest number first. */
function sortedBy(items: number, edges: readonly [number, number][]): number[] {
  const above = new Int32Array(items)
  for (const [, worse] of edges) above[worse]!++
  const order: number[] = []
  const placed = new Uint8Array(items)
  while (order.length < items) {
    const next = above.findIndex((count, i) => count === 0 && !placed[i])
    placed[next] = 1
    order.push(next)
    for (const [better, worse] of edges) if (better === next) above[worse]!--
  }
  return order
}

export interface Kemeny {
  /** Item numbers, best first; of several best orders the first by number. */
  order: number[]
  /** Votes that the order contradicts; ties contradict none. */
  contradicted: number
  /** How many orders contradict as few. */
  optima: number
}

/** The order is exact, and so for few items alone. */
export const kemenyLimit = 10

export function kemeny({ items, first, second, wins, losses }: PairCounts): Kemeny {
  if (items > kemenyLimit)
    refuse(`The exact Kemeny order takes up to ${kemenyLimit} items, found ${items}.`, { hint: 'Use ranked pairs.' })
  const against = new Float64Array(items * items)
  for (let p = 0; p < first.length; p++) {
    against[first[p]! * items + second[p]!] = losses[p]!
    against[second[p]! * items + first[p]!] = wins[p]!
  }
  // cost[S]: least contradiction inside S when S is placed last, built from its best item down
  const sets = 1 << items
  const cost = new Float64Array(sets)
  const ways = new Float64Array(sets).fill(0)
  const lead = new Int8Array(sets)
  ways[0] = 1
  for (let set = 1; set < sets; set++) {
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < items; i++) {
      if (!(set & (1 << i))) continue
      const rest = set & ~(1 << i)
      let total = cost[rest]!
      for (let j = 0; j < items; j++) if (rest & (1 << j)) total += against[i * items + j]!
      if (total < least) {
        least = total
        lead[set] = i
        ways[set] = ways[rest]!
      } else if (total === least) ways[set]! += ways[rest]!
    }
    cost[set] = least
  }
  const order: number[] = []
  for (let set = sets - 1; set > 0; set &= ~(1 << lead[set]!)) order.push(lead[set]!)
  return { order, contradicted: cost[sets - 1]!, optima: ways[sets - 1]! }
}

export interface Cycles {
  /** Sets of items that beat each other in a circle, by strict majority. */
  sets: number[][]
  circularTriples: number
  /** Triples in which each pair has a strict majority. */
  triples: number
}

export function cycles({ items, first, second, wins, losses }: PairCounts): Cycles {
  const beats = new Int8Array(items * items)
  const from: number[] = []
  const to: number[] = []
  for (let p = 0; p < first.length; p++) {
    if (wins[p] === losses[p]) continue
    const [better, worse] = wins[p]! > losses[p]! ? [first[p]!, second[p]!] : [second[p]!, first[p]!]
    beats[better * items + worse] = 1
    beats[worse * items + better] = -1
    from.push(better)
    to.push(worse)
  }
  const bySet = new Map<number, number[]>()
  strongComponents(items, from, to).forEach((id, i) => {
    bySet.set(id, [...(bySet.get(id) ?? []), i])
  })
  let triples = 0
  let circularTriples = 0
  for (let a = 0; a < items; a++)
    for (let b = a + 1; b < items; b++) {
      const ab = beats[a * items + b]!
      if (ab === 0) continue
      for (let c = b + 1; c < items; c++) {
        const bc = beats[b * items + c]!
        const ca = beats[c * items + a]!
        if (bc === 0 || ca === 0) continue
        triples++
        if (ab === bc && bc === ca) circularTriples++
      }
    }
  const sets = [...bySet.values()].filter((set) => set.length > 1).sort((a, b) => a[0]! - b[0]!)
  return { sets, circularTriples, triples }
}
