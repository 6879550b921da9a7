/** Gates: what a candidate must show, what it has shown, and which policies were promoted by it, or in spite of it. */
import { Stack } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { Page } from '../../web/shell.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { Choice } from '../head-to-head/choice.tsx'
import { Acts } from './acts.tsx'
import { Checks } from './checks.tsx'
import { gates } from './contract.ts'
import { Promotions } from './promotions.tsx'
import { Thresholds } from './thresholds.tsx'

const api = clientOf({ gates }).gates

const askAgainMs = 5000

export function Screen() {
  const { id: project, can } = useProject()
  const [{ of: wanted }] = useAddress()
  const { data, error, refetch } = useQuery({
    queryKey: ['gates', project, 'of', wanted],
    queryFn: ({ signal }) => api.show({ project, headToHead: wanted }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      ['sampling', 'judging'].includes(state.data?.headToHead?.state ?? '') ? askAgainMs : false,
  })
  return (
    <Page title="Gates" actions={can('project.write') && <Thresholds gates={data?.gates ?? []} />}>
      {!data ? (
        <Pending error={error} onRetry={refetch} lines={10} what="Reading the gates" />
      ) : (
        <Stack gap="xl">
          {data.headToHead ? (
            <>
              <Choice label="Candidate" shown={data.headToHead}>
                <Go to={`/projects/${project}/compare-two?of=${data.headToHead.id}`}>See the comparison</Go>
              </Choice>
              {/* What was written against these gates must not promote the next candidate. */}
              <Acts key={data.headToHead.id} shown={data} />
              <Checks gates={data.gates} />
            </>
          ) : (
            <Empty
              title="Nothing has been measured yet"
              action={<Go to={`/projects/${project}/compare-two?new=1`}>Compare two policies</Go>}
            >
              No model is promoted on reward alone. A candidate is set against the policy in force; what people prefer,
              how far it has moved, how long its answers are, and what its reward says of junk then decide here.
            </Empty>
          )}
          <Promotions />
        </Stack>
      )}
    </Page>
  )
}
