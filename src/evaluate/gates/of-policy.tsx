/** On the pages of a model and a policy: whether it is in force, and what its gates said when it was promoted. */
import { Badge, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { Problem } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { gates } from './contract.ts'
import { verdictsOf } from './say.ts'

const api = clientOf({ gates }).gates

export function Promoted({ policy }: { policy: string }) {
  const { id: project, can } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['gates', project, 'of-policy', policy],
    queryFn: ({ signal }) => api.promotions({ project, policy, limit: 1 }, { signal }),
    enabled: can('quality.read'),
  })
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />
  const newest = data?.rows[0]
  if (!newest) return null
  const { inForce, override, headToHead, at } = newest
  return (
    <Group gap="xs" role="group" aria-label="Promotion">
      {inForce && <Badge color={override ? 'yellow' : 'green'}>in force</Badge>}
      <Text component="span">
        Promoted <Ago at={at} />
        {inForce ? '' : ', in force no more'}: {override ? `against its gates: ${override}` : verdictsOf(newest)}
      </Text>
      <Go to={`/projects/${project}/gates${headToHead ? `?of=${headToHead}` : ''}`}>Gates</Go>
      {headToHead && <Go to={`/projects/${project}/compare-two?of=${headToHead}`}>Comparison</Go>}
    </Group>
  )
}
