/** What a task asks for at the moment, and what was given of it. Pure, for the session and the editors. */
import { kinds } from '../kinds/index.ts'
import { type Answer, type Question, questionsOf } from '../templates/rules.ts'
import type { Work } from './contract.ts'

export const promptId = 'prompt'

/** The steps that are asked for now, each with whether it has a valid answer. Targets are named by their index. */
export function askedOf(work: Work, answers: Answer[]): (Question & { answer?: Answer; answered: boolean })[] {
  const subject = { prompt: promptId, targets: work.targets.map((_, index) => String(index)) }
  return questionsOf(work.steps, subject, answers).map((question) => {
    const { step, on } = question
    const answer = answers.find((one) => one.step === step.key && (one.on ?? 0) === on)
    const kind = kinds[step.kind]?.rules
    return {
      ...question,
      answer,
      answered: answer !== undefined && kind?.payload(step.settings).safeParse(answer.payload).success === true,
    }
  })
}

/** What is sent: a draft also holds answers to steps that are asked no more, and optional ones that are only begun. */
export const givenOf = (work: Work, answers: Answer[]): Answer[] =>
  askedOf(work, answers).flatMap(({ answer, answered }) => (answer && answered ? [answer] : []))
