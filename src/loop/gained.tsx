/** What was gained: how often people preferred the policy in force to the one before, and answers of then and now side by side. */
import { Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type Brief, headToHeads } from '../evaluate/head-to-head/contract.ts'
import { PairOfAnswers } from '../evaluate/head-to-head/pairs.tsx'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import { Go } from '../web/link.tsx'
import { estimate } from '../web/numbers.ts'
import { Pending } from '../web/states.tsx'
import type { Round } from './contract.ts'

const api = clientOf({ headToHeads }).headToHeads

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

/** Of those of the policy in force the newest against the oldest policy: ids grow with time. It is the longest way that anybody has judged. */
export function longestWay(found: readonly Brief[], inForce: string): Brief | undefined {
  const own = found.filter(({ candidate, state }) => candidate.id === inForce && state === 'done')
  const oldest = own.map(({ baseline }) => baseline.id).sort()[0]
  return own.find(({ baseline }) => baseline.id === oldest)
}

/** A few pairs of the policy in force and where it came from. */
export function BeforeAndAfter({ rows }: { rows: readonly Round[] }) {
  const { can } = useProject()
  const inForce = rows.find(({ promoted }) => promoted)?.promoted
  return inForce && can('quality.read') ? <FewPairs inForce={inForce.id} /> : null
}

function FewPairs({ inForce }: { inForce: string }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['head-to-head', project, 'before and after', inForce],
    queryFn: async ({ signal }) => {
      const of = longestWay((await api.list({ project, limit: 200 }, { signal })).rows, inForce)
      const pairs = of ? (await api.pairs({ project, headToHead: of.id, limit: 3 }, { signal })).rows : []
      return { of, pairs }
    },
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={6} />
  const { of, pairs } = data
  if (!of || !pairs.length) return null
  const names = { candidate: of.candidate.name, baseline: of.baseline.name }
  return (
    <section aria-labelledby="before-and-after">
      <Title order={2} id="before-and-after">
        Before and after
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        The same prompts, answered by {names.candidate} and by {names.baseline}; where people and reward disagree first.
      </Text>
      <Stack gap="lg" mb="sm">
        {pairs.map((pair) => (
          <PairOfAnswers key={pair.prompt} pair={pair} names={names} marked={false} />
        ))}
      </Stack>
      <Go to={`/projects/${project}/compare-two?of=${of.id}`}>All pairs of this comparison</Go>
    </section>
  )
}
