/** Datasets: what people said, frozen, in the form that trainers read. The list, the way to take one, and one of them. */
import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Simulated } from '../../assure/quality/shown.tsx'
import { JobCard } from '../../projects/jobs/job-card.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useKeys } from '../../web/keys.tsx'
import { count, plural } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Side } from '../../web/side.tsx'
import { Empty } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { datasets, type ListedDataset } from './contract.ts'
import { OneDataset } from './one-dataset.tsx'
import { TakeForm } from './take-form.tsx'

const api = clientOf({ datasets }).datasets

const columns: Column<ListedDataset>[] = [
  {
    key: 'name',
    header: 'Dataset',
    width: '12rem',
    cell: ({ name, simulated }) => (
      <Group gap={6} wrap="nowrap">
        <Text fw={600} span>
          {name}
        </Text>
        {simulated && <Simulated />}
      </Group>
    ),
  },
  { key: 'kind', header: 'Kind', width: '8rem', cell: ({ kind }) => <Badge color="gray">{kind}</Badge> },
  { key: 'rows', header: 'Rows', numeric: true, cell: ({ rows }) => count(rows) },
  { key: 'train', header: 'Train', numeric: true, cell: ({ train }) => count(train) },
  { key: 'test', header: 'Test', numeric: true, cell: ({ test }) => count(test) },
  { key: 'brief', header: 'Filters', width: '18rem', cell: ({ brief }) => <Text size="sm">{brief.join('; ')}</Text> },
  { key: 'hash', header: 'Hash', width: '7rem', cell: ({ hash }) => <span className="mono">{hash.slice(0, 10)}</span> },
  { key: 'at', header: 'Taken', width: '7rem', cell: ({ createdAt }) => <Ago at={createdAt} /> },
]

export function Screen() {
  const [{ dataset }] = useAddress()
  return dataset ? <OneDataset dataset={dataset} /> : <List />
}

function List() {
  const { id: project, can } = useProject()
  const [{ job, take }, setAddress] = useAddress()
  const writes = can('model.write')
  const begin = () => setAddress({ take: '1', row: undefined })
  useKeys(writes ? [{ key: 't', label: 'Take a dataset', run: begin }] : [], 'Datasets')
  return (
    <Page title="Datasets" actions={writes && <Button onClick={begin}>Take a dataset</Button>}>
      <Stack gap="lg">
        {job && (
          <section aria-label="The dataset under way" style={{ maxWidth: '44rem' }}>
            <JobCard job={job}>{(result) => <Taken result={result} />}</JobCard>
          </section>
        )}
        <Table<ListedDataset>
          name="datasets"
          label="Datasets"
          queryKey={['datasets', project]}
          load={({ cursor, limit, signal }) => api.list({ project, after: cursor, limit }, { signal })}
          columns={columns}
          rowKey={({ id }) => id}
          onOpen={({ id }) => setAddress({ dataset: id, row: undefined, job: undefined })}
          empty={
            <Empty title="No dataset yet" action={writes && <Button onClick={begin}>Take a dataset</Button>}>
              A dataset is what people said up to a moment, as rows that a trainer reads: which judgements, by which
              rule, split into training and test by prompt. It never changes; what is said later goes into the next one.
            </Empty>
          }
        />
      </Stack>
      <Side title="Take a dataset" opened={take !== undefined} onClose={() => setAddress({ take: undefined })}>
        <TakeForm onStarted={(started) => setAddress({ job: started, take: undefined })} />
      </Side>
    </Page>
  )
}

function Taken({ result }: { result: unknown }) {
  const { id: project } = useProject()
  const [, setAddress] = useAddress()
  const queries = useQueryClient()
  useEffect(() => void queries.invalidateQueries({ queryKey: ['datasets', project] }), [queries, project])
  const { dataset, name = '', rows = 0 } = (result ?? {}) as { dataset?: string; name?: string; rows?: number }
  return (
    <Group>
      <Text>
        {name}: {plural(rows, 'row')}.
      </Text>
      {dataset && (
        <Button size="compact-sm" variant="default" onClick={() => setAddress({ dataset, job: undefined })}>
          Open it
        </Button>
      )}
    </Group>
  )
}
