/** Every published version, and how any two of them differ. */
import { Button, Group, Select, Stack, Table, Text, Title } from '@mantine/core'
import { useAddress } from '../../web/address.ts'
import { useProject } from '../../web/current.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import type { GuidelineVersion } from './contract.ts'
import { Differences } from './publish.tsx'
import { difference, isSame } from './rules.ts'
import { ClauseList } from './shown-clauses.tsx'
import { useVersion } from './use-versions.ts'

type Row = Omit<GuidelineVersion, 'clauses'>

export function Versions({ rows }: { rows: readonly Row[] }) {
  const [{ version, from, to }, setAddress] = useAddress()
  if (!rows.length)
    return <Empty title="No version yet">Publishing the draft makes the first. A version never changes again.</Empty>
  const show = (change: Record<string, string | undefined>) =>
    setAddress({ version: undefined, from: undefined, to: undefined, ...change })
  const options = rows.map((row) => ({ value: String(row.version), label: `version ${row.version}` }))
  return (
    <Stack gap="lg">
      <WideTable minWidth={480} verticalSpacing={5}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col" ta="right" w="5rem">
              Version
            </Table.Th>
            <Table.Th scope="col">What changed</Table.Th>
            <Table.Th scope="col">By</Table.Th>
            <Table.Th scope="col">When</Table.Th>
            <Table.Th scope="col">Look</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, i) => (
            <Table.Tr key={row.version}>
              <Table.Td ta="right">{row.version}</Table.Td>
              <Table.Td>{row.note}</Table.Td>
              <Table.Td>{row.publishedBy?.name ?? '–'}</Table.Td>
              <Table.Td>
                <Ago at={row.publishedAt} />
              </Table.Td>
              <Table.Td>
                <Group gap="xs" wrap="nowrap">
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`Read version ${row.version}`}
                    onClick={() => show({ version: String(row.version) })}
                  >
                    Read
                  </Button>
                  {rows[i + 1] && (
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={`Changes of version ${row.version}`}
                      onClick={() => show({ from: String(rows[i + 1]!.version), to: String(row.version) })}
                    >
                      Changes
                    </Button>
                  )}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {rows.length > 1 && (
        <Group align="flex-end" gap="sm">
          <Select
            label="From"
            w="9rem"
            data={options}
            value={from ?? null}
            onChange={(value) => show({ from: value ?? undefined, to })}
          />
          <Select
            label="To"
            w="9rem"
            data={options}
            value={to ?? null}
            onChange={(value) => show({ from, to: value ?? undefined })}
          />
        </Group>
      )}
      {version && <OneVersion version={Number(version)} />}
      {from && to && <Between from={Number(from)} to={Number(to)} />}
    </Stack>
  )
}

function OneVersion({ version }: { version: number }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useVersion(project, version)
  if (!data) return <Pending error={error} onRetry={refetch} lines={8} />
  return (
    <section aria-label={`Version ${version}`}>
      <Title order={2} mb="sm">
        Version {version}
      </Title>
      <ClauseList clauses={data.clauses} />
    </section>
  )
}

function Between({ from, to }: { from: number; to: number }) {
  const { id: project } = useProject()
  const [before, after] = [useVersion(project, from), useVersion(project, to)]
  if (!before.data || !after.data) {
    const { error, refetch } = before.error ? before : after
    return <Pending error={error} onRetry={refetch} lines={8} />
  }
  const changes = difference(before.data.clauses, after.data.clauses)
  return (
    <Stack gap="md" component="section" aria-label={`From version ${from} to ${to}`} maw="56rem">
      <Title order={2}>
        From version {from} to version {to}
      </Title>
      {isSame(changes) && <Text>They read the same.</Text>}
      <Differences difference={changes} before={before.data.clauses} after={after.data.clauses} />
    </Stack>
  )
}
