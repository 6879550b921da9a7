/** Which policy is in force, and those before it, with what their gates said when they were promoted. */
import { Badge, Button, Group, Table, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { Pending } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { PolicyName } from '../policy-name.tsx'
import { gates } from './contract.ts'
import { verdictsOf } from './say.ts'

const api = clientOf({ gates }).gates

export function Promotions() {
  const { id: project } = useProject()
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['gates', project, 'promotions'],
    queryFn: ({ pageParam, signal }) =>
      api.promotions({ project, limit: 20, after: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
  const rows = data?.pages.flatMap((page) => page.rows)
  return (
    <section aria-labelledby="promotions">
      <Title order={2} id="promotions" mb="sm">
        Promotions
      </Title>
      {!rows ? (
        <Pending error={error} onRetry={refetch} lines={3} />
      ) : rows.length === 0 ? (
        <Text c="dimmed">No policy has been promoted yet.</Text>
      ) : (
        <WideTable
          minWidth={640}
          verticalSpacing="xs"
          head={['Policy', 'When', 'By', 'Gates', 'Against them, because']}
        >
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.id}>
                <Table.Td fw={600}>
                  <Group gap="xs">
                    <PolicyName of={row.policy} />
                    {row.inForce && <Badge color="green">in force</Badge>}
                  </Group>
                </Table.Td>
                <Table.Td>
                  <Ago at={row.at} />
                </Table.Td>
                <Table.Td>{row.by ?? 'a round'}</Table.Td>
                <Table.Td>
                  {row.headToHead ? (
                    <Go to={`/projects/${project}/compare-two?of=${row.headToHead}`}>{verdictsOf(row)}</Go>
                  ) : (
                    verdictsOf(row)
                  )}
                </Table.Td>
                <Table.Td maw="24rem">{row.override}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      {hasNextPage && (
        <Button variant="default" mt="sm" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </section>
  )
}
