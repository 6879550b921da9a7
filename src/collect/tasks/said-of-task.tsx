/** Every annotation of a task, in force or not, as its kind shows it. */
import { Badge, Button, Group, Stack, Switch, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useAddress } from '../../web/address.ts'
import { useProject } from '../../web/current.tsx'
import { notify, notifyProblem } from '../../web/notices.tsx'
import { duration } from '../../web/numbers.ts'
import { Ago } from '../../web/time.tsx'
import { Reading } from '../kinds/reading.tsx'
import { Person, type ShownTask } from './one-task.tsx'
import classes from './said-of-task.module.css'

type Annotation = ShownTask['annotations'][number]

/** Asks for a review by plain address: review is a later station, whose contract this one must not know. */
async function requestReview(project: string, submission: string): Promise<void> {
  const response = await fetch(`/api/projects/${project}/submissions/${submission}/review`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  if (!response.ok) throw await response.json()
}

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

function Said({ annotation, task }: { annotation: Annotation; task: ShownTask }) {
  const { id: project, can } = useProject()
  const { person, source, step, kind, payload, submission, inForce, withdrawn, supersedes, guidelineVersion } =
    annotation
  const review = useMutation({
    mutationFn: () => requestReview(project, submission!),
    onSuccess: () => notify({ text: 'It is in the review queue, ahead of others.' }),
    onError: notifyProblem,
  })
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
        {submission && inForce && can('review') && task.purpose !== 'review' && (
          <Button size="compact-xs" variant="default" loading={review.isPending} onClick={() => review.mutate()}>
            Ask for a review
          </Button>
        )}
      </Group>
      <Reading kind={kind} payload={payload} settings={settings} />
    </article>
  )
}
