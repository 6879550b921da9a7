/** Rankings as groups of items, best group first; items of one group are tied. */
import { strongComponents, weakComponents } from './components.ts'
import { type Finite, finiteSets } from './finite.ts'

export interface Ranking {
  groups: number[][]
  /** Items that were to choose from but not ranked: all below the last group, in no order among themselves. */
  unranked?: number[]
  /** How many times this ranking was given. */
  weight: number
}

/**
 * Where a Plackett-Luce maximum is finite: items that all come, directly or through others, before each other in some
 * ranking. It is enough to link each group with the next: the rest follows through them.
 */
export function finiteRanked(items: number, rankings: readonly Ranking[], prior: number): Finite {
  const from: number[] = []
  const to: number[] = []
  const link = (better: number[], worse: number[]) => {
    for (const a of better)
      for (const b of worse) {
        if (a === b) continue
        from.push(a)
        to.push(b)
      }
  }
  for (const { groups, unranked = [] } of rankings) {
    groups.forEach((group, g) => {
      link(group, group)
      link(group, groups[g + 1] ?? unranked)
    })
  }
  const weak = weakComponents(items, from, to)
  if (prior > 0) return { component: weak, reason: Array(items).fill(undefined) }
  return finiteSets(weak, strongComponents(items, from, to), new Set(from), new Set(to))
}
