/** What a task asks, as editors; and answers as they are read. Each kind brings its own, loaded when first needed. */
import { Text } from '@mantine/core'
import { Editor } from '../kinds/editor.tsx'
import { Reading } from '../kinds/reading.tsx'
import type { Work, WorkTarget } from '../tasks/contract.ts'
import { namesOnScreen } from '../tasks/order.ts'
import type { Answer } from '../templates/rules.ts'
import { askedOf, promptId } from './asked.ts'
import classes from './screen.module.css'

function targetsOf(work: Work, ids: string[]): WorkTarget[] {
  return ids.map((id) =>
    id === promptId ? { text: work.conversation.at(-1)?.text ?? '' } : (work.targets[Number(id)] ?? { text: '' }),
  )
}

interface EditorsProps {
  work: Work
  answers: Answer[]
  onAnswer: (answer: Answer) => void
}

/** The first step without an answer has the keyboard. */
export function Editors({ work, answers, onAnswer }: EditorsProps) {
  const asked = askedOf(work, answers)
  const open = asked.findIndex(({ answered, step }) => step.required && !answered)
  const active = open === -1 ? asked.length - 1 : open
  return asked.map(({ step, on, targets, answer }, place) => {
    const whole = targets.length === work.targets.length
    return (
      <section key={`${step.key} ${on}`} aria-label={step.title ?? step.key}>
        {asked.length > 1 && (
          <Text size="sm" fw={600}>
            {step.title ?? step.key}
          </Text>
        )}
        <Editor
          kind={step.kind}
          settings={step.settings}
          targets={targetsOf(work, targets)}
          order={whole ? work.order : targets.map((_, index) => index)}
          payload={answer?.payload}
          onChange={(payload) => onAnswer(on ? { step: step.key, on, payload } : { step: step.key, payload })}
          active={place === active}
        />
      </section>
    )
  })
}

/** Answers to read, for example those that the server would not take. */
export const Judgements = ({ work, answers }: { work: Work; answers: Answer[] }) => (
  <div className={classes.judgements}>
    {work.steps.flatMap(({ key, kind, settings }) =>
      answers
        .filter(({ step }) => step === key)
        .map(({ on = 0, payload }) => (
          <Reading
            key={`${key} ${on}`}
            kind={kind}
            payload={payload}
            settings={settings}
            names={namesOnScreen(work.order)}
          />
        )),
    )}
  </div>
)
