/** Which head to head a page shows: the one of its address, else the newest. */
import { Badge, Group, Select, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Simulated } from '../../assure/quality/shown.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Ago, relative } from '../../web/time.tsx'
import { PolicyName } from '../policy-name.tsx'
import { type Brief, type HeadToHead, headToHeads } from './contract.ts'

const api = clientOf({ headToHeads }).headToHeads

/** Told at once when its state changes; judgements that come in are seen by asking. */
const askAgainMs = 2500
const isOpen = ({ state }: HeadToHead) => state === 'sampling' || state === 'judging'

const useNewest = (project: string) =>
  useQuery({
    queryKey: ['head-to-head', project, 'newest'],
    queryFn: ({ signal }) => api.list({ project }, { signal }),
  })

/** The result of the one of the address, else of the newest. */
export function useHeadToHead(project: string, wanted: string | undefined) {
  const newest = useNewest(project)
  const id = wanted ?? newest.data?.rows[0]?.id
  const one = useQuery({
    queryKey: ['head-to-head', project, 'one', id],
    queryFn: ({ signal }) => api.show({ project, headToHead: id! }, { signal }),
    enabled: id !== undefined,
    refetchInterval: ({ state: { data } }) => (data && isOpen(data) ? askAgainMs : false),
  })
  return {
    shown: one.data,
    isNone: newest.data !== undefined && id === undefined,
    error: newest.error ?? one.error,
    retry: () => void (newest.error ? newest : one).refetch(),
  }
}

const labelOf = ({ candidate, baseline, createdAt }: Brief) =>
  `${candidate.name} against ${baseline.name}, ${relative(new Date(createdAt), new Date())}`

/** `children`: ways from here to other pages. */
export function Choice({ label, shown, children }: { label: string; shown: Brief; children?: ReactNode }) {
  const { id: project } = useProject()
  const [, setAddress] = useAddress()
  const rows = useNewest(project).data?.rows ?? []
  const all = rows.some(({ id }) => id === shown.id) ? rows : [shown, ...rows]
  return (
    <Group gap="md" align="flex-end">
      <Select
        label={label}
        allowDeselect={false}
        searchable={all.length > 8}
        miw="min(30rem, 100%)"
        data={all.map((row) => ({ value: row.id, label: labelOf(row) }))}
        value={shown.id}
        onChange={(of) => of && setAddress({ of, who: undefined, disagree: undefined })}
      />
      <Group gap="xs" pb={6}>
        <Text size="sm">
          <PolicyName of={shown.candidate} /> against <PolicyName of={shown.baseline} />
        </Text>
        {children}
      </Group>
    </Group>
  )
}

const colours = { sampling: 'petrol', judging: 'petrol', done: 'green', failed: 'red' } as const

export const Standing = ({ of }: { of: HeadToHead }) => (
  <>
    <Badge color={colours[of.state]}>{of.state}</Badge>
    {of.human.simulated && <Simulated />}
    <Text size="sm" c="dimmed">
      begun <Ago at={of.createdAt} />
    </Text>
  </>
)
