/** Consensus: what people said of the same targets under one attribute, as a soft label and, where one leads, a hard one. */
import { kindOf } from '../../collect/kinds/index.ts'
import type { ConsensusRow } from './contract.ts'
import { type Model, softLabelOf, type Vote } from './truth.ts'

/** An annotation in force, as far as consensus needs it. */
export interface Judged {
  /** Who judges the same targets again has one vote, the last one given; without a person each annotation is a vote. */
  person?: string
  step: string
  kind: string
  targets: string[]
  payload: unknown
}

type Group = Pick<ConsensusRow, 'targets' | 'step' | 'attribute'> & { votes: Map<string, Vote & { value?: number }> }

/** Groups annotations, oldest first, by (targets, step, attribute). */
function groupsOf(annotations: Judged[]): Group[] {
  const groups = new Map<string, Group>()
  for (const [at, { step, kind, targets, payload, person = `annotation ${at}` }] of annotations.entries())
    for (const { attribute, label, value } of kindOf(kind).votes({ payload, targets })) {
      const key = JSON.stringify([targets, step, attribute])
      const group = groups.get(key) ?? { targets, step, attribute, votes: new Map() }
      groups.set(key, group)
      group.votes.set(person, { person, label, value })
    }
  return [...groups.values()]
}

/** Sorted keys: the same votes give the same row, bit for bit. */
export function countsOf(votes: Vote[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { label } of votes) counts[label] = (counts[label] ?? 0) + 1
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The result does not depend on the order of annotations by different people. `modelOf`: what the project has taught. */
export function consensusOf(
  annotations: Judged[],
  modelOf: (step: string, attribute: string) => Model | undefined = () => undefined,
): ConsensusRow[] {
  return groupsOf(annotations).map(({ targets, step, attribute, votes }) => {
    const given = [...votes.values()]
    const counts = countsOf(given)
    const most = Math.max(...Object.values(counts))
    const values = given.flatMap(({ value }) => (value === undefined ? [] : [value])).sort((a, b) => a - b)
    return {
      targets,
      step,
      attribute,
      counts,
      total: given.length,
      ...softLabelOf(given, modelOf(step, attribute)),
      tied: Object.values(counts).filter((n) => n === most).length > 1,
      mean: values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null,
    }
  })
}
