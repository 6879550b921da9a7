/**
 * How reliable each person is where the truth is not known, by the truth inference behind consensus, and how far each follows what
 * the others point to. Only tasks that two or more people answered count: on a task of one's own, one would be measured against oneself.
 */
import { type Competence, competences } from '../../stats/truth/competence.ts'
import { fitVotes } from '../consensus/truth.ts'
import type { LabelRow } from './rules.ts'

export type Knowing = Competence | { undefined: string }

interface Reliability {
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
  knowing: Map<string, Knowing>
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

/** Fewer shared answers say too little of a person. */
export const fewest = 20

export function inferTruth(rows: LabelRow[], attribute = 'preference'): Truth {
  const own = rows.filter((row) => row.attribute === attribute)
  const swapped = Object.fromEntries(own.map(({ label, mirrored }) => [label, mirrored]))
  const shared = fitVotes(byItem(own, attribute), swapped)?.shared
  const people = new Map<string, Reliability>()
  if (!shared) return { people, knowing: new Map(), labelsOf: () => undefined }
  const { table, fitted } = shared
  const { classes, classNames, itemNames, workerNames } = table
  const { posterior, prevalence, quality } = fitted
  const answered = new Float64Array(workerNames.length * classes)
  for (let n = 0; n < table.label.length; n++) answered[table.worker[n]! * classes + table.label[n]!]! += 1
  for (const [w, person] of workerNames.entries()) {
    const n = quality.labels[w]!
    let chance = 0
    for (let k = 0; k < classes; k++) chance += (prevalence[k]! * answered[w * classes + k]!) / n
    people.set(person, { value: quality.accuracy[w]!, low: quality.low[w]!, high: quality.high[w]!, n, chance })
  }
  const known = competences(table, { confusion: quality.confusion!, prevalence }, fewest)
  const place = new Map(itemNames.map((name, i) => [name, i]))
  return {
    people,
    knowing: new Map(workerNames.map((person, w) => [person, known[w]!])),
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
