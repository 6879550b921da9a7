/**
 * Where the maximum of a Bradley-Terry likelihood is finite (Ford 1957): within a set of items each of which has, directly
 * or through others, beaten every other. An undefeated item would be pushed to infinity; it is named, never scored.
 *
 * Every such set of two items or more is scored. Between two sets of one connected part the difference has no bound, so that
 * they get component ids of their own; votes between them, perfectly predicted in the limit, say nothing of either.
 *
 * A tie counts as beating both ways where it is half a vote. With a tie parameter it binds both ways only when that
 * parameter cannot run away with the scores: let v be a direction of the scores and w of the parameter. A win i over j allows
 * v_i - v_j >= 2w, a tie |v_i - v_j| <= 2w. With w > 0 this needs potentials with every win >= 1 and every tie within 1
 * (Bellman and Ford's test); where they exist there is no finite maximum anywhere.
 */
import { strongComponents, weakComponents } from './components.ts'
import type { TieModel } from './tie-models.ts'
import type { PairCounts } from './votes.ts'

export interface Finite {
  /** Connected part of each item, from 0. Scores of different parts cannot be compared. */
  component: Int32Array
  /** Why an item has no finite maximum; undefined for those that have. */
  reason: (string | undefined)[]
}

/** With a `prior` every maximum is finite, and the connected parts are the components. */
export function finiteItems(pairs: PairCounts, ties: TieModel, prior: number): Finite {
  const { items, first, second, wins, losses } = pairs
  const weak = weakComponents(items, first, second)
  if (prior > 0) return { component: weak, reason: Array(items).fill(undefined) }
  const from: number[] = []
  const to: number[] = []
  const runaway = ties !== 'half' && tieRunsAway(pairs)
  for (let p = 0; p < first.length; p++) {
    const tied = pairs.ties[p]! > 0 && !runaway
    if (wins[p]! > 0 || tied) push(first[p]!, second[p]!)
    if (losses[p]! > 0 || tied) push(second[p]!, first[p]!)
  }
  return finiteSets(weak, strongComponents(items, from, to), new Set(from), new Set(to))

  function push(better: number, worse: number) {
    from.push(better)
    to.push(worse)
  }
}

/** True where scores and tie parameter can go to infinity together. */
function tieRunsAway({ items, first, second, wins, losses, ties }: PairCounts): boolean {
  const potential = new Float64Array(items)
  // potential[a] >= potential[b] + gap
  const constraints: [number, number, number][] = []
  for (let p = 0; p < first.length; p++) {
    const a = first[p]!
    const b = second[p]!
    if (wins[p]! > 0) constraints.push([a, b, 1])
    if (losses[p]! > 0) constraints.push([b, a, 1])
    if (ties[p]! > 0) constraints.push([a, b, -1], [b, a, -1])
  }
  for (let round = 0; round <= items; round++) {
    let moved = false
    for (const [a, b, gap] of constraints) {
      if (potential[a]! >= potential[b]! + gap) continue
      potential[a] = potential[b]! + gap
      moved = true
    }
    if (!moved) return true
  }
  return false
}

/** Component ids and reasons from connected parts, strongly connected sets, and who ever won or lost. */
export function finiteSets(weak: Int32Array, strong: Int32Array, won: Set<number>, lost: Set<number>): Finite {
  const size = new Map<number, number>()
  for (const id of strong) size.set(id, (size.get(id) ?? 0) + 1)
  const isScored = (item: number) => size.get(strong[item]!)! > 1
  const setsOf = new Map<number, Set<number>>()
  weak.forEach((part, i) => {
    if (!isScored(i)) return
    const sets = setsOf.get(part)
    if (sets) sets.add(strong[i]!)
    else setsOf.set(part, new Set([strong[i]!]))
  })
  const ids = new Map<string, number>()
  const component = weak.map((part, i) => {
    const split = isScored(i) && setsOf.get(part)!.size > 1
    const key = split ? `set ${strong[i]}` : `part ${part}`
    if (!ids.has(key)) ids.set(key, ids.size)
    return ids.get(key)!
  })
  const reason = Array.from(strong, (_, i) => {
    if (isScored(i)) return undefined
    if (!won.has(i) && !lost.has(i)) return 'never compared'
    if (!lost.has(i)) return 'never lost: the likelihood grows without bound as its score does'
    if (!won.has(i)) return 'never won: the likelihood grows without bound as its score falls'
    return 'only won against one side and only lost to the other: no finite maximum'
  })
  return { component, reason }
}
