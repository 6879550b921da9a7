/** What one dataset has that another has not, and why. */
import { Badge, Select, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { count, percent, plural } from '../../web/numbers.ts'
import { Empty, Pending } from '../../web/states.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { type DatasetDiff, datasets, type ShownDataset } from './contract.ts'

const api = clientOf({ datasets }).datasets

export function Difference({ data }: { data: ShownDataset }) {
  const { id: project } = useProject()
  const [{ from }, setAddress] = useAddress()
  const others = useQuery({
    queryKey: ['datasets', project, 'to compare'],
    queryFn: ({ signal }) => api.list({ project, limit: 200 }, { signal }),
  })
  const usable = others.data?.rows.filter(({ id, kind }) => id !== data.id && kind === data.kind) ?? []
  const chosen = from ?? usable.find(({ createdAt }) => createdAt <= data.createdAt)?.id ?? usable[0]?.id
  if (!others.data) return <Pending error={others.error} onRetry={others.refetch} lines={6} />
  if (!chosen)
    return <Empty title="Nothing to compare with">There is no other dataset of {data.kind}s in this project.</Empty>
  return (
    <Stack gap="lg">
      <Select
        label="Compared with"
        maw="24rem"
        allowDeselect={false}
        data={usable.map(({ id, name, rows }) => ({ value: id, label: `${name} (${plural(rows, 'row')})` }))}
        value={chosen}
        onChange={(value) => setAddress({ from: value ?? undefined }, { replace: true })}
      />
      <Compared dataset={data.id} from={chosen} />
    </Stack>
  )
}

function Compared({ dataset, from }: { dataset: string; from: string }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['datasets', project, 'difference', dataset, from],
    queryFn: ({ signal }) => api.diff({ project, dataset, from }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={8} what="Comparing" />
  return (
    <>
      <Counts diff={data} />
      {data.examples.length > 0 && <Examples diff={data} />}
    </>
  )
}

function Counts({ diff: { from, added, removed, changed, same } }: { diff: DatasetDiff }) {
  const rows: [string, number, string][] = [
    ['In both, the same', same, ''],
    [
      'Added',
      added.rows,
      `${count(added.judged)} judged since, ${count(added.votes)} by further votes, ${count(added.filters)} by the filters`,
    ],
    [
      'Removed',
      removed.rows,
      `${count(removed.withdrawn)} withdrawn or corrected, ${count(removed.votes)} by further votes, ${count(removed.filters)} by the filters`,
    ],
    [
      'Changed',
      changed.rows,
      `${count(changed.flipped)} flipped, ${count(changed.label)} by strength or share, ${count(changed.split)} in the other split`,
    ],
  ]
  return (
    <WideTable minWidth={480} maw="48rem">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Against {from.name}</Table.Th>
          <Table.Th scope="col" ta="right">
            Rows
          </Table.Th>
          <Table.Th scope="col">Why</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([what, n, why]) => (
          <Table.Tr key={what}>
            <Table.Th scope="row" fw={400}>
              {what}
            </Table.Th>
            <Table.Td ta="right">{count(n)}</Table.Td>
            <Table.Td>{n > 0 && why}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  )
}

const words = { flipped: 'flipped', label: 'other share', split: 'other split', added: 'added', removed: 'removed' }
const colours = { flipped: 'red', label: 'yellow', split: 'yellow', added: 'green', removed: 'gray' }

function Examples({ diff: { examples } }: { diff: DatasetDiff }) {
  const { id: project } = useProject()
  const isPair = examples.some(({ rejected }) => rejected !== null)
  return (
    <section aria-labelledby="differing">
      <Title order={2} id="differing" mb="sm">
        Rows that differ
      </Title>
      <WideTable minWidth={760} verticalSpacing={5}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col" miw="7rem">
              What
            </Table.Th>
            <Table.Th scope="col">Prompt</Table.Th>
            <Table.Th scope="col">{isPair ? 'Chosen now' : 'Response'}</Table.Th>
            {isPair && <Table.Th scope="col">Rejected now</Table.Th>}
            {isPair && <Table.Th scope="col">Share before, now</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {examples.map(({ what, promptId, opening, chosen, rejected, before, after }) => (
            <Table.Tr key={`${what} ${promptId} ${chosen} ${rejected}`}>
              <Table.Td>
                <Badge color={colours[what]}>{words[what]}</Badge>
              </Table.Td>
              <Table.Td>
                <Go to={`/projects/${project}/prompts?row=${promptId}`}>{opening.slice(0, 100)}</Go>
              </Table.Td>
              <Table.Td>{chosen.slice(0, 140)}</Table.Td>
              {isPair && <Table.Td>{rejected?.slice(0, 140)}</Table.Td>}
              {isPair && (
                <Table.Td>
                  {percent(before)}, {percent(after)}
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      <Text size="sm" c="dimmed" mt="xs">
        The first {examples.length}, flips first. The share is that of votes for what is chosen now.
      </Text>
    </section>
  )
}
