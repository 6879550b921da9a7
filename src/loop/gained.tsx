/** What the newest promotion has gained: how often people preferred the policy in force to the one before, and where both are read. */
import { Text } from '@mantine/core'
import { useProject } from '../web/current.tsx'
import { Go } from '../web/link.tsx'
import { estimate } from '../web/numbers.ts'
import type { Round } from './contract.ts'

export function Gained({ rows }: { rows: readonly Round[] }) {
  const { id: project } = useProject()
  const round = rows.find(({ promoted }) => promoted)
  const evaluation = round?.stations.find(({ station }) => station === 'evaluation')
  if (!round?.promoted || !evaluation?.subject || !evaluation.facts.winRate) return null
  const { winRate, simulated } = evaluation.facts
  return (
    <Text>
      <b>{round.promoted.name}</b> took over in round {round.number}: {simulated ? 'simulated people' : 'people'}{' '}
      preferred its answers to those of {round.policy.name} in {estimate(winRate, { as: 'percent' })}.{' '}
      <Go to={`/projects/${project}/compare-two?of=${evaluation.subject}`}>See both side by side</Go>
    </Text>
  )
}
