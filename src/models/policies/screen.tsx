/** Policies: the models that answer prompts. The list, one beside it, and the way to add one. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useKeys } from '../../web/keys.tsx'
import { decimal } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Side } from '../../web/side.tsx'
import { Empty, Pending, Problem } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { nameCell, useAway } from '../put-away.tsx'
import { type Policy, policies } from './contract.ts'
import { OnePolicy } from './one-policy.tsx'
import { PolicyForm } from './policy-form.tsx'

const api = clientOf({ policies }).policies

const priceOf = ({ price: { input, output } }: Policy) =>
  input === undefined && output === undefined ? '–' : `${decimal(input ?? 0)} / ${decimal(output ?? 0)}`

const columns: Column<Policy>[] = [
  { key: 'name', header: 'Name', cell: nameCell },
  { key: 'model', header: 'Model', cell: ({ model }) => <span className="mono">{model}</span> },
  {
    key: 'where',
    header: 'Where',
    text: ({ kind, url }) => (kind === 'endpoint' ? url : 'a checkpoint here'),
    cell: ({ kind, url }) => (kind === 'endpoint' ? url : 'a checkpoint here'),
    width: '14rem',
  },
  {
    key: 'key',
    header: 'Key',
    cell: ({ kind, hasKey }) => (kind === 'endpoint' ? (hasKey ? 'kept' : 'none') : '–'),
    width: '5rem',
  },
  { key: 'price', header: 'Price in / out', cell: priceOf, numeric: true, width: '8rem' },
  { key: 'createdAt', header: 'Added', cell: ({ createdAt }) => <Ago at={createdAt} />, width: '7rem' },
]

export function Screen() {
  const { id: project, can } = useProject()
  const [{ row, new: adding }, setAddress] = useAddress()
  const { data, error, refetch } = useQuery({
    queryKey: ['policies', project],
    queryFn: ({ signal }) => api.list({ project }, { signal }),
  })
  const writes = can('policy.write')
  const begin = () => setAddress({ new: '1', row: undefined })
  useKeys(writes ? [{ key: 'a', label: 'Add an endpoint', run: begin }] : [], 'Policies')
  const { rows, toggle } = useAway(data?.rows)
  const chosen = data?.rows.find(({ id }) => id === row)
  return (
    <Page
      title="Policies"
      actions={
        <>
          {toggle}
          {writes && <Button onClick={begin}>Add an endpoint</Button>}
        </>
      }
    >
      {!data && <Pending error={error} onRetry={refetch} lines={6} />}
      {data && (
        <Table<Policy>
          name="policies"
          label="Policies"
          queryKey={['policies', project, 'table', rows]}
          load={async () => ({ rows })}
          columns={columns}
          rowKey={({ id }) => id}
          empty={
            <Empty title="No policies yet" action={writes && <Button onClick={begin}>Add an endpoint</Button>}>
              A policy is a model that answers prompts. Add any endpoint that speaks the chat completions protocol: your
              own vLLM or Ollama, or a provider’s. Models that are trained or added here are policies at once. Responses
              drawn from a policy are blind to annotators.
            </Empty>
          }
        />
      )}
      <Side title="Add an endpoint" opened={adding !== undefined} onClose={() => setAddress({ new: undefined })}>
        <PolicyForm onDone={(id) => setAddress({ new: undefined, row: id })} />
      </Side>
      <Side title={chosen?.name ?? 'Policy'} opened={row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {data &&
          (chosen ? (
            <OnePolicy key={chosen.id} policy={chosen} />
          ) : (
            <Problem error={{ code: 'not_found', message: 'There is no such policy.' }} />
          ))}
      </Side>
    </Page>
  )
}
