/** One task: what was shown, what everybody said of it, who had it in hand. */
import { Badge, Button, Group, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Suspense, useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { RawSwitch } from '../../web/markdown.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { count, plural } from '../../web/numbers.ts'
import { Pending } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { Conversation, Responses } from '../prompts/conversation.tsx'
import { tasks } from './contract.ts'
import { FlagsOfTask } from './flags-of-task.tsx'
import { TaskState } from './list-screen.tsx'
import { useTaskChange } from './picked-tasks.tsx'
import { SaidOfTask } from './said-of-task.tsx'
import { useTaskSlots } from './slots.tsx'

const api = clientOf({ tasks }).tasks

export type ShownTask = Awaited<ReturnType<typeof api.show>>

export const ordinal = ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth'] as const

export function OneTask({ task }: { task: string }) {
  const { id: project, can } = useProject()
  const [raw, setRaw] = useState(false)
  const { ofTask = [] } = useTaskSlots()
  const { data, error, refetch } = useQuery({
    queryKey: ['tasks', project, 'one', task],
    queryFn: ({ signal }) => api.show({ project, task }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={10} />
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Group gap="sm">
          <TaskState state={data.state} />
          <Text size="sm" c="dimmed">
            {data.purpose}, {count(data.answered)} of {plural(data.overlap, 'answer')}, template {data.template}
          </Text>
        </Group>
        <RawSwitch raw={raw} onChange={setRaw} label="Texts" />
      </Group>
      <FlagsOfTask flags={data.flags} />
      {can('task.write') && <Change key={data.priority} task={data} />}
      <Conversation turns={data.conversation} raw={raw} />
      {data.targets.length > 0 && (
        <Responses
          raw={raw}
          responses={data.targets.map(({ id, text, author, authorName }, place) => ({
            key: id,
            title: `${ordinal[place] ?? place + 1}: ${authorName ?? (author === 'import' ? 'imported' : `by a ${author}`)}`,
            text,
          }))}
        />
      )}
      <Suspense fallback={null}>
        {ofTask.map((OfTask, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they never change their places.
          <OfTask key={place} task={data} />
        ))}
      </Suspense>
      <SaidOfTask task={data} />
      <Assignments assignments={data.assignments} />
    </Stack>
  )
}

function Change({ task: { id, priority, state } }: { task: ShownTask }) {
  const [wanted, setWanted] = useState(priority)
  const change = useTaskChange()
  const away = state === 'withdrawn'
  return (
    <Group align="flex-end" gap="sm">
      <NumberField
        label="Priority"
        description="Lower comes first"
        w="8rem"
        min={-1000}
        max={1000}
        value={wanted}
        onChange={setWanted}
      />
      <Button
        variant="default"
        disabled={wanted === priority}
        onClick={() => change.mutate({ tasks: [id], priority: wanted })}
      >
        Set it
      </Button>
      <Button variant="default" onClick={() => change.mutate({ tasks: [id], withdrawn: !away })}>
        {away ? 'Restore the task' : 'Withdraw the task'}
      </Button>
    </Group>
  )
}

function Assignments({ assignments }: { assignments: ShownTask['assignments'] }) {
  return (
    <section aria-labelledby="assignments">
      <Title order={3} id="assignments" mb="xs">
        Who had it
      </Title>
      {assignments.length === 0 ? (
        <Text c="dimmed">Nobody yet.</Text>
      ) : (
        <WideTable minWidth={420} verticalSpacing={4} head={['Person', 'State', 'Since', 'Said']}>
          <Table.Tbody>
            {assignments.map(({ id, person, state, claimedAt, skipReason }) => (
              <Table.Tr key={id}>
                <Table.Td>
                  <Person {...person} />
                </Table.Td>
                <Table.Td>{state.replaceAll('-', ' ')}</Table.Td>
                <Table.Td>
                  <Ago at={claimedAt} />
                </Table.Td>
                <Table.Td>{skipReason && <Text>Skipped: {skipReason}</Text>}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </section>
  )
}

/** A name, marked where nobody stands behind it. */
export const Person = ({ name, simulated }: { name: string; simulated: boolean }) => (
  <Group gap={6} wrap="nowrap">
    {name}
    {simulated && <Badge color="yellow">simulated</Badge>}
  </Group>
)
