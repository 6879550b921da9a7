/** Models whose files lie here: the list, one beside it, and the way to add one from the server. */
import { Button, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { JobCard } from '../../projects/jobs/job-card.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useKeys } from '../../web/keys.tsx'
import { Go } from '../../web/link.tsx'
import { bytes } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Side } from '../../web/side.tsx'
import { Empty, Pending, Problem } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { nameCell, useAway } from '../put-away.tsx'
import { AddForm } from './add-form.tsx'
import { type CheckpointView, models } from './contract.ts'
import { OneModel } from './one-model.tsx'
import { kindOf, originOf, parametersOf } from './rules.ts'

const api = clientOf({ models }).models

const columns: Column<CheckpointView>[] = [
  { key: 'name', header: 'Name', cell: nameCell },
  { key: 'kind', header: 'Kind', cell: kindOf, width: '9rem' },
  { key: 'origin', header: 'Made by', cell: originOf },
  {
    key: 'parameters',
    header: 'Parameters',
    cell: (row) => parametersOf(row.parameters),
    numeric: true,
    width: '7rem',
  },
  { key: 'size', header: 'Size', cell: (row) => bytes(row.bytes), numeric: true, width: '6rem' },
  { key: 'licence', header: 'Licence', cell: ({ facts }) => facts.licence ?? '–', width: '8rem' },
  { key: 'createdAt', header: 'Made', cell: ({ createdAt }) => <Ago at={createdAt} />, width: '8rem' },
]

export function Screen() {
  const { id: project, can } = useProject()
  const [{ row, new: adding, job }, setAddress] = useAddress()
  const { data, error, refetch } = useQuery({
    queryKey: ['models', project],
    queryFn: ({ signal }) => api.list({ project }, { signal }),
  })
  const writes = can('model.write')
  const begin = () => setAddress({ new: '1', row: undefined })
  useKeys(writes ? [{ key: 'a', label: 'Add a model', run: begin }] : [], 'Models')
  const { rows, toggle } = useAway(data?.rows)
  const chosen = data?.rows.find(({ id }) => id === row)
  return (
    <Page
      title="Models"
      actions={
        <>
          {toggle}
          {writes && <Button onClick={begin}>Add a model</Button>}
        </>
      }
    >
      <Stack gap="lg">
        {job && (
          <section aria-label="The model that is being added">
            <JobCard job={job}>{(result) => <Added result={result} />}</JobCard>
          </section>
        )}
        {!data && <Pending error={error} onRetry={refetch} lines={6} />}
        {data && (
          <Table<CheckpointView>
            name="models"
            label="Models"
            queryKey={['models', project, 'table', rows]}
            load={async () => ({ rows })}
            columns={columns}
            rowKey={({ id }) => id}
            empty={
              <Empty title="No models yet" action={writes && <Button onClick={begin}>Add a model</Button>}>
                Models that <Go to={`/projects/${project}/runs`}>runs</Go> make appear here with their figures, and
                answer at once as policies. One that lies on the server, or that can be fetched, may be added.
              </Empty>
            }
          />
        )}
      </Stack>
      <Side title="Add a model" opened={adding !== undefined} onClose={() => setAddress({ new: undefined })}>
        <AddForm onStarted={(started) => setAddress({ new: undefined, job: started })} />
      </Side>
      <Side title={chosen?.name ?? 'Model'} opened={row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {data &&
          (chosen ? (
            <OneModel key={chosen.id} model={chosen} />
          ) : (
            <Problem error={{ code: 'not_found', message: 'There is no such model.' }} />
          ))}
      </Side>
    </Page>
  )
}

function Added({ result }: { result: unknown }) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  useEffect(() => void queries.invalidateQueries({ queryKey: ['models', project] }), [queries, project])
  const { model } = (result ?? {}) as { model?: string }
  return <Text>It is in the list{model && <Go to={`/projects/${project}/models?row=${model}`}>: open it</Go>}.</Text>
}
