/** What a task asks for at the moment, and what was given of it. Pure, for the session and the editors. */
import { kinds } from '../kinds/index.ts'
import type { Work } from '../tasks/contract.ts'
import { type Answer, type Question, questionsOf } from '../templates/rules.ts'

export const promptId = 'prompt'

export interface Asked extends Question {
  answer?: Answer
  answered: boolean
  /** What the answer still lacks, in words. */
  missing: string[]
}

/** The steps that are asked for now, each with whether it has a valid answer. Targets are named by their index. */
export function askedOf(work: Pick<Work, 'steps' | 'targets'>, answers: Answer[]): Asked[] {
  const subject = { prompt: promptId, targets: work.targets.map((_, index) => String(index)) }
  return questionsOf(work.steps, subject, answers).map((question) => {
    const { step, on } = question
    const answer = answers.find((one) => one.step === step.key && (one.on ?? 0) === on)
    const kind = kinds[step.kind]?.rules
    const answered = answer !== undefined && kind?.payload(step.settings).safeParse(answer.payload).success === true
    return {
      ...question,
      answer,
      answered,
      missing: answered ? [] : (kind?.missing(answer?.payload, step.settings) ?? []),
    }
  })
}

/** What stands between answers and their being sent, in words; of each step by its name where there are several. */
export const missingOf = (asked: Asked[]): string[] =>
  asked.flatMap(({ step, answered, missing }) => {
    if (answered || !step.required) return []
    return asked.length > 1 ? [`${step.title ?? step.key} (${missing.join(', ')})`] : missing
  })

/** What is sent: a draft also holds answers to steps that are asked no more, and optional ones that are only begun. */
export const givenOf = (work: Work, answers: Answer[]): Answer[] =>
  askedOf(work, answers).flatMap(({ answer, answered }) => (answer && answered ? [answer] : []))
