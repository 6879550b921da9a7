/**
 * How reliable each person is where the truth is not known (IBCC), and who stands out. Only tasks that two or more people
 * answered count: on a task of one's own, one would be measured against oneself.
 *
 * Someone stands out as careless only where nothing tells their answers from chance (the interval begins at or below what the
 * same mix of answers, given at random, would reach) and they are surely below the others (it ends below the others' median).
 * Few answers make a wide interval, and a wide interval accuses nobody. Who is surely below chance is not careless, but has the
 * scale the wrong way round.
 */
import { ibcc } from '../../stats/truth/ibcc.ts'
import { namedLabels } from '../../stats/truth/labels.ts'
import type { Finding, PersonQuality } from './contract.ts'
import type { LabelRow } from './rules.ts'

export interface Reliability {
  value: number
  low: number
  high: number
  /** Answers that somebody else gave one to as well. */
  n: number
  /** What the same mix of answers would reach at random. */
  chance: number
}

export interface Truth {
  people: Map<string, Reliability>
  /** Probability of each label of an item; undefined where fewer than two people answered. */
  labelsOf(item: string): { label: string; share: number }[] | undefined
}

export const itemOf = ({ item, step }: LabelRow) => `${item} ${step}`

/** Rows of one attribute by item. */
export function byItem(rows: LabelRow[], attribute: string): Map<string, LabelRow[]> {
  const items = new Map<string, LabelRow[]>()
  for (const row of rows) {
    if (row.attribute !== attribute) continue
    const group = items.get(itemOf(row))
    if (group) group.push(row)
    else items.set(itemOf(row), [row])
  }
  return items
}

export function inferTruth(rows: LabelRow[], attribute = 'preference'): Truth {
  const shared = [...byItem(rows, attribute).values()].filter((group) => group.length > 1).flat()
  const people = new Map<string, Reliability>()
  if (!shared.length) return { people, labelsOf: () => undefined }
  const table = namedLabels(
    shared.map(itemOf),
    shared.map(({ person }) => person),
    shared.map(({ label }) => label),
  )
  const { classes, classNames, itemNames, workerNames } = table
  const { posterior, prevalence, quality } = ibcc(table)
  const answered = new Float64Array(workerNames.length * classes)
  for (let n = 0; n < table.label.length; n++) answered[table.worker[n]! * classes + table.label[n]!]! += 1
  for (const [w, person] of workerNames.entries()) {
    const n = quality.labels[w]!
    let chance = 0
    for (let k = 0; k < classes; k++) chance += (prevalence[k]! * answered[w * classes + k]!) / n
    people.set(person, { value: quality.accuracy[w]!, low: quality.low[w]!, high: quality.high[w]!, n, chance })
  }
  const place = new Map(itemNames.map((name, i) => [name, i]))
  return {
    people,
    labelsOf(item) {
      const i = place.get(item)
      return i === undefined
        ? undefined
        : classNames
            .map((label, k) => ({ label, share: posterior[i * classes + k]! }))
            .sort((a, b) => b.share - a.share)
    },
  }
}

/** Fewer shared answers say too little of a person. */
export const fewest = 20

/** So much one's own answers lift one's reliability: they have a part in what passes for the truth. */
const ownWeight = 0.03

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** Whom nothing tells from chance, while two others or more are surely better: of two alone, either may be right. */
export function nearChance(people: Map<string, Reliability>): Map<string, { others: number }> {
  const found = new Map<string, { others: number }>()
  for (const [person, { low, high, n, chance }] of people) {
    if (n < fewest || low > chance + ownWeight) continue
    const compared = [...people].flatMap(([other, one]) => (other !== person && one.n >= fewest ? [one.value] : []))
    const others = median(compared)
    if (compared.length > 1 && high < others) found.set(person, { others })
  }
  return found
}

const share = (value: number) => `${Math.round(value * 100)}%`

/** What stands out in each person's work, with the reason and what to do about it: at most one finding a person. */
export function findingsOf(
  people: Map<string, Reliability>,
  sides: Map<string, PersonQuality['leftSide']>,
): Map<string, Finding> {
  const findings = new Map<string, Finding>()
  for (const [person, side] of sides) {
    if ('undefined' in side || side.adjusted >= 0.01) continue
    const left = side.value > 0.5
    findings.set(person, {
      kind: 'side',
      reason:
        `Chose the ${left ? 'left' : 'right'} of the screen in ${share(left ? side.value : 1 - side.value)} of ${side.n} decided comparisons. ` +
        'Sides are drawn by lot, so half is to be expected.',
      advice:
        'Ask first: a narrow screen or a habit may explain it. Until it is mended let others answer the same tasks, and leave these answers out of data sets.',
    })
  }
  for (const [person, { others }] of nearChance(people)) {
    if (findings.has(person)) continue
    const { value, low, high, n, chance } = people.get(person)!
    if (high < chance) {
      findings.set(person, {
        kind: 'reversed',
        reason: `Names the opposite of what all answers together point to: right in ${share(value)} [${share(low)}, ${share(high)}] of ${n} shared tasks, where chance would give ${share(chance)}.`,
        advice:
          'Whoever is wrong so surely knows the difference: ask whether the scale is read the wrong way round, or whether the guideline is understood otherwise.',
      })
      continue
    }
    findings.set(person, {
      kind: 'careless',
      reason:
        `Right in ${share(value)} [${share(low)}, ${share(high)}] of ${n} shared tasks, as far as all answers together tell. ` +
        `The same mix of answers given at random would reach ${share(chance)}; the others’ median is ${share(others)}.`,
      advice:
        'Look at a few of these answers together with their author before anything else: the guideline may be unclear to them, or their view another one. Review what they answered, and ask one more person on these tasks.',
    })
  }
  return findings
}
