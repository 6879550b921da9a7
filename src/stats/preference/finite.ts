/**
 * Where the maximum of a Bradley-Terry likelihood is finite (Ford 1957): within a set of items each of which has, directly
 * or through others, beaten every other. An undefeated item would be pushed to infinity; it is named, never scored.
 *
 * In each connected part the largest such set is scored. In the limit, the items outside it lie infinitely far above or
 * below, and votes between them and the set say nothing more of the set itself.
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

export function finiteItems(pairs: PairCounts, ties: TieModel): Finite {
  const { items, first, second, wins, losses } = pairs
  const component = weakComponents(items, first, second)
  const from: number[] = []
  const to: number[] = []
  const runaway = ties !== 'half' && tieRunsAway(pairs)
  for (let p = 0; p < first.length; p++) {
    const tied = pairs.ties[p]! > 0 && !runaway
    if (wins[p]! > 0 || tied) push(first[p]!, second[p]!)
    if (losses[p]! > 0 || tied) push(second[p]!, first[p]!)
  }
  const strong = strongComponents(items, from, to)
  return { component, reason: reasons(component, strong, new Set(from), new Set(to)) }

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

/** Names what lies outside the largest strongly connected set of its part; such sets have two items or more. */
export function reasons(
  component: Int32Array,
  strong: Int32Array,
  won: Set<number>,
  lost: Set<number>,
): (string | undefined)[] {
  const size = new Map<number, number>()
  for (const id of strong) size.set(id, (size.get(id) ?? 0) + 1)
  const largest = new Map<number, number>()
  strong.forEach((id, i) => {
    const kept = largest.get(component[i]!)
    const mine = size.get(id)!
    if (mine > 1 && (kept === undefined || mine > size.get(kept)!)) largest.set(component[i]!, id)
  })
  return Array.from(strong, (id, i) => {
    if (largest.get(component[i]!) === id) return undefined
    if (!won.has(i) && !lost.has(i)) return 'never compared'
    if (!lost.has(i)) return 'never lost: the likelihood grows without bound as its score does'
    if (!won.has(i)) return 'never won: the likelihood grows without bound as its score falls'
    return 'belongs to a group that only won against, or only lost to, the rest: no finite maximum'
  })
}
