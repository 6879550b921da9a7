/** Gold: how often people give the expected answer where it is known; and the tasks with their keys. */
import { SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IntervalDots } from '../../web/charts/interval-dots.tsx'
import { LineWithBand } from '../../web/charts/line-with-band.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { plural } from '../../web/numbers.ts'
import { Empty, Pending } from '../../web/states.tsx'
import { GoldTable } from '../gold/gold-table.tsx'
import { quality } from './contract.ts'
import { day, isKnown, nameInChart, pointsOf, Shown } from './shown.tsx'

const api = clientOf({ quality }).quality

export function GoldTab() {
  const { can } = useProject()
  return (
    <Stack gap="xl">
      <Measured />
      {can('review') && <GoldTable />}
    </Stack>
  )
}

function Measured() {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['quality', project, 'gold'],
    queryFn: ({ signal }) => api.gold({ project }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={6} what="Reading gold answers" />
  if (!data.tasks)
    return (
      <Empty title="No gold answered yet" action={<Go to={`/projects/${project}/tasks`}>Choose a task</Go>}>
        Gold measures people against answers that are known. Make a task gold on its page, with a key and the reason for
        it; or import pairs whose better response is settled and make tasks of purpose calibration of them under
        Samples. Nobody who answers sees a key.
      </Empty>
    )
  const { tasks, all, people, every, points } = data
  return (
    <>
      <Text maw="72ch">
        Right on {plural(tasks, 'gold task')}: <Shown of={all} />. An answer is right when all that it says of what the
        key speaks of agrees; nobody is measured by a key that was taken from their own answer. Intervals of 95%
        (Wilson).
      </Text>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
        <IntervalDots
          title="Right answers to gold tasks"
          unit="right"
          as="percent"
          domain={[0, 1]}
          rows={people.flatMap(({ person, right }) =>
            isKnown(right) ? [{ label: nameInChart(person), ...right }] : [],
          )}
        />
        <LineWithBand
          title={`Right answers to gold tasks by ${every}`}
          xLabel={every}
          yLabel="right"
          domain={[0, 1]}
          sayX={(x) => day.format(x as Date)}
          series={[{ name: 'everybody', points: pointsOf(points) }]}
        />
      </SimpleGrid>
    </>
  )
}
