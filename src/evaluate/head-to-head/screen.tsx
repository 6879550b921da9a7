/** Compare two: which of two policies people prefer, what the reward says of it, and the answers beside each other. */
import { Badge, Button, Group, Modal, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Simulated } from '../../assure/quality/shown.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { Page } from '../../web/shell.tsx'
import { Empty, Loading, Problem } from '../../web/states.tsx'
import { Ago, relative } from '../../web/time.tsx'
import { type Brief, type HeadToHead, headToHeads } from './contract.ts'
import { Pairs } from './pairs.tsx'
import { Result, UnderWay } from './result.tsx'
import { StartForm } from './start-form.tsx'

const api = clientOf({ headToHeads }).headToHeads

/** Told at once when its state changes; judgements that come in are seen by asking. */
const askAgainMs = 2500
const isOpen = ({ state }: HeadToHead) => state === 'sampling' || state === 'judging'

/** The newest ones, and the result of the one of the address, else of the newest. */
function useHeadToHeads(project: string, wanted: string | undefined) {
  const newest = useQuery({
    queryKey: ['head-to-head', project, 'newest'],
    queryFn: ({ signal }) => api.list({ project }, { signal }),
  })
  const id = wanted ?? newest.data?.rows[0]?.id
  const one = useQuery({
    queryKey: ['head-to-head', project, 'one', id],
    queryFn: ({ signal }) => api.show({ project, headToHead: id! }, { signal }),
    enabled: id !== undefined,
    refetchInterval: ({ state: { data } }) => (data && isOpen(data) ? askAgainMs : false),
  })
  return {
    rows: newest.data?.rows,
    shown: one.data,
    isNone: newest.data !== undefined && id === undefined,
    error: newest.error ?? one.error,
    retry: () => void (newest.error ? newest : one).refetch(),
  }
}

export function Screen() {
  const { id: project, can } = useProject()
  const [{ of: wanted, new: isNew }, setAddress] = useAddress()
  const { rows, shown, isNone, error, retry } = useHeadToHeads(project, wanted)
  const writes = can('task.write')
  const begin = writes && <Button onClick={() => setAddress({ new: '1' })}>Compare two policies</Button>
  const close = () => setAddress({ new: undefined, candidate: undefined, baseline: undefined })
  return (
    <Page title="Compare two" actions={rows && rows.length > 0 && begin}>
      {error ? (
        <Problem error={error} onRetry={retry} />
      ) : !isNone && !(rows && shown) ? (
        <Loading lines={10} what="Reading the comparisons" />
      ) : rows && shown ? (
        <Stack gap="xl">
          <Choice rows={rows} shown={shown} />
          <UnderWay shown={shown} />
          {shown.state !== 'sampling' && shown.state !== 'failed' && <Result shown={shown} />}
          <Pairs key={shown.id} shown={shown} />
        </Stack>
      ) : (
        <Empty title="No two policies were set against each other yet" action={begin}>
          Two policies answer the same prompts. People then say blind which answer is better, the reward gives its own
          opinion, and lengths and distance stand beside it. The result decides at the gates whether the candidate takes
          the baseline’s place.
        </Empty>
      )}
      <Modal opened={isNew !== undefined && writes} onClose={close} title="Compare two policies" size="lg">
        <StartForm
          onStarted={(id) => setAddress({ new: undefined, of: id, candidate: undefined, baseline: undefined })}
        />
      </Modal>
    </Page>
  )
}

const colours = { sampling: 'petrol', judging: 'petrol', done: 'green', failed: 'red' } as const

const labelOf = ({ candidate, baseline, createdAt }: Brief) =>
  `${candidate.name} against ${baseline.name}, ${relative(new Date(createdAt), new Date())}`

function Choice({ rows, shown }: { rows: readonly Brief[]; shown: HeadToHead }) {
  const { id: project } = useProject()
  const [, setAddress] = useAddress()
  const all = rows.some(({ id }) => id === shown.id) ? rows : [shown, ...rows]
  return (
    <Group gap="md" align="flex-end">
      <Select
        label="Comparison"
        allowDeselect={false}
        searchable={all.length > 8}
        miw="min(30rem, 100%)"
        data={all.map((row) => ({ value: row.id, label: labelOf(row) }))}
        value={shown.id}
        onChange={(of) => of && setAddress({ of, who: undefined, disagree: undefined })}
      />
      <Group gap="xs" pb={6}>
        <Badge color={colours[shown.state]}>{shown.state}</Badge>
        {shown.human.simulated && <Simulated />}
        <Text size="sm" c="dimmed">
          begun <Ago at={shown.createdAt} />
        </Text>
        <Go to={`/projects/${project}/gates?of=${shown.id}`}>Gates</Go>
      </Group>
    </Group>
  )
}
