/** Findings: people whose work looks careless or biased, each with the statistic behind it. */
import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { By } from '../../web/methods/method.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { quality } from './contract.ts'
import { Rests, Suspicions } from './shown.tsx'

const api = clientOf({ quality }).quality

export function FindingsTab() {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['quality', project, 'suspects'],
    queryFn: ({ signal }) => api.suspects({ project }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={8} what="Looking at everybody’s answers" />
  if (!data.people)
    return (
      <Empty title="Nobody has answered yet" action={<Go to={`/projects/${project}/tasks`}>See the tasks</Go>}>
        Once people answer, whoever’s work looks careless or biased appears here with the numbers behind it.
      </Empty>
    )
  return (
    <Stack gap="lg">
      <Suspicions of={data.rows} people={data.people} />
      <Text size="sm" c="dimmed" maw="72ch">
        Everybody is held against what the <By page="truth-competence" name="others point to" />, the{' '}
        <By page="bias-sides" name="sides of the screen" />, the{' '}
        <By page="bias-leaning" name="length of the responses" />,{' '}
        <By page="truth-straight-lining" name="long streaks" /> and the <By page="truth-speed" name="pace of reading" />
        , corrected for the number of people; a small effect names nobody. It is a place to begin a conversation, no
        verdict.
      </Text>
      <Rests on={data.basis} />
    </Stack>
  )
}
