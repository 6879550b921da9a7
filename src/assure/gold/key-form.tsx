/** Where a key comes from, what of it counts, why it is right, and how many people are to answer. */
import { Button, Checkbox, Group, Radio, Stack, Text, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { ShownTask } from '../../collect/tasks/one-task.tsx'
import { type Answer, judge } from '../../collect/templates/rules.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { KeyHint, useKeys } from '../../web/keys.tsx'
import { notify } from '../../web/notices.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { Problem } from '../../web/states.tsx'
import { Correction } from '../review/correction.tsx'
import { type Expected, gold, type KeySource } from './contract.ts'
import { expectedOf } from './rules.ts'
import { sayExpected } from './shown.tsx'
import { useGoldChanged } from './use-gold-changed.ts'

const api = clientOf({ gold }).gold

type GoldOfTask = Awaited<ReturnType<typeof api.show>>

const attributeOf = ({ step, attribute }: Expected) => `${step} ${attribute}`

/** What answers by hand say so far; nothing where a step is missing or not valid yet. */
function saysByHand(task: ShownTask, answers: Answer[]): Expected[] {
  try {
    const subject = { prompt: '', targets: task.targets.map(({ id }) => id) }
    return expectedOf(
      judge(task.steps, subject, answers).map((one) => ({ ...one, step: one.step.key, kind: one.step.kind })),
    )
  } catch {
    return []
  }
}

interface Source {
  value: string
  label: string
  from: KeySource
  says: Expected[]
}

function sourcesOf(task: ShownTask, { consensus, submissions }: GoldOfTask, answers: Answer[]): Source[] {
  return [
    ...(consensus.length
      ? [{ value: 'consensus', label: 'What most say', from: { kind: 'consensus' as const }, says: consensus }]
      : []),
    ...submissions.map(({ submission, person, isCorrection, expected }) => ({
      value: submission,
      label: isCorrection ? `The correction by ${person.name}` : `The answer of ${person.name}`,
      from: { kind: 'submission' as const, submission },
      says: expected,
    })),
    { value: 'hand', label: 'By hand', from: { kind: 'answers' as const, answers }, says: saysByHand(task, answers) },
  ]
}

export function KeyForm({ task, of, onDone }: { task: ShownTask; of: GoldOfTask; onDone: () => void }) {
  const { id: project } = useProject()
  const [answers, setAnswers] = useState<Answer[]>([])
  const sources = sourcesOf(task, of, answers)
  const [chosen, setChosen] = useState(sources[0]!.value)
  const { from, says } = sources.find(({ value }) => value === chosen)!
  const [left, setLeft] = useState<string[]>([])
  const [explanation, setExplanation] = useState(of.key?.explanation ?? '')
  const [overlap, setOverlap] = useState(task.overlap)
  const counts = says.filter((one) => !left.includes(attributeOf(one)))
  const changed = useGoldChanged()
  const save = useMutation({
    mutationFn: () =>
      api.set({
        project,
        task: task.id,
        from,
        only: counts.map(({ step, attribute }) => ({ step, attribute })),
        explanation,
        overlap,
      }),
    onSuccess: async () => {
      await changed()
      notify({ text: 'The key is kept: answers are held against it.' })
      onDone()
    },
  })
  const send = () => counts.length > 0 && !save.isPending && save.mutate()
  useKeys([{ key: 'mod+Enter', label: 'Keep the key', run: send, inInputs: true }], 'Gold')
  const attributes = new Map(says.map((one) => [attributeOf(one), one]))
  return (
    <Stack gap="md" component="section" aria-label="The key">
      <Radio.Group label="Take the key from" value={chosen} onChange={setChosen}>
        <Stack gap="xs" mt={4}>
          {sources.map(({ value, label }) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </Stack>
      </Radio.Group>
      {chosen === 'hand' && (
        <div>
          <Text size="sm" c="dimmed" mb={4}>
            A is the first response, B the second.
          </Text>
          <Correction
            work={{ steps: task.steps, targets: task.targets.map(({ text }) => ({ text: text ?? '' })) }}
            answers={answers}
            onChange={setAnswers}
          />
        </div>
      )}
      {says.length > 0 && (
        <Checkbox.Group
          label="What is expected"
          description="An answer is held against what is ticked. How strongly one prefers is never held against anybody."
          value={[...attributes.keys()].filter((one) => !left.includes(one))}
          onChange={(ticked) => setLeft([...attributes.keys()].filter((one) => !ticked.includes(one)))}
        >
          <Stack gap="xs" mt="xs">
            {[...attributes].map(([key, one]) => (
              <Checkbox key={key} value={key} label={sayExpected(one, task.steps.length)} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      <Textarea
        label="Why"
        description="Whoever answered reads this afterwards, where the settings say so."
        autosize
        minRows={2}
        maxRows={10}
        maxLength={5000}
        value={explanation}
        onChange={(event) => setExplanation(event.currentTarget.value)}
      />
      <NumberField
        label="People who answer it"
        description="Those who have not had it get it next. Nobody is measured by a key from their own answer."
        w="100%"
        maw="24rem"
        min={task.overlap}
        max={1000}
        allowDecimal={false}
        value={overlap}
        onChange={setOverlap}
      />
      {save.error && <Problem error={save.error} />}
      <Group gap="sm">
        <Button
          disabled={!counts.length}
          loading={save.isPending}
          onClick={send}
          rightSection={<KeyHint k="mod+Enter" />}
        >
          Keep the key
        </Button>
        <Button variant="default" onClick={onDone}>
          Back
        </Button>
      </Group>
    </Stack>
  )
}
