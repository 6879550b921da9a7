/** Gold answers with what they are worth, for quality. */
import { compare, expectedOf, isRight } from './rules.ts'
import type { GoldAnswer } from './store.ts'

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
