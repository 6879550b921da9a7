/** Every annotation of a task, in force or not, as its kind shows it. */
import { Badge, Group, Stack, Switch, Text, Title } from '@mantine/core'
import { Suspense } from 'react'
import { useAddress } from '../../web/address.ts'
import { duration } from '../../web/numbers.ts'
import { Ago } from '../../web/time.tsx'
import { Reading } from '../kinds/reading.tsx'
import { ordinal, Person, type ShownTask } from './one-task.tsx'
import classes from './said-of-task.module.css'
import { useTaskSlots } from './slots.tsx'

type Annotation = ShownTask['annotations'][number]

export function SaidOfTask({ task }: { task: ShownTask }) {
  const [{ every }, setAddress] = useAddress()
  const inForce = task.annotations.filter((one) => one.inForce)
  const shown = every ? task.annotations : inForce
  return (
    <section aria-labelledby="said">
      <Group justify="space-between" mb="xs">
        <Title order={3} id="said">
          What was said
        </Title>
        {task.annotations.length > inForce.length && (
          <Switch
            label="Also what was corrected or withdrawn"
            checked={every !== undefined}
            onChange={(event) => setAddress({ every: event.currentTarget.checked ? '1' : undefined })}
          />
        )}
      </Group>
      {shown.length === 0 && <Text c="dimmed">Nothing yet.</Text>}
      <Stack gap={0}>
        {shown.map((annotation) => (
          <Said key={annotation.id} annotation={annotation} task={task} />
        ))}
      </Stack>
    </section>
  )
}

/** What is said above of the texts that a judgement is about: its own order may be another than that of the task. */
function namesIn({ targets }: ShownTask, judged: readonly string[]): string[] | undefined {
  const places = judged.map((target) => targets.findIndex(({ id }) => id === target))
  const names = places.flatMap((place) => ordinal[place]?.toLowerCase() ?? [])
  return names.length === judged.length ? names : undefined
}

function Said({ annotation, task }: { annotation: Annotation; task: ShownTask }) {
  const { person, source, step, kind, payload, inForce, withdrawn, supersedes, guidelineVersion } = annotation
  const { OfAnnotation } = useTaskSlots()
  const settings = task.steps.find(({ key }) => key === step)?.settings
  return (
    <article className={classes.said} data-gone={!inForce || undefined}>
      <Group gap="sm" mb={4}>
        <Text fw={600} component="div">
          {person ? <Person {...person} /> : 'Came with the file'}
        </Text>
        {source === 'import' && <Badge color="gray">imported</Badge>}
        {withdrawn && <Badge color="gray">withdrawn</Badge>}
        {!inForce && !withdrawn && <Badge color="gray">corrected</Badge>}
        {supersedes && <Badge>correction</Badge>}
        <Text size="sm" c="dimmed">
          <Ago at={annotation.at} />
          {annotation.activeMs !== null && `, ${duration(annotation.activeMs)} of work`}
          {guidelineVersion !== null && `, guideline ${guidelineVersion}`}
          {task.steps.length > 1 && `, step ${step}`}
        </Text>
        {OfAnnotation && (
          <Suspense fallback={null}>
            <OfAnnotation task={task} annotation={annotation} />
          </Suspense>
        )}
      </Group>
      <Reading kind={kind} payload={payload} settings={settings} names={namesIn(task, annotation.targets)} />
    </article>
  )
}
