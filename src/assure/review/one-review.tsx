/** One answer beside its evidence, and the three things that can be done with it. */
import { Badge, Button, Group, Stack, Text, Textarea, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Reading } from '../../collect/kinds/reading.tsx'
import { Conversation, Responses } from '../../collect/prompts/conversation.tsx'
import { ordinal } from '../../collect/tasks/one-task.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { KeyHint, useKeys } from '../../web/keys.tsx'
import { RawSwitch } from '../../web/markdown.tsx'
import { notify } from '../../web/notices.tsx'
import { problemOf } from '../../web/problem.ts'
import { Problem } from '../../web/states.tsx'
import { type ReviewWork, reviews } from './contract.ts'
import { Correction } from './correction.tsx'
import classes from './review.module.css'

const api = clientOf({ reviews }).reviews

export type Answers = ReviewWork['answers']
type Verdict = 'accept' | 'correct' | 'return'

const done = { accept: 'Accepted.', correct: 'Corrected.', return: 'Returned to its author.' } as const

/** The answer was undone, or is somebody else's by now: no verdict on it can be sent any more. */
const isOver = (error: unknown) => ['gone', 'lease_lost'].includes(problemOf(error).code)

export function OneReview({ work, onDone }: { work: ReviewWork; onDone: () => void }) {
  const { id: project } = useProject()
  const [raw, setRaw] = useState(false)
  const [doing, setDoing] = useState<'correct' | 'return'>()
  const [reason, setReason] = useState('')
  const [answers, setAnswers] = useState<Answers>(work.answers)
  const begun = useRef(0)
  useEffect(() => {
    begun.current = performance.now()
  }, [])
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // What had the focus is gone. The field of a return takes it itself.
    if (doing !== 'return') heading.current?.focus({ preventScroll: true })
  }, [doing])
  const decide = useMutation({
    mutationFn: (verdict: Verdict) =>
      api.decide({
        project,
        assignment: work.assignment.id,
        verdict,
        // Words of a return that was thought better of are not the reason of what is accepted.
        reason: verdict === 'accept' ? undefined : reason,
        answers: verdict === 'correct' ? answers : undefined,
        activeMs: Math.min(86_400_000, Math.round(performance.now() - begun.current)),
        openedAt: new Date(performance.timeOrigin + begun.current).toISOString(),
      }),
    onSuccess: (_, verdict) => {
      notify({ text: done[verdict], ms: 2500 })
      onDone()
    },
  })
  // What is decided stays on the screen until the next has come, but is not decided again.
  const busy = decide.isPending || decide.isSuccess
  useKeys(
    busy
      ? []
      : doing
        ? [{ key: 'Escape', label: 'Back', run: () => setDoing(undefined), inInputs: true }]
        : [
            { key: 'a', label: 'Accept', run: () => decide.mutate('accept') },
            { key: 'c', label: 'Correct', run: () => setDoing('correct') },
            { key: 'r', label: 'Return with a reason', run: () => setDoing('return') },
          ],
    'Review',
  )
  const turned = work.order.length === 2 && work.order[0] === 1
  return (
    <div className={classes.review}>
      <section aria-label="Evidence" className={classes.evidence}>
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {work.guidelineVersion
              ? `answered under guideline ${work.guidelineVersion}`
              : 'answered without a guideline'}
            {turned && '; its author saw the second response on the left'}
          </Text>
          <RawSwitch raw={raw} onChange={setRaw} label="Texts" />
        </Group>
        <Conversation turns={work.conversation} raw={raw} />
        <Responses
          raw={raw}
          responses={work.targets.map(({ text }, place) => ({
            key: String(place),
            title: `${ordinal[place] ?? place + 1}${work.targets.length === 2 ? ` (${'AB'[place]})` : ''}`,
            text,
          }))}
        />
      </section>
      <section aria-label="Answer" className={classes.answer}>
        <Title order={2} mb="sm" ref={heading} tabIndex={-1}>
          The answer
        </Title>
        <Given work={work} />
        {decide.error && (
          <Stack gap="sm" align="flex-start" mt="sm">
            <Problem error={decide.error} />
            {isOver(decide.error) && <Button onClick={onDone}>Go on to the next</Button>}
          </Stack>
        )}
        {doing === 'correct' ? (
          <Act
            title="Corrected answer"
            word="Save the correction"
            busy={busy}
            onDo={() => decide.mutate('correct')}
            onBack={() => setDoing(undefined)}
          >
            <Correction work={work} answers={answers} onChange={setAnswers} />
            <Reason value={reason} onChange={setReason} label="Why (optional)" />
          </Act>
        ) : doing === 'return' ? (
          <Act
            title="Return it"
            word="Return it"
            busy={busy}
            disabled={!reason.trim()}
            onDo={() => decide.mutate('return')}
            onBack={() => setDoing(undefined)}
          >
            <Reason value={reason} onChange={setReason} label="Why: its author reads this" focus />
          </Act>
        ) : (
          <Group gap="sm" mt="md">
            <Button loading={busy} onClick={() => decide.mutate('accept')} rightSection={<KeyHint k="a" />}>
              Accept
            </Button>
            <Button
              variant="default"
              disabled={busy}
              onClick={() => setDoing('correct')}
              rightSection={<KeyHint k="c" />}
            >
              Correct
            </Button>
            <Button
              variant="default"
              disabled={busy}
              onClick={() => setDoing('return')}
              rightSection={<KeyHint k="r" />}
            >
              Return
            </Button>
          </Group>
        )}
      </section>
    </div>
  )
}

function Given({ work }: { work: ReviewWork }) {
  return (
    <Stack gap="sm">
      {work.answers.map(({ step: key, on, payload }) => {
        const step = work.steps.find((one) => one.key === key)
        return (
          <div key={`${key} ${on}`}>
            {work.answers.length > 1 && (
              <Group gap="xs">
                <Text size="sm" fw={600}>
                  {step?.title ?? key}
                </Text>
                {on !== undefined && <Badge color="gray">of the {ordinal[on]?.toLowerCase() ?? on + 1}</Badge>}
              </Group>
            )}
            <Reading kind={step?.kind ?? key} payload={payload} settings={step?.settings} />
          </div>
        )
      })}
    </Stack>
  )
}

interface ActProps {
  title: string
  word: string
  busy: boolean
  disabled?: boolean
  onDo: () => void
  onBack: () => void
  children: ReactNode
}

function Act({ title, word, busy, disabled, onDo, onBack, children }: ActProps) {
  useKeys([{ key: 'mod+Enter', label: word, run: () => !disabled && !busy && onDo(), inInputs: true }], 'Review')
  return (
    <Stack gap="sm" mt="md" component="section" aria-label={title}>
      {children}
      <Group gap="sm">
        <Button loading={busy} disabled={disabled} onClick={onDo}>
          {word}
        </Button>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      </Group>
    </Stack>
  )
}

interface ReasonProps {
  value: string
  onChange: (value: string) => void
  label: string
  focus?: boolean
}

function Reason({ value, onChange, label, focus }: ReasonProps) {
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    if (focus) field.current?.focus()
  }, [focus])
  return (
    <Textarea
      ref={field}
      label={label}
      autosize
      minRows={2}
      maxRows={8}
      maxLength={5000}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
