/** The browsers in which one is signed in, each of which can be signed out at once. */
import { Button, Group, Stack, Table, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { notify } from '../../web/notices.tsx'
import { plural } from '../../web/numbers.ts'
import { Pending, Problem } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { browserName } from './browser-name.ts'
import { api } from './me.ts'

export function Sessions() {
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery({ queryKey: ['sessions'], queryFn: () => api.sessions.list() })
  const settle = () => queries.invalidateQueries({ queryKey: ['sessions'] })
  const end = useMutation({ mutationFn: (session: string) => api.sessions.end({ session }), onSuccess: settle })
  const endOthers = useMutation({
    mutationFn: () => api.sessions.endOthers(),
    onSuccess: ({ ended }) => {
      notify({ text: `${plural(ended, 'session')} ended.` })
      return settle()
    },
  })
  if (!data) return <Pending error={error} onRetry={refetch} />
  const fault = end.error ?? endOthers.error
  return (
    <Stack gap="sm" align="flex-start">
      <WideTable minWidth={420}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Browser</Table.Th>
            <Table.Th scope="col">Address</Table.Th>
            <Table.Th scope="col">Since</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.rows.map(({ id, current, userAgent, ipAddress, createdAt }) => (
            <Table.Tr key={id}>
              <Table.Td title={userAgent ?? undefined}>{browserName(userAgent)}</Table.Td>
              <Table.Td>{ipAddress || 'unknown'}</Table.Td>
              <Table.Td>
                <Ago at={createdAt} />
              </Table.Td>
              <Table.Td ta="right">
                {current ? (
                  <Text size="sm" c="dimmed">
                    this one
                  </Text>
                ) : (
                  <Button size="compact-sm" variant="default" onClick={() => end.mutate(id)}>
                    Sign out
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {fault && <Problem error={fault} />}
      {data.rows.length > 1 && (
        <Group>
          <Button variant="default" loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
            Sign out everywhere else
          </Button>
        </Group>
      )}
    </Stack>
  )
}
