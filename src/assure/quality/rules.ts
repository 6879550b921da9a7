/** Turns annotations in force into the columns that the statistics take, and their results into what screens show. */
import { kindOf } from '../../collect/kinds/index.ts'
import { agreement } from '../../stats/agreement/agreement.ts'
import type { Estimate, Undefined } from '../../stats/agreement/estimate.ts'
import { ratingsFromLong } from '../../stats/agreement/ratings.ts'
import { sideBias } from '../../stats/bias/sides.ts'
import { wilson } from '../../stats/share.ts'
import type { AttributeAgreement, Interval, PersonQuality } from './contract.ts'

/** An annotation in force, as far as quality needs it. `order`: indices of its targets, left to right on the screen. */
export interface Answer {
  person: string
  step: string
  kind: string
  targets: string[]
  payload: unknown
  order: number[] | null
}

/** One vote, on what it was given. */
export interface LabelRow {
  item: string
  person: string
  step: string
  attribute: string
  label: string
}

/** Votes of all answers. A person counts once on an item: the newest answer, which stands last. */
export function labelsOf(answers: Answer[]): LabelRow[] {
  const rows = new Map<string, LabelRow>()
  for (const { person, step, kind, targets, payload } of answers)
    for (const { attribute, label } of kindOf(kind).votes({ payload, targets })) {
      const item = String(targets)
      rows.set(`${item} ${step} ${attribute} ${person}`, { item, person, step, attribute, label })
    }
  return [...rows.values()]
}

const toInterval = (result: Estimate | Undefined): Interval =>
  'undefined' in result
    ? { undefined: result.undefined }
    : { value: result.estimate, low: result.low, high: result.high, n: result.items }

/** Agreement on each attribute of each step. */
export function agreementOf(rows: LabelRow[]): AttributeAgreement[] {
  const groups = new Map<string, LabelRow[]>()
  for (const row of rows) {
    const key = JSON.stringify([row.step, row.attribute])
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return [...groups.values()].map((group) => {
    const column = (name: 'item' | 'person' | 'label') => group.map((row) => row[name])
    const ratings = ratingsFromLong(column('item'), column('person'), column('label'))
    const { krippendorff, percent } = agreement(ratings, ['krippendorff', 'percent'])
    const labels: Record<string, number> = {}
    for (const { label } of group) labels[label] = (labels[label] ?? 0) + 1
    return {
      step: group[0]!.step,
      attribute: group[0]!.attribute,
      alpha: toInterval(krippendorff),
      percent: toInterval(percent),
      people: ratings.raters,
      labels,
    }
  })
}

/**
 * How often others gave the label that this person gave: on each item the share of the others, then the mean over items
 * that somebody else answered too. Wilson's interval, with the items as trials.
 */
export function agreementWithOthers(rows: LabelRow[], attribute = 'preference'): Map<string, Interval> {
  const byItem = new Map<string, LabelRow[]>()
  for (const row of rows) {
    if (row.attribute !== attribute) continue
    const key = `${row.item} ${row.step}`
    const group = byItem.get(key)
    if (group) group.push(row)
    else byItem.set(key, [row])
  }
  const sums = new Map<string, { share: number; items: number }>()
  for (const group of byItem.values()) {
    if (group.length < 2) continue
    for (const own of group) {
      const same = group.filter((other) => other !== own && other.label === own.label).length / (group.length - 1)
      const sum = sums.get(own.person) ?? { share: 0, items: 0 }
      sums.set(own.person, { share: sum.share + same, items: sum.items + 1 })
    }
  }
  return new Map(
    [...sums].map(([person, { share, items }]) => {
      const value = share / items
      const [low, high] = wilson(value, items)
      return [person, { value, low, high, n: items }]
    }),
  )
}

/** Share of the left side of the screen among each person's decided comparisons. */
export function leftSideOf(answers: Answer[]): Map<string, PersonQuality['leftSide']> {
  const people = [...new Set(answers.map(({ person }) => person))]
  const number = new Map(people.map((person, i) => [person, i]))
  const worker: number[] = []
  const side: number[] = []
  for (const { person, kind, payload, targets, order } of answers) {
    if (order?.length !== 2 || targets.length !== 2) continue
    const pair = kindOf(kind)
      .pairs({ payload, targets })
      .find(({ attribute }) => attribute === 'preference')
    if (!pair || pair.strength === 0) continue
    worker.push(number.get(person)!)
    side.push(targets[order[0]!] === pair.chosen ? -1 : 1)
  }
  const { workers } = sideBias({ worker: Int32Array.from(worker), side, workers: people.length })
  return new Map(
    people.map((person, i): [string, PersonQuality['leftSide']] => {
      const test = workers[i]!
      if ('undefined' in test) return [person, test]
      const { share, low, high, n, p, adjusted } = test
      return [person, { value: share, low, high, n, p, adjusted }]
    }),
  )
}
