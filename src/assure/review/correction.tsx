/** The answers with the editor of their kind: A is the first response, B the second. */
import { Text } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { kinds } from '../../collect/kinds/index.ts'
import { questionsOf } from '../../collect/templates/rules.ts'
import { Loading } from '../../web/states.tsx'
import type { ReviewWork } from './contract.ts'
import type { Answers } from './one-review.tsx'

const editors = Object.fromEntries(
  Object.entries(kinds).map(([name, { screen }]) => [name, lazy(async () => ({ default: (await screen()).Editor }))]),
)

interface CorrectionProps {
  work: Pick<ReviewWork, 'steps' | 'targets'>
  answers: Answers
  onChange: (answers: Answers) => void
}

export function Correction({ work, answers, onChange }: CorrectionProps) {
  const subject = { prompt: 'prompt', targets: work.targets.map((_, place) => String(place)) }
  const questions = questionsOf(work.steps, subject, answers)
  const set = (step: string, on: number, payload: unknown) => {
    const others = answers.filter((one) => !(one.step === step && (one.on ?? 0) === on))
    onChange([...others, on ? { step, on, payload } : { step, payload }])
  }
  return (
    <Suspense fallback={<Loading lines={3} />}>
      {questions.map(({ step, on, targets }, place) => {
        const Editor = editors[step.kind]
        if (!Editor) return null
        return (
          <section key={`${step.key} ${on}`} aria-label={step.title ?? step.key}>
            {questions.length > 1 && (
              <Text size="sm" fw={600}>
                {step.title ?? step.key}
              </Text>
            )}
            <Editor
              settings={step.settings}
              targets={targets.map((index) => work.targets[Number(index)] ?? { text: '' })}
              order={targets.map((_, at) => at)}
              payload={answers.find((one) => one.step === step.key && (one.on ?? 0) === on)?.payload}
              onChange={(payload) => set(step.key, on, payload)}
              active={place === 0}
            />
          </section>
        )
      })}
    </Suspense>
  )
}
