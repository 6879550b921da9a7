/** Where the reward was surest of what people did not say: hard cases, slips, and what it has not understood. */
import { Anchor, Box, Table, Text, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { estimate } from '../../web/numbers.ts'
import { Pending } from '../../web/states.tsx'
import { reward } from './contract.ts'
import classes from './reward.module.css'

const api = clientOf({ reward }).reward

/** `pairs`: how many were learned; with more of them the list is read again. */
export function Disagreements({ pairs }: { pairs: number }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['reward', project, 'disagreements', pairs],
    queryFn: ({ signal }) => api.disagreements({ project, limit: 10 }, { signal }),
    placeholderData: keepPreviousData,
  })
  return (
    <section aria-labelledby="disagreements">
      <Title order={2} id="disagreements" mb={4}>
        Where it disagrees with people
      </Title>
      <Text className="prose" mb="sm">
        What it gave to the response that was preferred, before it learned so. Open a task to see who said what.
      </Text>
      {!data ? (
        <Pending error={error} onRetry={refetch} lines={6} />
      ) : data.rows.length === 0 ? (
        <Text c="dimmed">It was never surer of the other one.</Text>
      ) : (
        <Box className={classes.wide} role="region" aria-label="Disagreements" tabIndex={0}>
          <Table verticalSpacing="xs" miw="46rem">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Task</Table.Th>
                <Table.Th scope="col" ta="right">
                  It gave
                </Table.Th>
                <Table.Th scope="col">People preferred</Table.Th>
                <Table.Th scope="col">to</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.rows.map(({ task, opening, preferred, other, probability, low, high }) => (
                <Table.Tr key={`${task} ${preferred}`}>
                  <Table.Td w="28%">
                    <Anchor component={Go} to={`/projects/${project}/tasks?row=${task}`} lineClamp={3}>
                      {opening || 'Open the task'}
                    </Anchor>
                  </Table.Td>
                  <Table.Td ta="right" className={classes.figure}>
                    {estimate({ value: probability, low, high }, { as: 'percent' })}
                  </Table.Td>
                  <Table.Td>
                    <Text lineClamp={3}>{preferred}</Text>
                  </Table.Td>
                  <Table.Td>
                    <Text lineClamp={3}>{other}</Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Box>
      )}
    </section>
  )
}
