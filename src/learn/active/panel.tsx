/** Which tasks come next: whether the reward chooses, how many come as they arrived, and what that was worth. */
import { Group, NumberInput, Stack, Switch, Table, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Shown } from '../../assure/quality/shown.tsx'
import { projects } from '../../projects/contract.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { By } from '../../web/methods/method.tsx'
import { notifyProblem } from '../../web/notices.tsx'
import { count, decimal, percent, plural } from '../../web/numbers.ts'
import { Pending } from '../../web/states.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { active, type Choice } from './contract.ts'

const api = clientOf({ active, projects })

const askAgainMs = 10_000

export function ActiveChoice() {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['active', project],
    queryFn: ({ signal }) => api.active.show({ project }, { signal }),
    refetchInterval: ({ state }) => (state.data?.on ? askAgainMs : false),
  })
  return (
    <section aria-labelledby="choice">
      <Title order={2} id="choice" mb={4}>
        Which tasks come next
      </Title>
      {!data ? (
        <Pending error={error} onRetry={refetch} lines={5} />
      ) : (
        <Stack gap="sm">
          <Text className="prose">
            The reward can choose the tasks that teach it most: those of which it is least sure, of a kind that was
            judged little, in words that many others have, and those on which people are divided. A share comes as it
            arrived, whatever its score: what is measured on it is honest. On 1,800 pairs of HH, choosing was worth{' '}
            <strong>1.4 points of accuracy after 200 answers (95% interval 0.4 to 2.4)</strong>, 1.2 after 300 (0.1 to
            2.2), and nothing that could be told from chance after 400 or more.
          </Text>
          <Controls data={data} />
          {(data.on || data.ahead.chosen > 0 || 'value' in data.foreseen.chosen) && <Course data={data} />}
        </Stack>
      )}
    </section>
  )
}

function Controls({ data: { on, arrivalShare } }: { data: Choice }) {
  const { id: project, can } = useProject()
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: (activeChoice: { on: boolean; arrivalShare: number }) =>
      api.projects.change({ project, settings: { activeChoice } }),
    onSuccess: () =>
      Promise.all(
        [
          ['active', project],
          ['project', project],
        ].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
    onError: notifyProblem,
  })
  const fixed = !can('project.write') || change.isPending
  return (
    <Group gap="xl" align="flex-end">
      <Switch
        label="The reward chooses"
        checked={on}
        disabled={fixed}
        onChange={(event) => change.mutate({ on: event.currentTarget.checked, arrivalShare })}
      />
      <NumberInput
        label="Come as they arrived"
        suffix=" %"
        w="11rem"
        min={5}
        max={100}
        step={5}
        allowDecimal={false}
        disabled={fixed}
        key={arrivalShare}
        defaultValue={Math.round(arrivalShare * 100)}
        onBlur={(event) => {
          const share = Math.min(100, Math.max(5, Number.parseInt(event.currentTarget.value, 10) || 20)) / 100
          if (share !== arrivalShare) change.mutate({ on, arrivalShare: share })
        }}
      />
    </Group>
  )
}

const Course = ({ data: { ahead, foreseen, gain } }: { data: Choice }) => (
  <>
    <Text size="sm">
      Ahead of the queue: {count(ahead.chosen)} chosen, {plural(ahead.arrival, 'task')} as they came.
    </Text>
    <WideTable
      minWidth={380}
      maw="44rem"
      verticalSpacing={4}
      head={['First answers to tasks that', 'Foreseen, with 95% interval']}
    >
      <Table.Tbody>
        {(['arrival', 'chosen'] as const).map((arm) => (
          <Table.Tr key={arm}>
            <Table.Th scope="row" fw={400}>
              {arm === 'arrival' ? 'came as they arrived: the honest figure' : 'were chosen: harder on purpose'}
            </Table.Th>
            <Table.Td>
              <Shown of={foreseen[arm]} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
    <Text size="sm" maw="75ch">
      {'undefined' in gain ? (
        `What choosing is worth in this project is not known yet: ${gain.undefined}.`
      ) : (
        <>
          In this project: a model that learned from {count(gain.learned)} chosen answers names{' '}
          {percent(gain.chosen, 1)} of {count(gain.tried)} further winners, one that learned from as many that came as
          they arrived {percent(gain.arrival, 1)}. Difference {decimal(gain.difference * 100, 1)} points [
          {decimal(gain.low * 100, 1)}, {decimal(gain.high * 100, 1)}], by the{' '}
          <By page="evaluation-paired-bootstrap" name="paired bootstrap" />.
        </>
      )}
    </Text>
  </>
)
