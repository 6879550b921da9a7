/** Consensus: what people said of the same targets under one attribute, as a soft label and, where one leads, a hard one. */
import { kindOf } from '../../collect/kinds/index.ts'

/** An annotation in force, as far as consensus needs it. */
export interface Judged {
  step: string
  kind: string
  targets: string[]
  payload: unknown
}

export interface Consensus {
  targets: string[]
  step: string
  attribute: string
  /** Votes by label: the soft label, undivided. */
  counts: Record<string, number>
  total: number
  /** The label with most votes; null where the lead is shared, whatever the order in which the votes came. */
  label: string | null
  tied: boolean
  /** Mean of the votes that carry a number; null where none does. */
  mean: number | null
}

/** Groups annotations by (targets, step, attribute). The result does not depend on their order. */
export function consensusOf(annotations: Judged[]): Consensus[] {
  const groups = new Map<string, Consensus & { values: number[] }>()
  for (const { step, kind, targets, payload } of annotations)
    for (const vote of kindOf(kind).votes({ payload, targets })) {
      const key = JSON.stringify([targets, step, vote.attribute])
      let group = groups.get(key)
      if (!group) {
        group = {
          targets,
          step,
          attribute: vote.attribute,
          counts: {},
          total: 0,
          label: null,
          tied: false,
          mean: null,
          values: [],
        }
        groups.set(key, group)
      }
      group.counts[vote.label] = (group.counts[vote.label] ?? 0) + 1
      group.total++
      if (vote.value !== undefined) group.values.push(vote.value)
    }
  return [...groups.values()].map(({ values, ...group }) => {
    const most = Math.max(...Object.values(group.counts))
    const leaders = Object.keys(group.counts).filter((label) => group.counts[label] === most)
    return {
      ...group,
      // Sorted keys and a sorted sum: the same votes give the same row, bit for bit.
      counts: Object.fromEntries(Object.entries(group.counts).sort(([a], [b]) => (a < b ? -1 : 1))),
      label: leaders.length === 1 ? leaders[0]! : null,
      tied: leaders.length > 1,
      mean: values.length ? values.sort((a, b) => a - b).reduce((sum, value) => sum + value, 0) / values.length : null,
    }
  })
}
