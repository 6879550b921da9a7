/** Leaderboard: whose responses people prefer, as far as their comparisons link the policies. */
import { Alert, Badge, Group, Select, Stack, Switch, Table, Text, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { SomeSimulated } from '../../assure/quality/shown.tsx'
import { useAddress } from '../../web/address.ts'
import { HeatMap } from '../../web/charts/heat-map.tsx'
import { IntervalDots } from '../../web/charts/interval-dots.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { By, method } from '../../web/methods/method.tsx'
import { count, estimate, plural } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { PolicyName } from '../policy-name.tsx'
import { leaderboard, type Ranked } from './contract.ts'

const api = clientOf({ leaderboard }).leaderboard
type Shown = Awaited<ReturnType<typeof api.show>>

/** Judgements that come in are seen by asking; the fit is done in a thread. */
const askAgainMs = 15_000

export function Screen() {
  const { id: project } = useProject()
  const [{ on: attribute, style: wanted, tasks: scope, people }] = useAddress()
  const style = wanted === 'length' ? 'length' : 'as-it-is'
  const tasks = scope === 'evaluation' ? 'evaluation' : 'all'
  const judges = people === 'all' ? 'all' : 'trusted'
  const { data, error, refetch } = useQuery({
    queryKey: ['leaderboard', project, attribute, style, tasks, judges],
    queryFn: ({ signal }) => api.show({ project, attribute, style, tasks, judges }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: askAgainMs,
  })
  return (
    <Page title="Leaderboard">
      {!data ? (
        <Pending error={error} onRetry={refetch} lines={10} what="Comparing policies" />
      ) : data.policies.length || tasks === 'evaluation' || data.leftOut.suspects.judgements ? (
        <Board data={data} style={style} tasks={tasks} judges={judges} />
      ) : (
        <Nothing data={data} />
      )}
    </Page>
  )
}

function Nothing({ data: { leftOut } }: { data: Shown }) {
  const { id: project } = useProject()
  return (
    <Empty
      title="No two policies have been compared yet"
      action={<Go to={`/projects/${project}/samples`}>Draw samples and make tasks of them</Go>}
    >
      Draw responses of two policies or more to the same prompts and let people compare them.
      {leftOut.sameOrigin > 0 &&
        ` ${plural(leftOut.sameOrigin, 'judgement')} compared responses of one origin: an import does not say which model wrote what.`}
    </Empty>
  )
}

function Choices({ data: { attributes }, style, tasks, judges }: BoardProps) {
  const [{ on = 'preference' }, setAddress] = useAddress()
  return (
    <Group gap="lg" align="end">
      {attributes.length > 1 && (
        <Select
          label="Attribute"
          size="xs"
          w="14rem"
          data={attributes}
          value={on}
          allowDeselect={false}
          onChange={(value) => setAddress({ on: value ?? undefined }, { replace: true })}
        />
      )}
      <Switch
        label="At equal length"
        checked={style === 'length'}
        onChange={(event) =>
          setAddress({ style: event.currentTarget.checked ? 'length' : undefined }, { replace: true })
        }
      />
      <Switch
        label="Evaluation tasks alone"
        checked={tasks === 'evaluation'}
        onChange={(event) =>
          setAddress({ tasks: event.currentTarget.checked ? 'evaluation' : undefined }, { replace: true })
        }
      />
      <Switch
        label="With careless and biased work"
        checked={judges === 'all'}
        onChange={(event) => setAddress({ people: event.currentTarget.checked ? 'all' : undefined }, { replace: true })}
      />
    </Group>
  )
}

const groupsOf = (policies: Ranked[]): Ranked[][] =>
  [...new Set(policies.map(({ group }) => group))].map((id) => policies.filter(({ group }) => group === id))

interface BoardProps {
  data: Shown
  style: string
  tasks: string
  judges: string
}

function Board({ data, style, tasks, judges }: BoardProps) {
  const { id: project } = useProject()
  const { policies, judgements, people, independent, leftOut, newestOf, simulated, lengthEffect } = data
  const groups = groupsOf(policies)
  return (
    <Stack gap="xl">
      <Group justify="space-between" align="end">
        <Choices data={data} style={style} tasks={tasks} judges={judges} />
        {simulated && <SomeSimulated />}
      </Group>
      {policies.length === 0 && <Text>No judgement of this kind compares two policies yet.</Text>}
      {lengthEffect && policies.length > 0 && (
        <Text maw="75ch">
          {'undefined' in lengthEffect
            ? `Length is not taken out: ${lengthEffect.undefined}.`
            : `What a response gains by being twice as long: ${estimate(lengthEffect)} in log odds. The strengths below are those at equal length.`}
        </Text>
      )}
      {groups.length > 1 && (
        <Alert color="yellow" variant="outline" title="Not comparable">
          These policies fall into {groups.length} groups, and nothing says how one group stands to another: no
          comparison links them, or one side has won every one. Let people compare a policy of one group with one of
          another.
        </Alert>
      )}
      {groups.map((group, at) => (
        <OneGroup key={group[0]!.key} policies={group} title={groups.length > 1 ? `Group ${at + 1}` : 'Strength'} />
      ))}
      {policies.length > 0 && <Matrix data={data} />}
      <Text size="sm" c="dimmed" maw="75ch">
        {plural(judgements, 'judgement')} of {plural(people, 'person', 'people')}, by{' '}
        {style === 'length' ? (
          <By page="preference-contextual" name="Bradley-Terry with length beside it" />
        ) : (
          <By page="preference-bradley-terry" name="Bradley-Terry" />
        )}
        ; intervals of 95% from the sandwich over {independent}, of shares won by prompts.{' '}
        {newestOf !== null && `Only the newest ${count(newestOf)} judgements are read. `}A tie is half a win for each.
        Imported responses count as one origin. Left out: {plural(leftOut.sameOrigin, 'judgement')} between responses of
        one origin, {count(leftOut.noPreference)} without a preference (both bad), all answers to gold tasks
        {leftOut.suspects.judgements > 0 && (
          <>
            , and {plural(leftOut.suspects.judgements, 'judgement')} of{' '}
            {plural(leftOut.suspects.people, 'person', 'people')} whose work looks careless or biased (
            <Go to={`/projects/${project}/quality?tab=findings`}>Findings</Go>)
          </>
        )}
        .
      </Text>
    </Stack>
  )
}

const placeOf = ({ place }: Ranked) =>
  !place ? 'open' : place.best === place.worst ? `${place.best}` : `${place.best} to ${place.worst}`

function OneGroup({ policies, title }: { policies: Ranked[]; title: string }) {
  const id = `group-${policies[0]!.group}`
  const rated = policies.flatMap(({ name, strength }) =>
    'undefined' in strength ? [] : [{ label: name, ...strength }],
  )
  return (
    <section aria-labelledby={id}>
      <Title order={2} id={id} mb="sm">
        {title}
      </Title>
      <Stack gap="md">
        {rated.length > 0 && (
          <IntervalDots
            title="Strength in log odds against the mean of the group"
            method={method('preference-bradley-terry', 'Bradley-Terry')}
            unit="log odds"
            reference={0}
            rows={rated}
          />
        )}
        <WideTable minWidth={680} head={['Place', 'Policy', 'Strength', 'Share won', 'Won, tied, lost']}>
          <Table.Tbody>
            {policies.map((policy) => (
              <Table.Tr key={policy.key}>
                <Table.Td>{placeOf(policy)}</Table.Td>
                <Table.Td fw={600}>
                  <Group gap="xs">
                    {policy.origin === 'policy' ? (
                      <PolicyName of={{ id: policy.key, name: policy.name, checkpoint: policy.checkpoint }} />
                    ) : (
                      policy.name
                    )}
                    {policy.inForce && (
                      <Badge color={policy.override ? 'yellow' : 'green'} miw="max-content">
                        in force
                      </Badge>
                    )}
                  </Group>
                  {policy.override && (
                    <Text size="xs" c="dimmed" fw={400}>
                      Against its gates: {policy.override}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  {'undefined' in policy.strength ? (
                    <Text size="sm" c="dimmed">
                      {policy.strength.undefined}
                    </Text>
                  ) : (
                    estimate(policy.strength)
                  )}
                </Table.Td>
                <Table.Td>{estimate(policy.won, { as: 'percent' })}</Table.Td>
                <Table.Td>
                  {count(policy.wins)}, {count(policy.ties)}, {count(policy.losses)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      </Stack>
    </section>
  )
}

function Matrix({ data: { matrix, policies } }: { data: Shown }) {
  const won = new Map(
    matrix.flatMap(({ first, second, won: { value, low, high, n } }) => [
      [`${first} ${second}`, { value, low, high, n }],
      [`${second} ${first}`, { value: 1 - value, low: 1 - high, high: 1 - low, n }],
    ]),
  )
  return (
    <HeatMap
      title="Who wins against whom"
      method={method('evaluation-win-rate', 'Share won, a tie as half')}
      rowLabel="wins"
      columnLabel="against"
      cells={policies.flatMap((row) =>
        policies.map((column) => ({ row: row.name, column: column.name, ...won.get(`${row.key} ${column.key}`) })),
      )}
      note="The share of comparisons that the policy of the row won. Empty where two were never compared."
    />
  )
}
