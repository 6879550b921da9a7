/** Gates: what a candidate must show, what it has shown, and which policies were promoted by it, or in spite of it. */
import { Anchor, Group, Select, Stack } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { Page } from '../../web/shell.tsx'
import { Empty, Loading, Problem } from '../../web/states.tsx'
import { relative } from '../../web/time.tsx'
import { headToHeads } from '../head-to-head/contract.ts'
import { Acts } from './acts.tsx'
import { Checks } from './checks.tsx'
import { gates } from './contract.ts'
import { Promotions } from './promotions.tsx'
import { Thresholds } from './thresholds.tsx'

const api = clientOf({ gates, headToHeads })

const askAgainMs = 5000

export function Screen() {
  const { id: project, can } = useProject()
  const [{ of: wanted }] = useAddress()
  const { data, error, refetch } = useQuery({
    queryKey: ['gates', project, 'of', wanted],
    queryFn: ({ signal }) => api.gates.show({ project, headToHead: wanted }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      ['sampling', 'judging'].includes(state.data?.headToHead?.state ?? '') ? askAgainMs : false,
  })
  return (
    <Page title="Gates" actions={can('project.write') && <Thresholds />}>
      {error && !data ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Loading lines={10} what="Reading the gates" />
      ) : (
        <Stack gap="xl">
          {data.headToHead ? (
            <>
              <Choice shown={data.headToHead} />
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
          <Promotions current={data.current} />
        </Stack>
      )}
    </Page>
  )
}

/** Which head to head: the candidate of each is what would be promoted. */
function Choice({ shown }: { shown: { id: string; candidate: { name: string }; baseline: { name: string } } }) {
  const { id: project } = useProject()
  const [, setAddress] = useAddress()
  const { data } = useQuery({
    queryKey: ['head-to-head', project, 'newest'],
    queryFn: ({ signal }) => api.headToHeads.list({ project }, { signal }),
  })
  const rows = data?.rows ?? []
  const options = rows.map(({ id, candidate, baseline, createdAt }) => ({
    value: id,
    label: `${candidate.name} against ${baseline.name}, ${relative(new Date(createdAt), new Date())}`,
  }))
  const known = options.some(({ value }) => value === shown.id)
  return (
    <Group gap="md" align="flex-end">
      <Select
        label="Candidate"
        allowDeselect={false}
        miw="min(30rem, 100%)"
        data={
          known
            ? options
            : [{ value: shown.id, label: `${shown.candidate.name} against ${shown.baseline.name}` }, ...options]
        }
        value={shown.id}
        onChange={(of) => of && setAddress({ of })}
      />
      <Anchor component={Go} pb={6} to={`/projects/${project}/compare-two?of=${shown.id}`}>
        See the comparison
      </Anchor>
    </Group>
  )
}
