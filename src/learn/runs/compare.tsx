/** Two runs beside each other: curves over one another, settings that differ, what each was measured at. */
import { Group, Select, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useAddress } from '../../web/address.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { Page } from '../../web/shell.tsx'
import { Loading, Pending } from '../../web/states.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import type { ShownRun } from './contract.ts'
import { ownSettings } from './fields.ts'
import { differences } from './figures.ts'
import { type Measured, measuredLines } from './measured.ts'
import { StepCharts } from './step-charts.tsx'
import { api, runKey, useRun, useSeries } from './use-runs.ts'

export function Compare({ first, second }: { first: string; second: string | undefined }) {
  const { id: project } = useProject()
  const [a, b] = [useRun(project, first), useRun(project, second)]
  const failed = [a, b].find(({ error }) => error)
  return (
    <Page title="Compare two runs">
      <Stack gap="xl">
        <Go to={`/projects/${project}/runs`}>All runs</Go>
        <Choice first={first} second={second} />
        {a.data && b.data ? (
          <>
            <Overlaid runs={[a.data, b.data]} />
            <Differences runs={[a.data, b.data]} />
            <Measures runs={[a.data, b.data]} />
          </>
        ) : (
          second && <Pending error={failed?.error} onRetry={failed?.refetch} lines={10} what="Reading both runs" />
        )}
      </Stack>
    </Page>
  )
}

function Choice({ first, second }: { first: string; second: string | undefined }) {
  const { id: project } = useProject()
  const [, setAddress] = useAddress()
  const { data } = useQuery({
    queryKey: runKey(project, 'newest'),
    queryFn: ({ signal }) => api.list({ project, limit: 200 }, { signal }),
  })
  const choices = data?.rows.map(({ id, name }) => ({ value: id, label: name })) ?? []
  const choose = (label: string, value: string | undefined, other: string | undefined, set: (id: string) => void) => (
    <Select
      label={label}
      searchable
      allowDeselect={false}
      data={choices.filter((choice) => choice.value !== other)}
      value={value ?? null}
      onChange={(id) => id && set(id)}
    />
  )
  return (
    <Group>
      {choose('Run', first, second, (run) => setAddress({ run }))}
      {choose('Beside', second, first, (compare) => setAddress({ compare }))}
    </Group>
  )
}

function Overlaid({ runs: [a, b] }: { runs: [ShownRun, ShownRun] }) {
  const { id: project } = useProject()
  const [step, setStep] = useState<number>()
  const [{ data: first }, { data: second }] = [useSeries(project, a.id), useSeries(project, b.id)]
  const curves = useMemo(
    () =>
      first && second
        ? [
            { name: a.name, series: first },
            { name: b.name, series: second },
          ]
        : [],
    [a.name, b.name, first, second],
  )
  if (!curves.length) return <Loading lines={8} />
  return (
    <section aria-label="Figures">
      <StepCharts curves={curves} step={step} onStep={setStep} columns={3} />
    </section>
  )
}

interface Line {
  name: string
  first: string
  second: string
}

const Lines = ({
  id,
  title,
  runs: [a, b],
  lines,
  none,
}: {
  id: string
  title: string
  runs: [ShownRun, ShownRun]
  lines: Line[]
  none: string
}) => (
  <section aria-labelledby={id}>
    <Title order={2} id={id} mb="xs">
      {title}
    </Title>
    {lines.length ? (
      <WideTable minWidth={420} maw="48rem" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">What</Table.Th>
            <Table.Th scope="col">{a.name}</Table.Th>
            <Table.Th scope="col">{b.name}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map(({ name, first, second }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400}>
                {name}
              </Table.Th>
              <Table.Td>{first}</Table.Td>
              <Table.Td>{second}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    ) : (
      <Text c="dimmed">{none}</Text>
    )}
  </section>
)

/** What a run was told, by name: its parts and its settings. */
const told = ({ algorithm, snapshot, base, reward, began, settings }: ShownRun) => ({
  algorithm,
  dataset: snapshot.name,
  from: base,
  ...(reward ? { 'scored by': reward === 'online' ? 'the reward that learns while people work' : reward.name } : {}),
  ...ownSettings(algorithm, began?.settings ?? settings),
})

const Differences = ({ runs }: { runs: [ShownRun, ShownRun] }) => (
  <Lines
    id="differences"
    title="Where they differ"
    runs={runs}
    lines={differences(told(runs[0]), told(runs[1]))}
    none="Both were told the same."
  />
)

function Measures({ runs }: { runs: [ShownRun, ShownRun] }) {
  const [a, b] = runs.map(({ summary }) => measuredLines(summary?.eval ?? {})) as [Measured[], Measured[]]
  const lines = [...new Map([...a, ...b].map(({ key, name }) => [key, name]))].map(([key, name]) => {
    const of = (own: Measured[]) => own.find((line) => line.key === key)?.text ?? '–'
    return { name, first: of(a), second: of(b) }
  })
  return <Lines id="measures" title="Measured at the end" runs={runs} lines={lines} none="Neither has ended yet." />
}
