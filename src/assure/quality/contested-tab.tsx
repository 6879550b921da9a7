/** Tasks that people judged differently, with the likely reason; each opens beside the list. */
import { Badge, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { OneTask } from '../../collect/tasks/one-task.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { By } from '../../web/methods/method.tsx'
import { count, percent } from '../../web/numbers.ts'
import { Side } from '../../web/side.tsx'
import { Empty } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { quality } from './contract.ts'
import { type ContestedKind, type ContestedRow, contestedKinds } from './shapes.ts'
import { Rests } from './shown.tsx'

const api = clientOf({ quality }).quality

const meaning: Record<ContestedKind, { colour: string; says: string; todo: string }> = {
  error: {
    colour: 'red',
    says: 'Somebody slipped, or answers carelessly.',
    todo: 'Review these answers, or leave them to the consensus.',
  },
  ambiguity: {
    colour: 'yellow',
    says: 'Reliable people read the task in different ways.',
    todo: 'Let the guideline say which reading holds, then ask one more person.',
  },
  values: {
    colour: 'petrol',
    says: 'The same people part on such tasks again and again.',
    todo: 'Keep both answers as a soft label: a majority would hide a view.',
  },
}

const names: Record<ContestedKind, string> = { error: 'Error', ambiguity: 'Ambiguity', values: 'Values' }

const words = (label: string) => label.replaceAll('_', ' ')

const columns: Column<ContestedRow>[] = [
  { key: 'opening', header: 'Prompt', cell: ({ opening }) => opening, width: '13rem' },
  {
    key: 'kind',
    header: 'Likely reason',
    width: '7rem',
    filter: { kind: 'choice', options: contestedKinds.map((value) => ({ value, label: value })) },
    cell: ({ kind }) => <Badge color={meaning[kind].colour}>{kind}</Badge>,
  },
  {
    key: 'votes',
    header: 'Votes',
    width: '9rem',
    cell: ({ votes }) =>
      Object.entries(votes)
        .sort(([, a], [, b]) => b - a)
        .map(([label, n]) => `${words(label)} ${n}`)
        .join(', '),
  },
  {
    key: 'leading',
    header: 'Weighed by reliability',
    width: '11rem',
    cell: ({ leading, votes }) =>
      `${words(leading.label)} ${percent(leading.share)}, n = ${count(Object.values(votes).reduce((a, b) => a + b, 0))}`,
  },
  { key: 'why', header: 'Why', cell: ({ why }) => why, width: '16rem' },
]

const keyOf = ({ task, step }: ContestedRow) => `${task}.${step}`

export function ContestedTab() {
  const { id: project } = useProject()
  const [{ row }, setAddress] = useAddress()
  const { data } = useQuery({
    queryKey: ['quality', project, 'contested', 'counts'],
    queryFn: ({ signal }) => api.contested({ project, limit: 1 }, { signal }),
  })
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="lg">
        {contestedKinds.map((kind) => (
          <div key={kind}>
            <Text fw={600}>
              {names[kind]}: {count(data?.counts[kind])}
            </Text>
            <Text size="sm">{meaning[kind].says}</Text>
            <Text size="sm" c="dimmed">
              {meaning[kind].todo}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      <Text size="sm" c="dimmed" maw="72ch">
        Votes are weighed by <By page="truth-ibcc" name="IBCC" />; two sides count as values where each agrees with
        itself surely more often than with the other on the other contested tasks. A likely reason is a place to begin
        reading, no verdict.
      </Text>
      {data && <Rests on={data.basis} />}
      <Table<ContestedRow>
        name="contested"
        label="Contested tasks"
        queryKey={['quality', project, 'contested']}
        load={({ filters: { kind }, cursor, limit, signal }) =>
          api.contested({ project, after: cursor, limit, kind }, { signal })
        }
        columns={columns}
        rowKey={keyOf}
        empty={
          <Empty title="Nothing is contested">
            Where two people answer the same task and differ, it appears here with the likely reason.
          </Empty>
        }
      />
      <Side title="Contested task" opened={row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {row && <OneTask task={row.split('.')[0]!} />}
      </Side>
    </Stack>
  )
}
