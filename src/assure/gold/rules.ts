/** Holds an answer against the key of a gold task. A key speaks in labels of attributes: it never reads a payload itself. */
import { kindOf } from '../../collect/kinds/index.ts'
import type { Expected } from './contract.ts'

/** A judgement, as far as its votes need it. */
export interface Said {
  step: string
  kind: string
  targets: string[]
  payload: unknown
}

/** What judgements say, in the form of a key. */
export const expectedOf = (judgements: readonly Said[]): Expected[] =>
  judgements.flatMap(({ step, kind, targets, payload }) =>
    kindOf(kind)
      .votes({ payload, targets })
      .map(({ attribute, label }) => ({ step, targets, attribute, label })),
  )

interface Compared {
  step: string
  attribute: string
  said: string
  expected: string
  agrees: boolean
}

const same = (a: string[], b: string[]) => a.length === b.length && a.every((one, place) => one === b[place])

/** `label` as it reads with the targets in the order `to`; undefined where it speaks of other targets. */
function labelFor(kind: string, { targets, label }: Pick<Expected, 'targets' | 'label'>, to: string[]) {
  if (same(targets, to)) return label
  return same([...targets].reverse(), to) ? (kindOf(kind).swapped?.[label] ?? label) : undefined
}

/**
 * What an answer says of each thing that the key speaks of; what the answer leaves out is left out. `order`: the targets as
 * they stood on the person's screen, left to right; stored order without it. Labels read in that order.
 */
export function compare(key: readonly Expected[], answer: readonly Said[], order?: string[]): Compared[] {
  return answer.flatMap((said) =>
    expectedOf([said]).flatMap(({ step, targets, attribute, label }) =>
      key.flatMap((one) => {
        if (one.step !== step || one.attribute !== attribute) return []
        const wanted = labelFor(said.kind, one, targets)
        if (wanted === undefined) return []
        const shown = (stored: string) => (order && labelFor(said.kind, { targets, label: stored }, order)) ?? stored
        return [{ step, attribute, said: shown(label), expected: shown(wanted), agrees: label === wanted }]
      }),
    ),
  )
}

/** Whether an answer is the expected one: all that it says of what the key speaks of. undefined: it says nothing of it. */
export function isRight(compared: readonly Compared[]): boolean | undefined {
  return compared.length ? compared.every(({ agrees }) => agrees) : undefined
}
