/** Rounds as rows: what each came to against the one before, and what it took. */
import { Text, Title } from '@mantine/core'
import { useAddress } from '../web/address.ts'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import { Go } from '../web/link.tsx'
import { decimal, duration, estimate } from '../web/numbers.ts'
import { type Column, Table } from '../web/table.tsx'
import { Ago } from '../web/time.tsx'
import { roundsKey } from './acts.tsx'
import { type Facts, type Round, rounds, type Station } from './contract.ts'
import { type StationName, titles } from './rules.ts'

const api = clientOf({ rounds }).rounds

const stationOf = (round: Round, name: StationName): Station => round.stations.find(({ station }) => station === name)!
const factsOf = (round: Round, name: StationName): Facts => stationOf(round, name).facts

const outcome = (round: Round): string => {
  if (round.state === 'closed') return `ended at ${titles[round.at].toLowerCase()}`
  if (round.state === 'failed') return `failed at ${titles[round.at].toLowerCase()}`
  return round.state === 'open' ? `at ${titles[round.at].toLowerCase()}` : round.promoted ? 'promoted' : 'not promoted'
}

/** Of what is known at two stations; undefined where it is at neither. */
function sum(round: Round, stations: readonly StationName[], of: 'cost' | 'activeMs'): number | undefined {
  const known = stations.flatMap((name) => factsOf(round, name)[of] ?? [])
  return known.length ? known.reduce((a, b) => a + b) : undefined
}
/** Of drawing answers, to learn from and to evaluate on. */
const costOf = (round: Round) => sum(round, ['samples', 'evaluation'], 'cost')
const workOf = (round: Round) => sum(round, ['judgements', 'evaluation'], 'activeMs')

const columnsIn = (project: string): Column<Round>[] => [
  {
    key: 'number',
    header: 'Round',
    cell: ({ id, number }) => <Go to={`/projects/${project}/loop?round=${id}`}>{number}</Go>,
    text: ({ number }) => number,
    width: '4rem',
  },
  { key: 'state', header: 'State', cell: outcome, text: outcome },
  {
    key: 'policy',
    header: 'Policy',
    text: (round) => [round.policy.name, factsOf(round, 'policy').name].filter(Boolean).join(' → '),
    cell: (round) => {
      const model = factsOf(round, 'policy').name
      return (
        <>
          {round.policy.name}
          {model && (
            <>
              {' → '}
              <Go to={`/projects/${project}/lineage?checkpoint=${encodeURIComponent(model)}`}>{model}</Go>
            </>
          )}
        </>
      )
    },
  },
  {
    key: 'winRate',
    header: 'Wins over the one before',
    text: (round) => factsOf(round, 'evaluation').winRate?.value,
    cell: (round) => {
      const { subject, facts } = stationOf(round, 'evaluation')
      if (!facts.winRate || !subject) return '–'
      return <Go to={`/projects/${project}/compare-two?of=${subject}`}>{estimate(facts.winRate, { as: 'percent' })}</Go>
    },
    width: '12rem',
  },
  {
    key: 'kl',
    header: 'KL',
    text: (round) => factsOf(round, 'evaluation').kl,
    cell: (round) => decimal(factsOf(round, 'evaluation').kl, 3),
    numeric: true,
  },
  { key: 'cost', header: 'Cost', text: costOf, cell: (round) => decimal(costOf(round)), numeric: true },
  {
    key: 'activeMs',
    header: 'Hours of people',
    text: (round) => (workOf(round) ?? 0) / 3_600_000,
    cell: (round) => (
      <>
        {duration(workOf(round))}
        {factsOf(round, 'judgements').simulated && (
          <Text span size="sm" c="dimmed">
            {' '}
            simulated
          </Text>
        )}
      </>
    ),
  },
  {
    key: 'createdAt',
    header: 'Begun',
    cell: ({ createdAt }) => <Ago at={createdAt} />,
    width: '7rem',
  },
]

/** @param newest the round in progress: with each station that it reaches the rows are asked for again */
export function History({ newest: { id, state, at } }: { newest: Round }) {
  const { id: project } = useProject()
  const [, setAddress] = useAddress()
  return (
    <section aria-labelledby="rounds">
      <Title order={2} id="rounds" mb="sm">
        Rounds
      </Title>
      <Table<Round>
        name="rounds"
        label="Rounds"
        prefix="rounds-"
        queryKey={[...roundsKey(project), 'table', id, state, at]}
        load={({ cursor, limit, signal }) => api.list({ project, after: cursor, limit }, { signal })}
        columns={columnsIn(project)}
        rowKey={({ id }) => id}
        onOpen={({ id }) => setAddress({ round: id })}
        limit={20}
      />
    </section>
  )
}
