/** Reward: what the model that learns while people work foresees, how sure it may be of it, and a place to try it. */
import { SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { CalibrationCurve } from '../../web/charts/calibration-curve.tsx'
import { LineWithBand } from '../../web/charts/line-with-band.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { method } from '../../web/methods/method.tsx'
import { count, decimal, estimate, plural } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { ActiveChoice } from '../active/panel.tsx'
import { type CurvePoint, type RewardState, reward } from './contract.ts'
import { Disagreements } from './disagreements.tsx'
import { TryIt } from './try-it.tsx'

const api = clientOf({ reward }).reward

/** The page moves as answers come in; over a long record each look costs more. */
const askAgainMs = ({ pairs }: RewardState) => (pairs < 20_000 ? 2000 : 10_000)

const rules = [
  { key: 'model', name: 'reward', label: 'The reward' },
  { key: 'longer', name: 'longer wins', label: '“The longer one wins”' },
  { key: 'side', name: 'majority side', label: '“The side of the screen that won most so far wins”' },
] as const

export function Screen() {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['reward', project],
    queryFn: ({ signal }) => api.state({ project }, { signal }),
    refetchInterval: ({ state }) => (state.data ? askAgainMs(state.data) : false),
  })
  return (
    <Page title="Reward">
      {!data ? (
        <Pending error={error} onRetry={refetch} lines={10} what="Reading the reward" />
      ) : data.pairs === 0 ? (
        <Stack gap="xl">
          <Empty title="Nothing learned yet" action={<Go to={`/projects/${project}/tasks`}>See the tasks</Go>}>
            A small model learns from each comparison the moment it is sent: what people prefer, in words. This place
            shows how well it foresees them, and what it makes of a text.
          </Empty>
          <ActiveChoice />
        </Stack>
      ) : (
        <Stack gap="xl">
          <Foreseen state={data} />
          <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
            <Curve points={data.curve} />
            <Calibration of={data.calibration} />
          </SimpleGrid>
          <ActiveChoice />
          <TryIt />
          <Disagreements pairs={data.pairs} />
        </Stack>
      )}
    </Page>
  )
}

const Foreseen = ({ state: { accuracy, logLoss, pairs, ties, repeated, position, at } }: { state: RewardState }) => (
  <section aria-labelledby="foreseen">
    <Title order={2} id="foreseen" mb={4}>
      What it foresees
    </Title>
    <Text className="prose" mb="sm">
      Each pair is predicted before it is learned. {plural(pairs, 'pair')} so far; {plural(ties, 'tie', 'ties')} and{' '}
      {count(repeated)} that somebody had judged before are learned too, but test nothing. It is a signal for sorting
      work, not a judge: read it beside the two rules that need no learning.
    </Text>
    {at && (
      <Text size="sm" c="dimmed" mb="sm">
        Learned up to lesson {count(position)}, <Ago at={at} />.
      </Text>
    )}
    <Table maw="44rem" verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Winner named by</Table.Th>
          <Table.Th scope="col">Right, with 95% interval</Table.Th>
          <Table.Th scope="col">Log-loss</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rules.map(({ key, label }) => {
          const [share, loss] = [accuracy[key], logLoss[key]]
          return (
            <Table.Tr key={key}>
              <Table.Th scope="row" fw={key === 'model' ? 600 : 400}>
                {label}
              </Table.Th>
              <Table.Td>
                {'undefined' in share ? share.undefined : estimate(share, { as: 'percent', digits: 1 })}
              </Table.Td>
              <Table.Td>{'undefined' in loss ? '–' : decimal(loss.value, 3)}</Table.Td>
            </Table.Tr>
          )
        })}
      </Table.Tbody>
    </Table>
    <Text size="sm" c="dimmed" className="prose" mt="xs">
      Log-loss is -ln of the probability that was given to what people said. Less is better, and tossing a coin has{' '}
      {decimal(Math.LN2, 3)}. A rule gives the winner whom it names the share that it was right until then.
    </Text>
  </section>
)

const Curve = ({ points }: { points: readonly CurvePoint[] }) => (
  <LineWithBand
    title="Right so far, as answers come in"
    method={method('preference-online', 'Predicted before learned; Wilson’s interval')}
    xLabel="pairs"
    yLabel="share right so far"
    sayX={(x) => count(Number(x))}
    domain={[0, 1]}
    height={300}
    reference={{ y: 0.5, label: 'a coin' }}
    series={rules.map(({ key, name }) => ({
      name,
      points: points.map(({ pairs, [key]: { value, low, high } }) =>
        // One band is enough to see whether a baseline lies outside.
        key === 'model' ? { x: pairs, y: value, low, high, n: pairs } : { x: pairs, y: value, n: pairs },
      ),
    }))}
  />
)

const Calibration = ({ of }: { of: RewardState['calibration'] }) => (
  <CalibrationCurve
    title="Does what it gives 70% come true in 70 of 100?"
    method={method('evaluation-calibration', 'Reliability in bins of equal size')}
    bins={'bins' in of ? of.bins.map(({ value, ...bin }) => ({ ...bin, observed: value })) : []}
    note={
      'bins' in of
        ? `Off by ${decimal(of.error * 100, 1)} points (root mean square, less what chance adds), newest ${plural(of.n, 'pair')}.`
        : of.undefined
    }
  />
)
