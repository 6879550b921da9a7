/** Turns annotations in force into the columns that the statistics take, and their results into what screens show. */

import { kindOf } from '../../collect/kinds/index.ts'
import type { Known } from '../../platform/contract.ts'
import { agreement } from '../../stats/agreement/agreement.ts'
import { weightDistance } from '../../stats/agreement/distances.ts'
import type { Estimate, Undefined } from '../../stats/agreement/estimate.ts'
import { pairwiseAgreement } from '../../stats/agreement/pairwise.ts'
import { type Ratings, ratingsFromLong } from '../../stats/agreement/ratings.ts'
import { sideBias } from '../../stats/bias/sides.ts'
import { estimateShare, type ShareTest } from '../../stats/share.ts'
import { spanOf } from './over-time.ts'
import type { AttributeAgreement, PersonQuality } from './shapes.ts'

/** An annotation in force, as far as quality needs it. `order`: indices of its targets, left to right on the screen. */
export interface Answer {
  person: string
  step: string
  kind: string
  targets: string[]
  payload: unknown
  order: number[] | null
  activeMs: number | null
  task: string
  at: Date
}

/** One vote, on what it was given. */
export interface LabelRow {
  item: string
  person: string
  step: string
  attribute: string
  label: string
  /** The label that this one becomes where the targets stand in the other order; itself without one. */
  mirrored: string
  task: string
  at: Date
}

/** Votes of all answers. A person counts once on an item: the newest answer, which stands last. */
export function labelsOf(answers: Answer[]): LabelRow[] {
  const rows = new Map<string, LabelRow>()
  for (const { person, step, kind, targets, payload, task, at } of answers) {
    const { votes, swapped } = kindOf(kind)
    for (const { attribute, label } of votes({ payload, targets })) {
      const [item, mirrored] = [String(targets), swapped?.[label] ?? label]
      rows.set(`${item} ${step} ${attribute} ${person}`, { item, person, step, attribute, label, mirrored, task, at })
    }
  }
  return [...rows.values()]
}

const toInterval = (result: Estimate | Undefined): Known =>
  'undefined' in result
    ? { undefined: result.undefined }
    : { value: result.estimate, low: result.low, high: result.high, n: result.items }

/** Two steps on the same targets are two items. */
function ratingsOf(rows: LabelRow[]): Ratings {
  return ratingsFromLong(
    rows.map(({ item, step }) => `${item} ${step}`),
    rows.map(({ person }) => person),
    rows.map(({ label }) => label),
  )
}

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
    const ratings = ratingsOf(group)
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
export function agreementWithOthers(rows: LabelRow[], attribute = 'preference'): Map<string, Known> {
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
  return new Map([...sums].map(([person, { share, items }]) => [person, estimateShare(share / items, items)]))
}

/** Percent agreement of the rows of each group; groups in which nobody shares a task are left out. */
function percentBy<Key>(rows: LabelRow[], keysOf: (row: LabelRow) => Key[]): Map<Key, Known> {
  const groups = new Map<Key, LabelRow[]>()
  for (const row of rows)
    for (const key of keysOf(row)) {
      const group = groups.get(key)
      if (group) group.push(row)
      else groups.set(key, [row])
    }
  const shares = new Map<Key, Known>()
  for (const [key, group] of groups) {
    const percent = toInterval(agreement(ratingsOf(group), ['percent']).percent)
    if (!('undefined' in percent)) shares.set(key, percent)
  }
  return shares
}

const preferences = (rows: LabelRow[]) => rows.filter(({ attribute }) => attribute === 'preference')

/** By tag of the prompt, the most answered first. `tags`: of each task. */
export function agreementBySlice(rows: LabelRow[], tags: Map<string, string[]>, most = 12) {
  const shares = percentBy(preferences(rows), ({ task }) => tags.get(task) ?? [])
  return [...shares]
    .map(([label, percent]) => ({ label, percent }))
    .sort((a, b) => itemsOf(b.percent) - itemsOf(a.percent) || (a.label < b.label ? -1 : 1))
    .slice(0, most)
}

const itemsOf = (interval: Known) => ('undefined' in interval ? 0 : interval.n)

/** By the day, week or month on which the last answer to a task came. */
export function agreementOverTime(rows: LabelRow[]) {
  const last = new Map<string, number>()
  for (const { item, at } of rows) last.set(item, Math.max(last.get(item) ?? 0, at.getTime()))
  const { every, labelOf } = spanOf([...last.values()])
  const shares = percentBy(preferences(rows), ({ item }) => [labelOf(last.get(item)!)])
  return {
    every,
    rows: [...shares].sort(([a], [b]) => (a < b ? -1 : 1)).map(([label, percent]) => ({ label, percent })),
  }
}

/** How often each two people agree on what both answered, with Wilson's interval. */
export function agreementOfPairs(rows: LabelRow[], attribute: string) {
  const own = rows.filter((row) => row.attribute === attribute)
  const ratings = ratingsOf(own)
  const names = [...new Set(own.map(({ person }) => person))]
  return pairwiseAgreement(ratings, weightDistance('identity', ratings)).map(
    ({ first, second, items, agreement: value, kappa }) => ({
      first: names[first]!,
      second: names[second]!,
      agreement: estimateShare(value, items),
      kappa: typeof kappa === 'number' ? kappa : null,
    }),
  )
}

/** Share of the left side of the screen among the decided comparisons of everybody, and of each person. */
export function sidesOf(answers: Answer[]) {
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
  const { pool, workers } = sideBias({ worker: Int32Array.from(worker), side, workers: people.length })
  const shown = ({ share, low, high, n, p }: ShareTest) => ({ value: share, low, high, n, p })
  return {
    pool: 'undefined' in pool ? pool : shown(pool),
    people: new Map(
      people.map((person, i): [string, PersonQuality['leftSide']] => {
        const test = workers[i]!
        return [person, 'undefined' in test ? test : { ...shown(test), adjusted: test.adjusted }]
      }),
    ),
  }
}
