/** One task in the whole window: what was said, what is compared, and the judgement under it. */
import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { KeyHint, useKeys } from '../../web/keys.tsx'
import { FullWindow } from '../../web/shell.tsx'
import type { Work } from '../tasks/contract.ts'
import type { Answer } from '../templates/rules.ts'
import { askedOf, missingOf } from './asked.ts'
import { Conversation } from './conversation.tsx'
import { Editors } from './judgements.tsx'
import { keepFocus } from './keep-focus.ts'
import { Responses } from './responses.tsx'
import classes from './screen.module.css'
import { Scroller } from './scroller.tsx'

interface TaskViewProps {
  title: string
  top: ReactNode
  work: Work
  answers: Answer[]
  onAnswer: (answer: Answer) => void
  onSubmit: () => void
  aside: ReactNode
  onCloseAside: () => void
  /** Undo, skip, flag. */
  actions: ReactNode
}

export function TaskView(props: TaskViewProps) {
  const { title, top, work, answers, onAnswer, onSubmit, aside, onCloseAside, actions } = props
  const centre = useRef<HTMLDivElement>(null)
  const asked = askedOf(work, answers)
  const complete = asked.every(({ step, answered }) => answered || !step.required)
  const missing = missingOf(asked)
  const send = () => complete && onSubmit()
  const back = () => centre.current?.focus({ preventScroll: true })
  const walk = (by: 1 | -1) => {
    const turns = [...(centre.current?.querySelectorAll<HTMLElement>('[data-turn]') ?? [])]
    const at = turns.indexOf(document.activeElement as HTMLElement)
    const next = turns[Math.min(turns.length - 1, Math.max(0, at + by))]
    next?.focus({ preventScroll: true })
    next?.scrollIntoView({ block: 'nearest' })
  }
  const id = work.assignment.id
  // Arrows, Space and Page keys scroll what has the focus: a new task begins with it.
  useEffect(() => {
    if (id) centre.current?.focus({ preventScroll: true })
  }, [id])

  useKeys(
    [
      { key: 'Enter', label: 'Send the answer', run: send },
      { key: 'mod+Enter', label: 'Send the answer, also while typing', run: send, inInputs: true },
      { key: 'n', label: 'Next turn', run: () => walk(1), repeats: true },
      { key: 'p', label: 'Previous turn', run: () => walk(-1), repeats: true },
      {
        key: 'Escape',
        label: aside ? 'Close the guideline' : 'Back to the text',
        inInputs: true,
        run: () => {
          if (aside) onCloseAside()
          back()
        },
      },
    ],
    'Work',
  )

  return (
    <FullWindow
      title={title}
      top={top}
      aside={aside}
      onCloseAside={onCloseAside}
      bare
      bottom={
        <div className={classes.bottom} ref={keepFocus}>
          <div className={classes.editors}>
            <Editors work={work} answers={answers} onAnswer={onAnswer} />
          </div>
          <div className={classes.actions}>
            <p role="status" className={classes.missing}>
              {missing.length > 0 && `Missing: ${missing.join(', ')}`}
            </p>
            {actions}
            <Button className={classes.submit} disabled={!complete} rightSection={<KeyHint k="Enter" />} onClick={send}>
              Submit
            </Button>
          </div>
        </div>
      }
    >
      <Scroller key={id} ref={centre} label="Task" className={classes.centre} home hint="The task goes on below">
        <Conversation turns={work.conversation} />
        <Responses texts={work.order.map((index) => work.targets[index]?.text ?? '')} />
      </Scroller>
    </FullWindow>
  )
}
