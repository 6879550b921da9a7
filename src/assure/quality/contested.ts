/**
 * Tasks on which people differ, told apart by why. In this order:
 *   error      who dissents gives answers that nothing tells from chance; or weighing each vote by its author's reliability
 *              (IBCC) leaves one label at 0.9 or more, with two votes of three or more.
 *   values     both sides hold together elsewhere: on the other contested tasks, each side agrees with itself surely more
 *              often than with the other side (Wilson intervals apart). A dissenter alone needs an ally elsewhere.
 *   ambiguity  neither: reliable people differ, and not along lines that return.
 */
import { wilson } from '../../stats/share.ts'
import { byItem, itemOf, type Truth } from './reliability.ts'
import type { LabelRow } from './rules.ts'
import type { ContestedKind } from './shapes.ts'
import { carelessOf } from './suspects.ts'

interface Contested {
  id: string
  step: string
  attribute: string
  kind: ContestedKind
  why: string
  votes: Record<string, number>
  leading: { label: string; share: number }
  /** Entropy of the votes in bits: how far apart people are. */
  spread: number
}

const sure = 0.9
/** Fewer tasks in common say nothing of whether two sides hold together. */
const fewestShared = 10

const pairKey = (a: string, b: string) => (a < b ? `${a} ${b}` : `${b} ${a}`)

interface Meetings {
  same: number
  n: number
}

/** How often each two people agree over these items. */
function meetingsOf(items: LabelRow[][]): Map<string, Meetings> {
  const meetings = new Map<string, Meetings>()
  for (const group of items)
    for (const [at, a] of group.entries())
      for (const b of group.slice(at + 1)) {
        const key = pairKey(a.person, b.person)
        const met = meetings.get(key) ?? { same: 0, n: 0 }
        meetings.set(key, { same: met.same + Number(a.label === b.label), n: met.n + 1 })
      }
  return meetings
}

export function contestedOf(rows: LabelRow[], truth: Truth, attribute = 'preference'): Contested[] {
  const items = [...byItem(rows, attribute).values()].filter(
    (group) => new Set(group.map(({ label }) => label)).size > 1,
  )
  const meetings = meetingsOf(items)
  const careless = carelessOf(truth.knowing)
  const people = [...new Set(items.flat().map(({ person }) => person))].filter((person) => !careless.has(person))
  return items
    .map((group) => {
      const votes: Record<string, number> = {}
      for (const { label } of group) votes[label] = (votes[label] ?? 0) + 1
      const [leading] = truth.labelsOf(itemOf(group[0]!))!
      const spread = Object.values(votes).reduce((sum, n) => {
        const share = n / group.length
        return sum - share * Math.log2(share)
      }, 0)
      const { item: id, step } = group[0]!
      return { id, step, attribute, votes, leading: leading!, spread, ...reasonOf(group, leading!) }
    })
    .sort((a, b) => b.spread - a.spread || a.leading.share - b.leading.share || (a.id < b.id ? -1 : 1))

  function reasonOf(
    group: LabelRow[],
    leading: { label: string; share: number },
  ): { kind: ContestedKind; why: string } {
    const trusted = group.filter(({ person }) => !careless.has(person))
    const voices = new Set(trusted.map(({ label }) => label))
    if (voices.size === 1 && trusted.length > 1)
      return { kind: 'error', why: 'Everybody agrees but those whose answers nothing tells from chance.' }
    const camps = [...voices].map((label) => trusted.filter((row) => row.label === label).map(({ person }) => person))
    if (camps.length === 2 && holdTogether(camps as [string[], string[]], group))
      return { kind: 'values', why: 'The two sides differ on other tasks too, and each agrees with itself there.' }
    const most = trusted.filter(({ label }) => label === leading.label).length
    if (leading.share >= sure && most >= 2 * (trusted.length - most))
      return {
        kind: 'error',
        why: `Weighing votes by reliability leaves ${Math.round(leading.share * 100)}% for one answer: somebody may have slipped.`,
      }
    return { kind: 'ambiguity', why: 'Reliable people differ here, and not along lines that return elsewhere.' }
  }

  /** Meetings of these pairs on the other contested items. */
  function elsewhere(pairs: [string, string][], group: LabelRow[]): Meetings {
    const labels = new Map(group.map(({ person, label }) => [person, label]))
    let [same, n] = [0, 0]
    for (const [a, b] of pairs) {
      const met = meetings.get(pairKey(a, b))
      if (!met) continue
      const here = labels.has(a) && labels.has(b)
      same += met.same - Number(here && labels.get(a) === labels.get(b))
      n += met.n - Number(here)
    }
    return { same, n }
  }

  function holdTogether([first, second]: [string[], string[]], group: LabelRow[]): boolean {
    const across = elsewhere(
      first.flatMap((a) => second.map((b): [string, string] => [a, b])),
      group,
    )
    if (across.n < fewestShared) return false
    const [, most] = wilson(across.same / across.n, across.n)
    const apart = ({ same, n }: Meetings) => n >= fewestShared && wilson(same / n, n)[0] > most
    const holds = (side: string[]) =>
      side.length > 1
        ? apart(
            elsewhere(
              side.flatMap((a, at) => side.slice(at + 1).map((b): [string, string] => [a, b])),
              group,
            ),
          )
        : people.some(
            (ally) => !first.includes(ally) && !second.includes(ally) && apart(elsewhere([[side[0]!, ally]], group)),
          )
    return holds(first) && holds(second)
  }
}
