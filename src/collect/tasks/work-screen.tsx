/** The screen where most hours are spent: conversation, responses side by side, the judgement always in view. */
import {
  ActionIcon,
  Alert,
  Button,
  Group,
  Menu,
  Modal,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
} from '@mantine/core'
import { IconBook2, IconDots } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { commonStart } from '../../web/common-start.ts'
import { useMe, useProject } from '../../web/current.tsx'
import { SideDiff } from '../../web/diff.tsx'
import { useKeys } from '../../web/keys.tsx'
import { Go } from '../../web/link.tsx'
import { Markdown } from '../../web/markdown.tsx'
import { duration } from '../../web/numbers.ts'
import { Empty, Loading, Problem } from '../../web/states.tsx'
import { kinds } from '../kinds/index.ts'
import { questionsOf } from '../templates/rules.ts'
import { tasks, type Work } from './contract.ts'
import { GuidelinePanel } from './guideline-panel.tsx'
import { useWork, type WorkSession } from './use-work.ts'
import classes from './work-screen.module.css'

const api = clientOf({ tasks }).tasks

const editors = Object.fromEntries(
  Object.entries(kinds).map(([name, { screen }]) => [name, lazy(async () => ({ default: (await screen()).Editor }))]),
)

const skipReasons = [
  'I cannot judge this',
  'Not in a language I know',
  'It upsets me',
  'The task is broken',
  'Both are the same',
]

export function Screen() {
  const { id: project } = useProject()
  const { id: person } = useMe()
  const session = useWork(project, person)
  const [asking, setAsking] = useState<'skip' | 'flag'>()
  const [guideline, setGuideline] = useState(false)
  const { work } = session
  return (
    <div className={classes.window}>
      <Top project={project} session={session} onGuideline={() => setGuideline((open) => !open)} onAsk={setAsking} />
      <Notices session={session} />
      {work === undefined && (
        <main className={classes.centre}>
          <Loading lines={10} what="Fetching your next task" />
        </main>
      )}
      {work === null && <NothingToDo session={session} />}
      {work && (
        <Task
          key={work.assignment.id}
          work={work}
          session={session}
          guideline={guideline}
          onGuideline={() => setGuideline((open) => !open)}
          onAsk={setAsking}
        />
      )}
      {asking && <Ask what={asking} session={session} onClose={() => setAsking(undefined)} />}
    </div>
  )
}

interface Asking {
  onAsk(what: 'skip' | 'flag'): void
  onGuideline(): void
}

function Top({ project, session, onAsk, onGuideline }: { project: string; session: WorkSession } & Asking) {
  const progress = useQuery({ queryKey: ['progress', project], queryFn: () => api.progress({ project }) })
  const { work } = session
  return (
    <header className={classes.top}>
      <Go to="/" className={classes.home} aria-label="Leave the work">
        Plumbline
      </Go>
      <Text fw={600} truncate>
        {work?.project.name}
      </Text>
      <Text size="sm" c="dimmed" className={classes.wide}>
        {work ? (work.guidelineVersion ? `guideline v${work.guidelineVersion}` : 'no guideline yet') : ''}
      </Text>
      <Text size="sm" c="dimmed" ml="auto" aria-live="polite">
        {progress.data && `${progress.data.today} today · ${duration(progress.data.activeMsToday)}`}
      </Text>
      {session.undoable && (
        <Button size="compact-sm" variant="light" onClick={session.undo}>
          Undo <kbd className={classes.key}>⌫</kbd>
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconBook2 size={16} />}
        onClick={onGuideline}
        disabled={!work}
      >
        <span className={classes.wide}>Guideline</span>
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" aria-label="More: skip or flag this task" disabled={!work}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onAsk('skip')}>Skip with a reason (s)</Menu.Item>
          <Menu.Item onClick={() => onAsk('flag')}>Flag a problem (f)</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </header>
  )
}

function Notices({ session }: { session: WorkSession }) {
  return (
    <div className={classes.notices} aria-live="polite">
      {session.unsent > 0 && (
        <Alert color="yellow" variant="light" p="xs">
          {session.unsent} {session.unsent === 1 ? 'answer waits' : 'answers wait'} to be sent. They are kept in this
          browser and sent as soon as the server answers.
        </Alert>
      )}
      {session.problem && <Problem error={session.problem} onRetry={session.retry} />}
      {session.work?.returned && (
        <Alert color="yellow" variant="light" p="xs" title="A reviewer returned this answer to you">
          {session.work.returned}
        </Alert>
      )}
    </div>
  )
}

function NothingToDo({ session }: { session: WorkSession }) {
  return (
    <main className={classes.centre}>
      <Empty title="Nothing to do at the moment" action={<Button onClick={session.retry}>Look again</Button>}>
        Every task is answered or in somebody's hands. Those that come back are handed out again.
      </Empty>
    </main>
  )
}

interface TaskProps extends Asking {
  work: Work
  session: WorkSession
  guideline: boolean
}

function Task({ work, session, guideline, onGuideline, onAsk }: TaskProps) {
  const [raw, setRaw] = useState(false)
  const [diff, setDiff] = useState(false)
  const [locked, setLocked] = useState(false)
  const bottom = useRef<HTMLElement>(null)
  const { answers, setAnswer, submit } = session
  const subject = useMemo(() => ({ prompt: 'prompt', targets: work.targets.map((_, i) => String(i)) }), [work])
  const questions = questionsOf(work.steps, subject, answers)
  const answered = questions.map(({ step, on }) => {
    const answer = answers.find((one) => one.step === step.key && (one.on ?? 0) === on)
    return answer !== undefined && kinds[step.kind]!.rules.payload(step.settings).safeParse(answer.payload).success
  })
  const open = questions.findIndex(({ step }, i) => step.required && !answered[i])
  const complete = open === -1
  const send = () => complete && submit()

  useKeys(
    [
      { key: 'Enter', label: 'Submit', run: send },
      { key: 'Backspace', label: 'Undo the last answer', run: session.undo },
      { key: 's', label: 'Skip', run: () => onAsk('skip') },
      { key: 'f', label: 'Flag', run: () => onAsk('flag') },
      { key: 'g', label: 'Guideline', run: onGuideline },
      { key: 'd', label: 'Mark where they differ', run: () => setDiff((on) => !on) },
      { key: 'r', label: 'Raw text', run: () => setRaw((on) => !on) },
      { key: 'l', label: 'Scroll together', run: () => setLocked((on) => !on) },
    ],
    'Work',
  )
  const turns = useTurns()

  return (
    <div className={classes.body} data-guideline={guideline || undefined}>
      <main className={classes.main}>
        <div className={classes.scroll} ref={turns}>
          <Conversation work={work} />
          <Responses work={work} raw={raw} diff={diff} locked={locked} />
        </div>
        <footer className={classes.bottom} ref={bottom}>
          <Group gap="md" className={classes.views}>
            <SegmentedControl
              size="xs"
              aria-label="How responses are shown"
              value={diff ? 'diff' : raw ? 'raw' : 'rendered'}
              onChange={(value) => {
                setDiff(value === 'diff')
                setRaw(value === 'raw')
              }}
              data={[
                { value: 'rendered', label: 'Rendered' },
                { value: 'raw', label: 'Raw (r)' },
                ...(work.targets.length === 2 ? [{ value: 'diff', label: 'Differences (d)' }] : []),
              ]}
            />
            <Button size="sm" ml="auto" disabled={!complete} onClick={send}>
              Submit <kbd className={classes.key}>↵</kbd>
            </Button>
          </Group>
          <Suspense fallback={<Loading lines={3} />}>
            {questions.map(({ step, on, targets }, i) => {
              const Editor = editors[step.kind]!
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
                    order={targets.length === work.targets.length ? work.order : targets.map((_, at) => at)}
                    payload={answers.find((one) => one.step === step.key && (one.on ?? 0) === on)?.payload}
                    onChange={(payload) =>
                      setAnswer(on ? { step: step.key, on, payload } : { step: step.key, payload })
                    }
                    onSubmit={send}
                    active={i === (complete ? questions.length - 1 : open)}
                  />
                </section>
              )
            })}
          </Suspense>
        </footer>
      </main>
      {guideline && <GuidelinePanel project={work.project.id} version={work.guidelineVersion} onClose={onGuideline} />}
    </div>
  )
}

/** `n` and `p` walk from turn to turn. */
function useTurns() {
  const scroll = useRef<HTMLDivElement>(null)
  const walk = (by: 1 | -1) => {
    const turns = [...(scroll.current?.querySelectorAll<HTMLElement>('[data-turn]') ?? [])]
    const at = turns.indexOf(document.activeElement as HTMLElement)
    const next = turns[Math.min(turns.length - 1, Math.max(0, at + by))]
    next?.focus()
    next?.scrollIntoView({ block: 'nearest' })
  }
  useKeys(
    [
      { key: 'n', label: 'Next turn', run: () => walk(1) },
      { key: 'p', label: 'Previous turn', run: () => walk(-1) },
    ],
    'Work',
  )
  return scroll
}

const roleName = { system: 'System', user: 'User', assistant: 'Assistant' } as const

function Conversation({ work }: { work: Work }) {
  return (
    <section aria-label="Conversation" className={classes.conversation}>
      {work.conversation.map((turn, place) => (
        <article key={`turn ${place}`} data-turn data-role={turn.role} tabIndex={-1} className={classes.turn}>
          <Text size="xs" fw={600} c="dimmed">
            {roleName[turn.role]}
          </Text>
          <Markdown text={turn.text} />
        </article>
      ))}
    </section>
  )
}

interface ResponsesProps {
  work: Work
  raw: boolean
  diff: boolean
  locked: boolean
}

/** What two responses share at their beginning stands once above them. */
function Responses({ work, raw, diff, locked }: ResponsesProps) {
  const texts = work.order.map((index) => work.targets[index]!.text)
  const [left, right] = texts
  const isPair = texts.length === 2 && left !== undefined && right !== undefined
  const shared = isPair ? commonStart(left, right, 'block') : 0
  const long = shared > 80
  const rest = texts.map((text) => (long ? text.slice(shared) : text))
  const panes = useRef<(HTMLDivElement | null)[]>([])

  useEffect(() => {
    if (!locked) return
    const all = panes.current.filter((pane) => pane !== null)
    const follow = (event: Event) => {
      const from = event.currentTarget as HTMLDivElement
      for (const pane of all) if (pane !== from && pane.scrollTop !== from.scrollTop) pane.scrollTop = from.scrollTop
    }
    for (const pane of all) pane.addEventListener('scroll', follow, { passive: true })
    return () => {
      for (const pane of all) pane.removeEventListener('scroll', follow)
    }
  }, [locked])

  return (
    <>
      {long && (
        <section aria-label="Beginning that all responses share" className={classes.shared}>
          <Text size="xs" fw={600} c="dimmed">
            Both begin with
          </Text>
          <Markdown text={left!.slice(0, shared)} raw={raw} />
        </section>
      )}
      <div className={classes.responses} style={{ '--responses': texts.length } as React.CSSProperties}>
        {rest.map((text, i) => (
          <article
            key={i}
            data-turn
            tabIndex={-1}
            className={classes.response}
            aria-label={`Response ${String.fromCharCode(65 + i)}`}
          >
            <Text size="xs" fw={600} c="dimmed" className={classes.side}>
              {String.fromCharCode(65 + i)}
            </Text>
            <div
              className={classes.pane}
              ref={(pane) => {
                panes.current[i] = pane
              }}
            >
              {text === '' ? (
                <Text c="dimmed" fs="italic">
                  {long ? 'nothing more' : 'an empty response'}
                </Text>
              ) : diff && isPair ? (
                <SideDiff text={text} against={rest[1 - i]!} />
              ) : (
                <Markdown text={text} raw={raw} />
              )}
            </div>
          </article>
        ))}
      </div>
    </>
  )
}

function Ask({ what, session, onClose }: { what: 'skip' | 'flag'; session: WorkSession; onClose(): void }) {
  const [reason, setReason] = useState(what === 'skip' ? skipReasons[0]! : '')
  const [more, setMore] = useState('')
  const [error, setError] = useState<unknown>()
  const said = [reason, more.trim()].filter(Boolean).join(': ')
  const send = async () => {
    try {
      await (what === 'skip' ? session.skip(said) : session.flag(said))
      onClose()
    } catch (fault) {
      setError(fault)
    }
  }
  return (
    <Modal opened onClose={onClose} title={what === 'skip' ? 'Skip this task' : 'Flag a problem'} centered>
      <Stack>
        {what === 'skip' ? (
          <>
            <Text size="sm">Skipping costs you nothing. The task goes to someone else.</Text>
            <Select
              data-autofocus
              label="Why"
              data={skipReasons}
              value={reason}
              onChange={(value) => value && setReason(value)}
            />
          </>
        ) : (
          <Text size="sm">The lead reads this. You keep the task and may still answer it.</Text>
        )}
        <Textarea
          label={what === 'skip' ? 'Anything to add' : 'What is wrong'}
          value={more}
          onChange={(event) => setMore(event.currentTarget.value)}
          autosize
          minRows={2}
          data-autofocus={what === 'flag' || undefined}
        />
        {error !== undefined && <Problem error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={() => void send()} disabled={!said}>
            {what === 'skip' ? 'Skip' : 'Send'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
