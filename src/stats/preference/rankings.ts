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

/** Rankings by the part of the items that they connect; items are numbered anew inside each part. */
export function splitRankings(
  items: number,
  rankings: readonly Ranking[],
): { rankings: Ranking[][]; items: number[][] } {
  const from: number[] = []
  const to: number[] = []
  for (const { groups, unranked = [] } of rankings) {
    const named = [...groups.flat(), ...unranked]
    for (const item of named) {
      from.push(named[0]!)
      to.push(item)
    }
  }
  const part = weakComponents(items, from, to)
  const members: number[][] = []
  const place = part.map((id, i) => {
    while (members.length <= id) members.push([])
    return members[id]!.push(i) - 1
  })
  const split: Ranking[][] = members.map(() => [])
  for (const { groups, unranked, weight } of rankings) {
    const inside = (list: number[]) => list.map((item) => place[item]!)
    const first = groups[0]?.[0]
    if (first === undefined) continue
    split[part[first]!]!.push({ groups: groups.map(inside), unranked: unranked && inside(unranked), weight })
  }
  return { rankings: split, items: members }
}
