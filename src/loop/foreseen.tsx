/** What a plan comes to, said before anybody works for it: how many comparisons, and what they can tell. */
import { Alert, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import { Problem } from '../web/states.tsx'
import { roundsKey } from './acts.tsx'
import { type Plan, rounds } from './contract.ts'
import { sayForesight } from './say.ts'

const api = clientOf({ rounds }).rounds

/** Nothing is asked while somebody types. */
const quietMs = 400

export function Foreseen({ plan }: { plan: Plan }) {
  const { id: project } = useProject()
  const { prompts, dataset, evaluation } = plan
  const [asked] = useDebouncedValue(JSON.stringify({ prompts, dataset, evaluation }), quietMs)
  const { data, error, refetch } = useQuery({
    queryKey: [...roundsKey(project), 'foresee', asked],
    queryFn: ({ signal }) => api.foresee({ project, plan: { policy: plan.policy, ...JSON.parse(asked) } }, { signal }),
    placeholderData: keepPreviousData,
  })
  if (!data) return error ? <Problem error={error} onRetry={() => void refetch()} /> : null
  const { what, warning } = sayForesight(data, plan)
  return (
    <>
      <Text size="sm" role="status">
        {what}
      </Text>
      {warning && (
        <Alert color="yellow" p="xs">
          {warning}
        </Alert>
      )}
    </>
  )
}
