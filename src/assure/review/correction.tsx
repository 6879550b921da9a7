/** The answers with the editor of their kind: A is the first response, B the second. */
import { Text } from '@mantine/core'
import { Editor } from '../../collect/kinds/editor.tsx'
import { askedOf, missingOf } from '../../collect/work/asked.ts'
import type { ReviewWork } from './contract.ts'
import type { Answers } from './one-review.tsx'

interface CorrectionProps {
  work: Pick<ReviewWork, 'steps' | 'targets'>
  answers: Answers
  onChange: (answers: Answers) => void
}

export function Correction({ work, answers, onChange }: CorrectionProps) {
  const asked = askedOf(work, answers)
  const missing = missingOf(asked)
  const set = (step: string, on: number, payload: unknown) => {
    const others = answers.filter((one) => !(one.step === step && (one.on ?? 0) === on))
    onChange([...others, on ? { step, on, payload } : { step, payload }])
  }
  return (
    <>
      {asked.map(({ step, on, targets, answer }, place) => (
        <section key={`${step.key} ${on}`} aria-label={step.title ?? step.key}>
          {asked.length > 1 && (
            <Text size="sm" fw={600}>
              {step.title ?? step.key}
            </Text>
          )}
          <Editor
            kind={step.kind}
            settings={step.settings}
            targets={targets.map((index) => work.targets[Number(index)] ?? { text: '' })}
            order={targets.map((_, at) => at)}
            payload={answer?.payload}
            onChange={(payload) => set(step.key, on, payload)}
            active={place === 0}
          />
        </section>
      ))}
      {missing.length > 0 && (
        <Text size="sm" c="dimmed" role="status">
          Missing: {missing.join(', ')}
        </Text>
      )}
    </>
  )
}
