/** Lineage: where a model comes from, as a picture, down to single answers of people. */
import { Group, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Simulated } from '../../assure/quality/shown.tsx'
import { useAddress } from '../../web/address.ts'
import { useProject } from '../../web/current.tsx'
import { Go, useGo } from '../../web/link.tsx'
import { Page } from '../../web/shell.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import type { TracedAnnotation } from './contract.ts'
import { LineagePicture } from './lineage-picture.tsx'
import { pseudonymOf } from './pseudonym.ts'
import { api, runKey } from './use-runs.ts'

export function Screen() {
  const { id: project } = useProject()
  const [{ checkpoint }] = useAddress()
  const { data, error, refetch } = useQuery({
    queryKey: runKey(project, 'lineage', checkpoint),
    queryFn: ({ signal }) => api.lineage({ project, model: checkpoint! }, { signal }),
    enabled: checkpoint !== undefined,
  })
  return (
    <Page title={data ? `Where ${data.model.name} comes from` : 'Lineage'}>
      {checkpoint === undefined ? (
        <Empty title="Which model?" action={<Go to={`/projects/${project}/models`}>See the models</Go>}>
          This place shows where a model comes from: the runs that made it, the datasets that they learned from, and
          what people said.
        </Empty>
      ) : !data ? (
        <Pending error={error} onRetry={refetch} lines={10} what="Reading the lineage" />
      ) : (
        <Stack gap="xl">
          <LineagePicture graph={data} />
          <Annotations model={data.model.id} />
        </Stack>
      )}
    </Page>
  )
}

const columns: Column<TracedAnnotation>[] = [
  { key: 'opening', header: 'About', cell: ({ opening }) => opening || '–', width: '18rem' },
  {
    key: 'by',
    header: 'By',
    cell: ({ person, simulated }) => (
      <Group gap="xs">
        {person ? pseudonymOf(person) : 'import'}
        {simulated && <Simulated />}
      </Group>
    ),
    width: '13rem',
  },
  {
    key: 'guideline',
    header: 'Guideline',
    cell: ({ guidelineVersion }) => guidelineVersion ?? '–',
    numeric: true,
    width: '6rem',
  },
  { key: 'at', header: 'When', cell: ({ at }) => <Ago at={at} />, width: '8rem' },
]

function Annotations({ model }: { model: string }) {
  const { id: project } = useProject()
  const go = useGo()
  return (
    <section id="annotations" aria-labelledby="annotations-title">
      <Title order={2} id="annotations-title" mb="xs">
        What people said
      </Title>
      <Table<TracedAnnotation>
        name="lineage"
        label="Annotations"
        queryKey={runKey(project, 'lineage', model, 'annotations')}
        load={({ cursor, limit, signal }) =>
          api.lineageAnnotations({ project, model, after: cursor, limit }, { signal })
        }
        columns={columns}
        limit={20}
        rowKey={({ id }) => id}
        onOpen={({ task }) => task && go(`/projects/${project}/tasks?row=${task}`)}
        empty={<Empty title="No annotations">This model has learned from nothing that people said.</Empty>}
      />
    </section>
  )
}
