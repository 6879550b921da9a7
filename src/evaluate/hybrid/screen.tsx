/** Hybrid: people, the reward and a rule on one axis, what they come to together, and where the judge is not to be trusted. */
import { Stack, Table, Text, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useAddress } from '../../web/address.ts'
import { IntervalDots } from '../../web/charts/interval-dots.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { By, method } from '../../web/methods/method.tsx'
import { count, decimal, plural } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { Choice, Standing, useHeadToHead } from '../head-to-head/choice.tsx'
import type { HeadToHead } from '../head-to-head/contract.ts'
import { Pairs } from '../head-to-head/pairs.tsx'
import { knownText } from '../head-to-head/result.tsx'
import { type Hybrid, hybrids, type Judge } from './contract.ts'

const api = clientOf({ hybrids }).hybrids

export function Screen() {
  const { id: project } = useProject()
  const [{ of: wanted }] = useAddress()
  const { shown, isNone, error, retry } = useHeadToHead(project, wanted)
  return (
    <Page title="Hybrid">
      {shown ? (
        <Stack gap="xl">
          <Choice label="Comparison" shown={shown}>
            <Standing of={shown} />
            <Go to={`/projects/${project}/compare-two?of=${shown.id}`}>Compare two</Go>
          </Choice>
          <Together shown={shown} />
          {shown.byReward && <Pairs key={shown.id} shown={shown} apart />}
        </Stack>
      ) : !isNone ? (
        <Pending error={error} onRetry={retry} lines={10} what="Reading the comparisons" />
      ) : (
        <Empty
          title="No two policies were set against each other yet"
          action={<Go to={`/projects/${project}/compare-two?new=1`}>Compare two policies</Go>}
        >
          People judge some pairs of answers, a reward scores them all. This place shows what both come to together, as
          sure as if people had judged more, and how often the reward names the winner of people.
        </Empty>
      )}
    </Page>
  )
}

function Together({ shown }: { shown: HeadToHead }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    // With each judgement it is another.
    queryKey: ['head-to-head', project, shown.id, 'hybrid', shown.state, shown.human.judgements],
    queryFn: ({ signal }) => api.show({ project, headToHead: shown.id }, { signal }),
    placeholderData: keepPreviousData,
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={8} what="Putting people and judges together" />
  return (
    <>
      <Axis data={data} names={shown} />
      <Judges data={data} />
    </>
  )
}

/** Short, for they stand beside the axis. */
const short = { reward: 'Reward', longer: 'Longer answer' } as const

function Axis({ data: { people, judges, pairs, judged }, names }: { data: Hybrid; names: HeadToHead }) {
  const lines = [
    { label: 'People', known: people },
    ...judges.flatMap(({ judge, alone, together }) => [
      { label: short[judge], known: alone },
      { label: `People + ${short[judge].toLowerCase()}`, known: together },
    ]),
  ]
  const rows = lines.flatMap(({ label, known }) => ('undefined' in known ? [] : [{ label, ...known }]))
  const missing = lines.flatMap(({ label, known }) => ('undefined' in known ? [`${label}: ${known.undefined}.`] : []))
  return (
    <section aria-labelledby="axis">
      <Title order={2} id="axis" mb="sm">
        On one axis
      </Title>
      <Text className="prose" mb="sm">
        People have judged {count(judged)} of {plural(pairs, 'pair')} whose answers differ
        {judged === pairs && pairs > 0 ? ': nothing is left for a judge to add' : ''}. A judge’s own line is its opinion
        of all of them; with people it only fills in what they have not judged, corrected by where it errs.
      </Text>
      {rows.length > 0 && (
        <IntervalDots
          title={`Share won by ${names.candidate.name} against ${names.baseline.name}`}
          method={method('evaluation-ppi', 'Prediction-powered inference')}
          unit="share won, a tie as half"
          as="percent"
          reference={0.5}
          domain={[0, 1]}
          rows={rows}
        />
      )}
      {missing.map((line) => (
        <Text size="sm" c="dimmed" key={line}>
          {line}
        </Text>
      ))}
    </section>
  )
}

const savedText = ({ saved, together }: Judge) =>
  saved === null || 'undefined' in together ? '–' : plural(saved, 'pair')

function Judges({ data: { judges } }: { data: Hybrid }) {
  return (
    <section aria-labelledby="judges">
      <Title order={2} id="judges" mb="sm">
        How good a judge each is
      </Title>
      <WideTable
        minWidth={760}
        verticalSpacing="xs"
        head={[
          'Judge',
          'Names the winner of people',
          'where the candidate won',
          'where the baseline won',
          'Weight beside people',
          'Judgements saved',
        ]}
      >
        <Table.Tbody>
          {judges.map((one) => (
            <Table.Tr key={one.judge}>
              <Table.Th scope="row" fw={600}>
                {one.name}
              </Table.Th>
              <Table.Td>{knownText(one.accuracy, 'percent')}</Table.Td>
              <Table.Td>{knownText(one.candidateFound, 'percent')}</Table.Td>
              <Table.Td>{knownText(one.baselineFound, 'percent')}</Table.Td>
              <Table.Td>{decimal(one.weight)}</Table.Td>
              <Table.Td>{savedText(one)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      <Text size="sm" c="dimmed" className="prose" mt="xs">
        How often it names the winner is known of the pairs that people decided (
        <By page="evaluation-judge" name="shares with Wilson’s interval" />
        ); equal scores name nobody. A judge that helps little weighs little, down to nothing, and the estimate is then
        that of people alone. Saved are the pairs that people would have had to judge besides to be as sure without it.
      </Text>
    </section>
  )
}
