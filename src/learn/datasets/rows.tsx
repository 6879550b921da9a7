/** Rows of a dataset as a trainer reads them; one of them whole, beside the list. */
import { Badge, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Conversation, Responses } from '../../collect/prompts/conversation.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { decimal, percent, plural } from '../../web/numbers.ts'
import { Side } from '../../web/side.tsx'
import { Pending } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { type DatasetRowShown, datasets, type ShownDataset } from './contract.ts'

const api = clientOf({ datasets }).datasets

const beginning = (text: string) => (text.length > 140 ? `${text.slice(0, 140)}…` : text)

const prompt: Column<DatasetRowShown> = {
  key: 'prompt',
  header: 'Prompt',
  width: '14rem',
  cell: ({ prompt }) => beginning(prompt.at(-1)?.text ?? ''),
}
const split: Column<DatasetRowShown> = {
  key: 'side',
  header: 'Split',
  width: '5rem',
  cell: ({ split }) => <Badge color={split === 'test' ? 'petrol' : 'gray'}>{split}</Badge>,
}
const columns: Record<ShownDataset['kind'], Column<DatasetRowShown>[]> = {
  preference: [
    prompt,
    { key: 'chosen', header: 'Chosen', width: '14rem', cell: ({ chosen }) => beginning(chosen) },
    { key: 'rejected', header: 'Rejected', width: '14rem', cell: ({ rejected }) => beginning(rejected ?? '') },
    { key: 'margin', header: 'Strength', numeric: true, cell: ({ margin }) => decimal(margin) },
    { key: 'soft', header: 'Share', numeric: true, cell: ({ soft }) => percent(soft) },
    split,
  ],
  demonstration: [
    prompt,
    { key: 'chosen', header: 'Response', width: '22rem', cell: ({ chosen }) => beginning(chosen) },
    split,
  ],
}

export function Rows({ data }: { data: ShownDataset }) {
  const { id: project } = useProject()
  const [{ split: wanted, row }, setAddress] = useAddress()
  const split = wanted === 'train' || wanted === 'test' ? wanted : undefined
  return (
    <Stack gap="sm">
      <Group>
        <SegmentedControl
          aria-label="Split"
          value={split ?? ''}
          onChange={(value) => setAddress({ split: value || undefined, row: undefined, after: undefined })}
          data={[
            { value: '', label: 'Both' },
            { value: 'train', label: 'Train' },
            { value: 'test', label: 'Test' },
          ]}
        />
      </Group>
      <Table<DatasetRowShown>
        name={`dataset-rows-${data.kind}`}
        label="Rows"
        queryKey={['datasets', project, 'rows', data.id, split]}
        load={async ({ cursor, limit, signal }) => {
          const after = cursor === undefined ? undefined : Number(cursor)
          const page = await api.rows({ project, dataset: data.id, split, after, limit }, { signal })
          return { rows: page.rows, next: page.next === null ? null : String(page.next) }
        }}
        columns={columns[data.kind]}
        rowKey={({ row }) => String(row)}
        limit={20}
      />
      <Side title="Row" opened={row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {row && <OneRow data={data} at={Number(row)} />}
      </Side>
    </Stack>
  )
}

function OneRow({ data, at }: { data: ShownDataset; at: number }) {
  const { id: project } = useProject()
  const {
    data: page,
    error,
    refetch,
  } = useQuery({
    queryKey: ['datasets', project, 'row', data.id, at],
    queryFn: ({ signal }) => api.rows({ project, dataset: data.id, after: at - 1, limit: 1 }, { signal }),
  })
  if (!page) return <Pending error={error} onRetry={refetch} lines={8} />
  const row = page.rows[0]
  if (row?.row !== at) return <Text>A text of this row was erased since.</Text>
  const isPair = row.rejected !== null
  return (
    <Stack gap="lg">
      <Conversation turns={row.prompt} />
      <Responses
        responses={[
          { key: 'chosen', title: isPair ? 'Chosen' : 'Response to learn', text: row.chosen },
          ...(isPair ? [{ key: 'rejected', title: 'Rejected', text: row.rejected }] : []),
        ]}
      />
      <Text size="sm" c="dimmed">
        {isPair &&
          `Strength ${decimal(row.margin)}, preferred by ${percent(row.soft)}; rests on ${plural(row.annotations.length, 'judgement')}. `}
        In {row.split}. <Go to={`/projects/${project}/prompts?row=${row.promptId}`}>The prompt</Go>
      </Text>
    </Stack>
  )
}
