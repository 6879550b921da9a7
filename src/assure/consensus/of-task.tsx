/** Consensus on the page of a task: each attribute with its label, how probable that is, and the votes behind it. */
import { Badge, Group, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ordinal, type ShownTask } from '../../collect/tasks/one-task.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { By } from '../../web/methods/method.tsx'
import { count, decimal, percent } from '../../web/numbers.ts'
import { Pending } from '../../web/states.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { words } from '../gold/shown.tsx'
import { type ConsensusRow, consensus } from './contract.ts'

const api = clientOf({ consensus }).consensus

export function OfTask({ task }: { task: ShownTask }) {
  const { can } = useProject()
  // A review judges an answer, and is no vote itself.
  if (!can('annotation.read') || task.purpose === 'review') return null
  return <Section task={task} />
}

function Section({ task }: { task: ShownTask }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['tasks', project, 'consensus', task.id],
    queryFn: ({ signal }) => api.ofTask({ project, task: task.id }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={2} />
  return (
    <section aria-labelledby="consensus">
      <Title order={3} id="consensus" mb="xs">
        Consensus
      </Title>
      {data.rows.length === 0 ? (
        <Text c="dimmed">Nobody has judged it yet. An answer counts within a second.</Text>
      ) : (
        <>
          <Rows rows={data.rows} task={task} />
          <Text size="sm" c="dimmed" maw="72ch">
            How probable a label is follows from the votes, each weighed by its author’s record in the project (
            <By page="truth-ibcc" name="IBCC" />
            ).
          </Text>
        </>
      )}
    </section>
  )
}

/** What it is about, where that is not the whole task. */
function about({ targets, step, attribute }: ConsensusRow, task: ShownTask): string {
  const place = task.targets.findIndex(({ id }) => id === targets[0])
  const one = targets.length < task.targets.length && ordinal[place]
  return [task.steps.length > 1 && step, attribute, one && `${one.toLowerCase()} response`].filter(Boolean).join(', ')
}

const Rows = ({ rows, task }: { rows: ConsensusRow[]; task: ShownTask }) => (
  <WideTable minWidth={440} verticalSpacing={4}>
    <Table.Thead>
      <Table.Tr>
        <Table.Th scope="col">Of</Table.Th>
        <Table.Th scope="col">Consensus</Table.Th>
        <Table.Th scope="col" ta="right">
          Probability
        </Table.Th>
        <Table.Th scope="col" pl="xl">
          Votes
        </Table.Th>
        <Table.Th scope="col" ta="right">
          Mean
        </Table.Th>
      </Table.Tr>
    </Table.Thead>
    <Table.Tbody>
      {rows.map((row) => (
        <Table.Tr key={JSON.stringify([row.targets, row.step, row.attribute])}>
          <Table.Td>{about(row, task)}</Table.Td>
          <Table.Td>
            <Group gap={6} wrap="nowrap">
              {row.label === null ? 'none leads' : words(row.label)}
              {row.tied && <Badge color="yellow">votes tied</Badge>}
            </Group>
          </Table.Td>
          <Table.Td ta="right">{row.label === null ? '–' : percent(row.soft[row.label], 1)}</Table.Td>
          <Table.Td pl="xl">
            {Object.entries(row.counts)
              .sort(([, a], [, b]) => b - a)
              .map(([label, votes]) => `${words(label)} ${count(votes)} (${percent(votes / row.total)})`)
              .join(', ')}
          </Table.Td>
          <Table.Td ta="right">{decimal(row.mean)}</Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  </WideTable>
)
