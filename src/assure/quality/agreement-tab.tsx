/** Agreement on each attribute, by tag, over time, and of each two people. */
import { Select, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useAddress } from '../../web/address.ts'
import { HeatMap } from '../../web/charts/heat-map.tsx'
import { IntervalDots } from '../../web/charts/interval-dots.tsx'
import { LineWithBand } from '../../web/charts/line-with-band.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { By, method } from '../../web/methods/method.tsx'
import { count } from '../../web/numbers.ts'
import { Empty, Pending } from '../../web/states.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { quality } from './contract.ts'
import type { AttributeAgreement } from './shapes.ts'
import { day, isKnown, nameInChart, pointsOf, Rests, Shown, SomeSimulated } from './shown.tsx'

const api = clientOf({ quality }).quality

const percentMethod = method('agreement-percent', 'Percent agreement, interval over tasks')

export function AgreementTab() {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['quality', project, 'agreement'],
    queryFn: ({ signal }) => api.agreement({ project }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={10} what="Measuring agreement" />
  if (!data.rows.length)
    return (
      <Empty title="Nothing to compare yet" action={<Go to={`/projects/${project}/tasks`}>See the tasks</Go>}>
        Agreement is measured where two people or more answer the same task: give tasks an overlap of two or three.
      </Empty>
    )
  const { rows, slices, overTime, simulated, basis } = data
  const points = pointsOf(
    overTime.rows.flatMap(({ label, percent }) => (isKnown(percent) ? [{ label, ...percent }] : [])),
  )
  return (
    <Stack gap="xl">
      {simulated && <SomeSimulated />}
      <Attributes rows={rows} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
        <LineWithBand
          title={`Agreement on the preference by ${overTime.every}`}
          method={percentMethod}
          xLabel={overTime.every}
          yLabel="agreement"
          domain={[0, 1]}
          sayX={(x) => day.format(x as Date)}
          series={[{ name: 'agreement', points }]}
          note={`A task counts on the ${overTime.every} of its last answer.`}
        />
        {slices.length > 0 ? (
          <IntervalDots
            title="Agreement on the preference by tag"
            method={percentMethod}
            unit="agreement"
            as="percent"
            domain={[0, 1]}
            rows={slices.flatMap(({ label, percent }) => (isKnown(percent) ? [{ label, ...percent }] : []))}
          />
        ) : (
          <Text c="dimmed">Tag prompts to see where people agree less.</Text>
        )}
      </SimpleGrid>
      <Rests on={basis} />
      <Pairs attributes={[...new Set(rows.map(({ attribute }) => attribute))]} />
    </Stack>
  )
}

const nameOf = ({ attribute, step }: AttributeAgreement, several: boolean) =>
  several ? `${attribute} (${step})` : attribute

function Attributes({ rows }: { rows: AttributeAgreement[] }) {
  const several = new Set(rows.map(({ step }) => step)).size > 1
  return (
    <section aria-labelledby="attributes">
      <Title order={2} id="attributes" mb={4}>
        On each attribute
      </Title>
      <Text size="sm" c="dimmed" mb="sm" maw="72ch">
        Alpha is 1 where all agree and 0 where agreement is what chance would give; agreement is no accuracy. By{' '}
        <By page="agreement-krippendorff" name="Krippendorff’s alpha" /> and{' '}
        <By page="agreement-percent" name="percent agreement" />, intervals of 95% over the tasks.
      </Text>
      <WideTable minWidth={640} head={['Attribute', 'Alpha', 'Agreement', 'People', 'Labels given']}>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={`${row.step} ${row.attribute}`}>
              <Table.Td fw={600}>{nameOf(row, several)}</Table.Td>
              <Table.Td>
                <Shown of={row.alpha} as="decimal" />
              </Table.Td>
              <Table.Td>
                <Shown of={row.percent} />
              </Table.Td>
              <Table.Td>{count(row.people)}</Table.Td>
              <Table.Td>
                {Object.entries(row.labels)
                  .sort(([, a], [, b]) => b - a)
                  .map(([label, n]) => `${label.replaceAll('_', ' ')} ${count(n)}`)
                  .join(', ')}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </section>
  )
}

function Pairs({ attributes }: { attributes: string[] }) {
  const { id: project } = useProject()
  const [{ on }, setAddress] = useAddress()
  const attribute = on ?? (attributes.includes('preference') ? 'preference' : attributes[0]!)
  const { data, error, refetch } = useQuery({
    queryKey: ['quality', project, 'pairs', attribute],
    queryFn: ({ signal }) => api.pairs({ project, attribute }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={6} />
  const known = new Map(
    data.pairs.flatMap(({ first, second, agreement }) =>
      isKnown(agreement)
        ? [
            [`${first} ${second}`, agreement],
            [`${second} ${first}`, agreement],
          ]
        : [],
    ),
  )
  const cells = data.people.flatMap((row) =>
    data.people.map((column) => {
      const agreement = known.get(`${row.id} ${column.id}`)
      return { row: nameInChart(row), column: nameInChart(column), ...agreement }
    }),
  )
  return (
    <Stack gap="sm">
      {attributes.length > 1 && (
        <Select
          label="Attribute"
          w="14rem"
          size="xs"
          data={attributes}
          value={attribute}
          allowDeselect={false}
          onChange={(value) => setAddress({ on: value ?? undefined }, { replace: true })}
        />
      )}
      <HeatMap
        title={`Agreement of each two people on the ${attribute}`}
        method={method('agreement-pairwise', 'Pairwise agreement')}
        rowLabel="annotator"
        columnLabel="annotator"
        cells={cells}
        note="One pale row is a person apart; two dark blocks are two views. Empty where two people share no task."
      />
    </Stack>
  )
}
