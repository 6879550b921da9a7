/** How others saw what one has judged, counted; never who said what. */
import { kindOf } from '../../collect/kinds/index.ts'
import type { MyAnswer } from './contract.ts'

export interface Said {
  step: string
  kind: string
  targets: string[]
  payload: unknown
}

const votesOf = ({ kind, targets, payload, step }: Said) =>
  kindOf(kind)
    .votes({ payload, targets })
    .map(({ attribute, label }) => ({ step, attribute, label, on: String(targets) }))

/** `others`: what others said of the same task. Attributes that nobody else judged are left out. */
export function othersOn(mine: readonly Said[], others: readonly Said[]): MyAnswer['others'] {
  const theirs = others.flatMap(votesOf)
  return mine.flatMap(votesOf).flatMap((own) => {
    const same = theirs.filter(
      ({ step, attribute, on }) => step === own.step && attribute === own.attribute && on === own.on,
    )
    if (!same.length) return []
    const { step, attribute, label } = own
    return [{ step, attribute, same: same.filter((vote) => vote.label === label).length, total: same.length }]
  })
}
