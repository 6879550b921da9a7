/** Each answer against what most of the others said of the same: what speed and drift take for right, where no truth is known. */
import { byItem } from './reliability.ts'
import type { LabelRow } from './rules.ts'

/** The label that most gave; undefined where they tie or nobody answered. */
function majority(labels: string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const [first, second] = [...counts].sort(([, a], [, b]) => b - a)
  return first && first[1] !== second?.[1] ? first[0] : undefined
}

export interface AgainstOthers {
  item: string
  person: string
  at: Date
  agreed: boolean
}

/** Answers to the preference on which the others have a majority. */
export function answersAgainstOthers(rows: LabelRow[]): AgainstOthers[] {
  return [...byItem(rows, 'preference')].flatMap(([item, group]) =>
    group.flatMap((own) => {
      const most = majority(group.flatMap((other) => (other === own ? [] : [other.label])))
      return most === undefined ? [] : [{ item, person: own.person, at: own.at, agreed: own.label === most }]
    }),
  )
}
