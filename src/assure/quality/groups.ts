/**
 * Whether people who share a skill (a language, a background, a team) see things their own way: how far they agree among themselves
 * and with everybody else, against the same people dealt into groups at random (`bias/groups`).
 */
import { groupCohesion } from '../../stats/bias/groups.ts'
import { finish } from '../../stats/resampling.ts'
import { benjaminiHochberg } from '../../stats/share.ts'
import { numberNames } from '../../stats/truth/labels.ts'
import { byItem } from './reliability.ts'
import type { LabelRow } from './rules.ts'
import type { GroupBias } from './shapes.ts'

/** So many people a group at least: fewer would point at persons. */
export const fewestInGroup = 5
/** The skills that split people most evenly come first: they say most. */
const mostGroups = 8
/** Redealing takes time in proportion to the answers. */
const redeals = (answers: number) => Math.max(199, Math.min(999, Math.floor(5e6 / Math.max(1, answers))))

/** @param skills of each person */
export function groupBiasOf(rows: LabelRow[], skills: Map<string, string[]>): GroupBias[] {
  const own = [...byItem(rows, 'preference').values()].filter((group) => group.length > 1).flat()
  const raters = numberNames(own.map(({ person }) => person))
  const items = numberNames(own.map(({ item, step }) => `${item} ${step}`))
  const labels = numberNames(own.map(({ label }) => label))
  const holders = new Map<string, number>()
  for (const person of raters.names)
    for (const skill of new Set(skills.get(person) ?? [])) holders.set(skill, (holders.get(skill) ?? 0) + 1)
  const half = raters.names.length / 2
  const tested = [...holders]
    .sort(([a, x], [b, y]) => Math.abs(x - half) - Math.abs(y - half) || (a < b ? -1 : 1))
    .slice(0, mostGroups)
    .map(([skill, people]) => {
      const result = finish(
        groupCohesion(
          {
            items: items.names.length,
            raters: raters.names.length,
            categories: labels.names.length,
            item: items.index,
            rater: raters.index,
            category: labels.index,
            group: Int32Array.from(raters.names, (person) => (skills.get(person)?.includes(skill) ? 0 : 1)),
            groups: 2,
          },
          { seed: 1, permutations: redeals(own.length), minimumRaters: fewestInGroup },
        ),
      )
      const [inside] = result
      const others = raters.names.length - people
      if (!inside || 'undefined' in inside)
        return { skill, people, others, result: inside ?? { undefined: 'no answers' } }
      // A group is held against everybody else, who must not be so few that they can be told apart.
      if (others < fewestInGroup)
        return {
          skill,
          people,
          others,
          result: { undefined: `${others} others; at least ${fewestInGroup} are needed` },
        }
      return { skill, people, others, result: inside }
    })
  const tests = tested.flatMap(({ result }) => ('undefined' in result ? [] : [result.inGroup, result.crossGroup]))
  const adjusted = benjaminiHochberg(tests.map(({ p }) => p))
  for (const [at, test] of tests.entries()) test.adjusted = adjusted[at]!
  return tested
    .map(({ skill, people, others, result }) => ({
      skill,
      people,
      others,
      result:
        'undefined' in result
          ? result
          : { inGroup: result.inGroup, crossGroup: result.crossGroup, items: result.items },
    }))
    .sort((a, b) => (a.skill < b.skill ? -1 : 1))
}
