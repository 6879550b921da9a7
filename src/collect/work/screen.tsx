/** The screen where most hours are spent: conversation, responses side by side, the judgement always in view. */
import { Button } from '@mantine/core'
import { Suspense, useState } from 'react'
import { useProjects } from '../../projects/frame.tsx'
import { useMe, useProject } from '../../web/current.tsx'
import { KeyHint, useKeys } from '../../web/keys.tsx'
import { FullWindow } from '../../web/shell.tsx'
import { Boundary, Empty, Loading } from '../../web/states.tsx'
import type { Work } from '../tasks/contract.ts'
import { useTaskSlots } from '../tasks/slots.tsx'
import { Ask } from './ask.tsx'
import { Banners } from './banners.tsx'
import { Choices } from './choices.tsx'
import { GuidelinePanel } from './guideline-panel.tsx'
import classes from './screen.module.css'
import { NothingToDo, OnBreak, Sensitive, Unreachable } from './states.tsx'
import { TaskView } from './task-view.tsx'
import { WorkTop } from './top.tsx'
import { useWork } from './use-work.ts'

export function Screen() {
  const project = useProject()
  const me = useMe()
  const settings = useProjects().data?.rows.find(({ id }) => id === project.id)?.settings
  const [session, view, rest] = useWork(project.id, me.id, settings?.breakAfterMinutes ?? 50)
  const [guideline, setGuideline] = useState(false)
  const { work } = view
  // Shown once, it stays so: also after a look at the guideline, a break, an undo.
  const [revealed, setRevealed] = useState<string>()
  const isHidden = !!work?.contains.length && work.assignment.id !== revealed
  // A question is about one task and goes with it.
  const [question, setQuestion] = useState<{ what: 'skip' | 'flag'; assignment: string }>()
  const asking = question && question.assignment === work?.assignment.id ? question.what : undefined
  const ask = (what: 'skip' | 'flag') => work && setQuestion({ what, assignment: work.assignment.id })
  const onBreak = rest.since !== undefined
  const { AfterSubmit } = useTaskSlots()
  const toggleGuideline = () => setGuideline((open) => !open)

  useKeys(
    [
      ...(view.undoUntil ? [{ key: 'Backspace', label: 'Undo the last answer', run: () => session.undo() }] : []),
      { key: 'b', label: onBreak ? 'End the break' : 'Take a break', run: onBreak ? rest.end : rest.take },
      ...(work && !onBreak && !isHidden
        ? [
            { key: 's', label: 'Skip this task, with a reason', run: () => ask('skip') },
            { key: 'f', label: 'Flag a problem with this task', run: () => ask('flag') },
            { key: 'g', label: 'Guideline beside the work', run: toggleGuideline },
          ]
        : []),
    ],
    'Work',
  )

  const top = (
    <>
      <WorkTop
        project={project}
        guidelineVersion={work?.guidelineVersion}
        guidelineOpen={guideline}
        uncounted={view.uncounted}
        onGuideline={work && !onBreak ? toggleGuideline : undefined}
        onBreak={onBreak ? undefined : rest.take}
      />
      <Banners session={session} view={view} rest={rest} />
      {AfterSubmit && (
        <Boundary fallback="">
          <Suspense fallback={null}>
            <AfterSubmit sent={view.sent} />
          </Suspense>
        </Boundary>
      )}
    </>
  )
  const frame = { title: `Work on ${project.name}`, top }
  if (onBreak)
    return (
      <FullWindow {...frame}>
        <OnBreak since={rest.since!} onEnd={rest.end} />
      </FullWindow>
    )
  if (!work)
    return (
      <FullWindow
        {...frame}
        bottom={view.undoUntil && <Undo onUndo={() => session.undo()} />}
        bottomLabel="Last answer"
      >
        {view.offline ? (
          <Unreachable onRetry={() => void session.start()} />
        ) : work === undefined ? (
          view.problem ? (
            <Empty title="Your tasks could not be fetched">What went wrong stands above.</Empty>
          ) : (
            <Loading lines={10} what="Fetching your next task" />
          )
        ) : (
          <NothingToDo reason={view.reason} onRetry={() => void session.start()} />
        )}
      </FullWindow>
    )
  if (isHidden)
    return (
      <FullWindow
        {...frame}
        bottom={view.undoUntil && <Undo onUndo={() => session.undo()} />}
        bottomLabel="Last answer"
      >
        <Sensitive
          key={work.assignment.id}
          contains={work.contains}
          onShow={() => setRevealed(work.assignment.id)}
          onSkip={() => session.skip(`sensitive: ${work.contains.join(', ')}`)}
        />
      </FullWindow>
    )
  return (
    <>
      <TaskView
        {...frame}
        work={work}
        answers={view.answers}
        onAnswer={(answer) => session.answer(answer)}
        onSubmit={() => session.submit()}
        aside={
          guideline && <GuidelinePanel project={project.id} version={work.guidelineVersion} about={textOf(work)} />
        }
        onCloseAside={() => setGuideline(false)}
        actions={
          <>
            {view.undoUntil && <Undo onUndo={() => session.undo()} />}
            <Choices onAsk={ask} />
          </>
        }
      />
      {asking && (
        <Ask
          what={asking}
          send={(reason) => (asking === 'skip' ? session.skip(reason) : session.flag(reason))}
          onClose={() => setQuestion(undefined)}
        />
      )}
    </>
  )
}

const textOf = ({ conversation, targets }: Work) => [...conversation, ...targets].map(({ text }) => text).join('\n')

const Undo = ({ onUndo }: { onUndo: () => void }) => (
  <Button className={classes.undo} variant="light" size="xs" rightSection={<KeyHint k="Backspace" />} onClick={onUndo}>
    Undo
  </Button>
)
