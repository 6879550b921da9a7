/** Gold answers with what they are worth: for quality, and for those who gave them. */
import { orderOf } from '../../collect/tasks/order.ts'
import type { Db } from '../../platform/sql.ts'
import type { Explained } from './contract.ts'
import { compare, expectedOf, isRight } from './rules.ts'
import { type GoldAnswer, type OwnAnswer, toldAnswers } from './store.ts'

export interface Marked {
  person: string
  task: string
  at: Date
  right: boolean
}

/** An imported judgement says which response is better, whatever the step is called that asks for it. */
const keyOf = ({ expected, imported, said }: GoldAnswer) =>
  expected ??
  said.flatMap(({ step }) => expectedOf([{ ...imported!, step }]).filter(({ attribute }) => attribute === 'preference'))

/** Answers that say something of what the key speaks of, each right or wrong. */
export const marked = (answers: readonly GoldAnswer[]): Marked[] =>
  answers.flatMap((answer) => {
    const right = isRight(compare(keyOf(answer), answer.said))
    const { person, task, at } = answer
    return right === undefined ? [] : [{ person, task, at, right }]
  })

/** An answer beside its key, in the order of the person's screen; null: the task has none, or the answer says nothing of it. */
export function explainedOf({ seed, targets, expected, explanation, said }: OwnAnswer): Explained | null {
  const order = orderOf(seed, targets.length).map((place) => targets[place]!)
  const compared = compare(expected ?? [], said, order)
  const agrees = isRight(compared)
  return agrees === undefined ? null : { agrees, compared, explanation: explanation ?? '' }
}

/** By submission, what people have learned after it; nothing of keys that they do not know yet. */
export async function toldAfter(db: Db, submissions: string[]): Promise<Map<string, Explained>> {
  const told = await toldAnswers(db, submissions)
  return new Map(
    told.flatMap((own) => {
      const explained = explainedOf(own)
      return explained ? [[own.submission, explained] as const] : []
    }),
  )
}
