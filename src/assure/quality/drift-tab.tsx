/** Drift: whether people, or all together, agree less with the others than they used to. */
import { Select, Stack, Table, Text, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useAddress } from '../../web/address.ts'
import { LineWithBand } from '../../web/charts/line-with-band.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { By, method } from '../../web/methods/method.tsx'
import { count, decimal, percent, plural } from '../../web/numbers.ts'
import { Empty, Pending } from '../../web/states.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { quality } from './contract.ts'
import type { Alarms, Change, PersonDrift } from './shapes.ts'
import { day, isKnown, nameInChart, pointsOf, Rests, SomeSimulated, saysP, Who } from './shown.tsx'

const api = clientOf({ quality }).quality

const changes = method('bias-change-point', 'Change point, p by random orders')

const on = (at: string) => day.format(new Date(at))

const saysChange = ({ at, before, since, after, n }: Change) =>
  `${percent(before)} before ${on(at)} (${count(after)} answers), ${percent(since)} since (${count(n - after)})`

/** Below one in twenty a change is hard to explain by chance. */
const level = 0.05

function aboutPool(change: Change | { undefined: string }): string {
  if (!isKnown(change)) return `No change can be looked for: ${change.undefined}.`
  if (change.p >= level)
    return `No sign of a change: the largest difference, ${saysChange(change)}, may well be chance (${saysP(change.p)}).`
  return `Agreement with the others was ${saysChange(change)}; ${saysP(change.p)}. ${
    change.since < change.before
      ? 'Look at what changed on that day: the guideline, the prompts, or who works.'
      : 'It became better.'
  }`
}

export function DriftTab() {
  const { id: project } = useProject()
  const [{ on: person }, setAddress] = useAddress()
  const { data, error, refetch } = useQuery({
    queryKey: ['quality', project, 'drift', person],
    queryFn: ({ signal }) => api.drift({ project, person }, { signal }),
    placeholderData: keepPreviousData,
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={10} what="Looking for change over time" />
  const { every, pool, people, points, simulated, basis } = data
  if (!pool.points.length)
    return (
      <Empty title="Nothing to follow yet" action={<Go to={`/projects/${project}/tasks`}>See the tasks</Go>}>
        Once people answer the same tasks, this place shows whether they agree as well as they used to.
      </Empty>
    )
  const chosen = people.find((one) => one.person.id === person)
  return (
    <Stack gap="xl">
      {simulated && <SomeSimulated />}
      <Stack gap="sm">
        <Select
          label="Beside all together"
          placeholder="nobody"
          w="16rem"
          size="xs"
          clearable
          data={people.map((one) => ({ value: one.person.id, label: nameInChart(one.person) }))}
          value={person ?? null}
          onChange={(value) => setAddress({ on: value ?? undefined }, { replace: true })}
        />
        <LineWithBand
          title={`Answers that most others gave too, by ${every}`}
          method={changes}
          xLabel={every}
          yLabel="share"
          domain={[0, 1]}
          sayX={(x) => day.format(x as Date)}
          series={[
            { name: 'everybody', points: pointsOf(pool.points) },
            ...(chosen ? [{ name: nameInChart(chosen.person), points: pointsOf(points) }] : []),
          ]}
        />
        <Text maw="72ch">{aboutPool(pool.change)}</Text>
      </Stack>
      <People rows={people} />
      <Text size="sm" c="dimmed" maw="72ch">
        A change is the likeliest place to cut a series in two (
        <By page="bias-change-point" name="change point" />
        ), with p adjusted for the number of people. An alarm is raised where the latest answers look more like a rate
        0.2 below the usual one (
        <By page="bias-drift" name="CUSUM" />
        ): about {isKnown(pool.alarms) ? decimal(pool.alarms.falseAlarmsPer1000) : '1'} per 1,000 answers come without
        any drift. Harder prompts look like drift too.
      </Text>
      <Rests on={basis} />
    </Stack>
  )
}

const saysAlarms = ({ n, last }: Alarms) => (n ? `${plural(n, 'alarm')}, the last on ${on(last!)}` : 'none')

function People({ rows }: { rows: PersonDrift[] }) {
  return (
    <section aria-labelledby="drift-people">
      <Title order={2} id="drift-people" mb="sm">
        Each person
      </Title>
      <WideTable minWidth={720} head={['Name', 'Agreement with most others', 'Change', 'Alarms']}>
        <Table.Tbody>
          {rows.map(({ person, change, alarms }) => (
            <Table.Tr key={person.id}>
              <Table.Td>
                <Who {...person} />
              </Table.Td>
              <Table.Td>{isKnown(change) ? saysChange(change) : change.undefined}</Table.Td>
              <Table.Td fw={isKnown(change) && change.adjusted < level ? 600 : undefined}>
                {!isKnown(change)
                  ? '–'
                  : change.adjusted >= level
                    ? `not surely (${saysP(change.adjusted)})`
                    : `${change.since < change.before ? 'fell' : 'rose'} (${saysP(change.adjusted)})`}
              </Table.Td>
              <Table.Td>{isKnown(alarms) ? saysAlarms(alarms) : '–'}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </section>
  )
}
