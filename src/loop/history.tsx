/** Rounds as rows: what each came to against the one before, and what it took. */
import { Table, Text, Title } from '@mantine/core'
import { useProject } from '../web/current.tsx'
import { Go } from '../web/link.tsx'
import { decimal, duration, estimate } from '../web/numbers.ts'
import { Ago } from '../web/time.tsx'
import type { Facts, Round, Station } from './contract.ts'
import { type StationName, titles } from './rules.ts'

const stationOf = (round: Round, name: StationName): Station => round.stations.find(({ station }) => station === name)!
const factsOf = (round: Round, name: StationName): Facts => stationOf(round, name).facts

const outcome = (round: Round): string => {
  if (round.state === 'closed') return `ended at ${titles[round.at].toLowerCase()}`
  if (round.state === 'failed') return `failed at ${titles[round.at].toLowerCase()}`
  return round.state === 'open' ? `at ${titles[round.at].toLowerCase()}` : round.promoted ? 'promoted' : 'not promoted'
}

function Row({ round }: { round: Round }) {
  const { id: project } = useProject()
  const { subject } = stationOf(round, 'evaluation')
  const { winRate, kl } = factsOf(round, 'evaluation')
  const { cost } = factsOf(round, 'samples')
  const { activeMs, simulated } = factsOf(round, 'judgements')
  const model = factsOf(round, 'policy').name
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={600}>
        <Go to={`/projects/${project}/loop?round=${round.id}`}>{round.number}</Go>
      </Table.Th>
      <Table.Td>{outcome(round)}</Table.Td>
      <Table.Td>
        {round.policy.name}
        {model && (
          <>
            {' → '}
            <Go to={`/projects/${project}/lineage?checkpoint=${encodeURIComponent(model)}`}>{model}</Go>
          </>
        )}
      </Table.Td>
      <Table.Td>
        {winRate && subject ? (
          <Go to={`/projects/${project}/compare-two?of=${subject}`}>{estimate(winRate, { as: 'percent' })}</Go>
        ) : (
          '–'
        )}
      </Table.Td>
      <Table.Td>{decimal(kl, 3)}</Table.Td>
      <Table.Td>{cost == null ? '–' : decimal(cost)}</Table.Td>
      <Table.Td>
        {duration(activeMs)}
        {simulated && (
          <Text span size="sm" c="dimmed">
            {' '}
            simulated
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Ago at={round.createdAt} />
      </Table.Td>
    </Table.Tr>
  )
}

const columns = ['Round', 'State', 'Policy', 'Wins over the one before', 'KL', 'Cost', 'Hours of people', 'Begun']

export const History = ({ rows }: { rows: readonly Round[] }) => (
  <section aria-labelledby="rounds">
    <Title order={2} id="rounds" mb="sm">
      Rounds
    </Title>
    <Table.ScrollContainer minWidth={760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column} scope="col">
                {column}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((round) => (
            <Row key={round.id} round={round} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  </section>
)
