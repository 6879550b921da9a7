/** My work: one's own answers, what reviewers said of them, agreement and pace; nobody else's numbers. */
import { Badge, Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useKeys } from '../../web/keys.tsx'
import { Go, useGo } from '../../web/link.tsx'
import { Mark } from '../../web/mark.tsx'
import { count, duration, plural } from '../../web/numbers.ts'
import { NotRenewed } from '../../web/renewal.tsx'
import { FullWindow } from '../../web/shell.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import type { ShownJudgement } from '../others/contract.ts'
import { Judgements } from '../others/judgements.tsx'
import { MyAnswers } from '../others/my-answers.tsx'
import { quality } from './contract.ts'
import { Shown, Simulated } from './shown.tsx'

const api = clientOf({ quality }).quality
type Mine = Awaited<ReturnType<typeof api.mine>>

export function Screen() {
  const { id: project, name } = useProject()
  const go = useGo()
  const { data, error, refetch } = useQuery({
    queryKey: ['quality', project, 'mine'],
    queryFn: ({ signal }) => api.mine({ project }, { signal }),
  })
  const work = `/projects/${project}/work`
  useKeys([{ key: 'w', label: 'Go on working', run: () => go(work) }], 'My work')
  return (
    <FullWindow
      title="My work"
      top={
        <Group gap="md" wrap="nowrap" style={{ flex: 1, minWidth: 0 }}>
          <Go to="/" aria-label="Plumbline: all projects">
            <Mark />
          </Go>
          <Text fw={600} size="sm" truncate style={{ flex: 1 }}>
            {name}
          </Text>
          <Button size="compact-sm" component={Go} to={work}>
            Work
          </Button>
        </Group>
      }
    >
      <Stack gap="xl" maw="60rem" mx="auto" py="md">
        <Group gap="sm">
          <Title order={2}>My work</Title>
          {data?.person.simulatedAs != null && <Simulated />}
        </Group>
        <NotRenewed />
        {!data && <Pending error={error} onRetry={refetch} lines={8} />}
        {data && (data.answered || data.waiting ? <Own of={data} work={work} /> : <Nothing work={work} />)}
      </Stack>
    </FullWindow>
  )
}

const Nothing = ({ work }: { work: string }) => (
  <Empty title="No answer yet" action={<Go to={work}>Take the first task</Go>}>
    With your first answers this place shows your pace, how often others chose the same, and what reviewers said.
  </Empty>
)

const Figure = ({ name, value, children }: { name: string; value: ReactNode; children?: ReactNode }) => (
  <div>
    <Text size="sm" c="dimmed">
      {name}
    </Text>
    <Text fw={600} size="xl" component="div">
      {value}
    </Text>
    {children && (
      <Text size="sm" component="div">
        {children}
      </Text>
    )}
  </div>
)

/** Faster is not better: the pace is held against one's own median alone. */
function pace({ medianMs, recentMedianMs, answered }: Mine): string {
  if (medianMs === null || recentMedianMs === null || answered < 40) return 'Your usual pace shows after 40 answers.'
  const ratio = recentMedianMs / medianMs
  if (ratio > 0.8 && ratio < 1.25) return `The last 20 took ${duration(recentMedianMs)}: as usual.`
  return `The last 20 took ${duration(recentMedianMs)}: ${ratio < 1 ? 'quicker' : 'slower'} than your usual.`
}

function Own({ of, work }: { of: Mine; work: string }) {
  const { accepted, corrected, returned } = of.reviews
  const checked = accepted + corrected + returned
  return (
    <>
      {of.waiting > 0 && (
        <Group gap="md">
          <Text fw={600}>{plural(of.waiting, 'answer')} came back to you, with a reason.</Text>
          <Button size="xs" component={Go} to={work}>
            Answer again
          </Button>
        </Group>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="lg">
        <Figure name="Answers" value={count(of.answered)}>
          {count(of.skipped)} skipped; skipping costs nothing
        </Figure>
        <Figure name="Time at work" value={duration(of.activeMs)} />
        <Figure name="Median an answer" value={duration(of.medianMs)}>
          {pace(of)}
        </Figure>
        <Figure name="Reviewed" value={count(checked)}>
          {count(accepted)} accepted, {count(corrected)} corrected, {count(returned)} returned
        </Figure>
      </SimpleGrid>
      <div>
        <Title order={3} mb={4}>
          Agreement with others
        </Title>
        <Text maw="72ch">
          Others chose the same as you: <Shown of={of.agreement} />. That is no mark: good people differ, and where they
          do, it is often the task that can be read in two ways.
        </Text>
      </div>
      <section aria-labelledby="notes">
        <Title order={3} id="notes" mb="xs">
          What reviewers said
        </Title>
        {of.notes.length === 0 && <Text c="dimmed">Nothing yet.</Text>}
        <Stack gap="md">
          {of.notes.map((note) => (
            <Note key={`${note.at} ${note.opening}`} note={note} />
          ))}
        </Stack>
      </section>
      <MyAnswers />
    </>
  )
}

const verdicts = {
  accept: { says: 'accepted', colour: 'green' },
  correct: { says: 'corrected', colour: 'yellow' },
  return: { says: 'returned', colour: 'red' },
} as const

const Judged = ({ by, of }: { by: string; of: readonly ShownJudgement[] }) => (
  <div>
    <Text size="sm" fw={600}>
      {by}
    </Text>
    <Judgements of={of} />
  </div>
)

const Note = ({ note: { verdict, reason, opening, at, corrected } }: { note: Mine['notes'][number] }) => (
  <article>
    <Group gap="sm" mb={2}>
      <Badge color={verdicts[verdict].colour}>{verdicts[verdict].says}</Badge>
      <Text size="sm" c="dimmed">
        <Ago at={at} />
      </Text>
    </Group>
    <Text size="sm" c="dimmed" lineClamp={1}>
      {opening}
    </Text>
    {corrected && (
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" my={4}>
        <Judged by="You said" of={corrected.yours} />
        <Judged by="The reviewer says" of={corrected.theirs} />
      </SimpleGrid>
    )}
    {reason && <Text maw="72ch">{reason}</Text>}
  </article>
)
