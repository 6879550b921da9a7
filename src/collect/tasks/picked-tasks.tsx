/** What can be done with several tasks at once: those picked one by one, or all that the filters let through. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { notify, notifyProblem } from '../../web/notices.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { plural } from '../../web/numbers.ts'
import type { Selection } from '../../web/selection.tsx'
import { type TaskRow, tasks } from './contract.ts'

const api = clientOf({ tasks }).tasks

type Filters = Readonly<Record<string, string>>
type Change = { priority: number } | { withdrawn: boolean }
type Which = { tasks: string[] } | { matching: Filters }

/** Re-prioritises, withdraws or restores, and shows the outcome in every list. */
export function useTaskChange(onDone?: () => void) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: Which & Change) => api.change({ project, ...change }),
    onSuccess: ({ changed }) => {
      notify({ text: `${plural(changed, 'task')} changed.` })
      onDone?.()
      return queries.invalidateQueries({ queryKey: ['tasks', project] })
    },
    onError: notifyProblem,
  })
}

interface PickedProps {
  selection: Selection<TaskRow>
  filters: Filters
}

export function PickedTasks({ selection: { keys, clear }, filters }: PickedProps) {
  const { id: project } = useProject()
  const [priority, setPriority] = useState(0)
  const matching = JSON.stringify(filters)
  // Under which filters, and beside which rows, all were picked: with others, that is another matter.
  const [allOf, setAllOf] = useState<{ matching: string; keys: string[] }>()
  const isAll = allOf?.matching === matching && allOf.keys === keys
  const [asking, setAsking] = useState<Change>()
  const none = () => {
    clear()
    setAllOf(undefined)
  }
  const change = useTaskChange(none)
  const { data } = useQuery({
    queryKey: ['tasks', project, 'count', filters],
    queryFn: ({ signal }) => api.count({ project, ...filters }, { signal }),
    enabled: keys.length > 0,
  })
  if (!keys.length) return null
  const act = (wanted: Change) => (isAll ? setAsking(wanted) : change.mutate({ tasks: keys, ...wanted }))
  const match = data && (Object.keys(filters).length ? 'that match the filters' : 'of the project')
  return (
    <Group component="section" aria-label="What to do with the picked tasks" gap="sm" mb="sm">
      <Text size="sm" fw={600}>
        {isAll && data ? `All ${plural(data.tasks, 'task')} ${match}` : `${plural(keys.length, 'task')} picked`}
      </Text>
      {data && data.tasks > keys.length && !isAll && (
        <Button size="xs" variant="subtle" onClick={() => setAllOf({ matching, keys })}>
          Pick all {plural(data.tasks, 'task')} {match}
        </Button>
      )}
      <NumberField
        size="xs"
        w="6rem"
        aria-label="Priority; lower comes first"
        min={-1000}
        max={1000}
        value={priority}
        onChange={setPriority}
      />
      <Button size="xs" variant="default" onClick={() => act({ priority })}>
        Set the priority
      </Button>
      <Button size="xs" variant="default" onClick={() => act({ withdrawn: true })}>
        Withdraw
      </Button>
      <Button size="xs" variant="default" onClick={() => act({ withdrawn: false })}>
        Restore
      </Button>
      <Button size="xs" variant="subtle" onClick={none}>
        Pick none
      </Button>
      <Modal opened={asking !== undefined} onClose={() => setAsking(undefined)} title="Change many tasks" centered>
        {asking && data && (
          <Stack gap="md">
            <Text>
              {sayChange(asking)} {plural(data.tasks, 'task')}: all {match}, those on other pages too.
            </Text>
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setAsking(undefined)}>
                Cancel
              </Button>
              <Button
                data-autofocus
                loading={change.isPending}
                onClick={() =>
                  change.mutate({ matching: filters, ...asking }, { onSettled: () => setAsking(undefined) })
                }
              >
                {sayChange(asking)} {plural(data.tasks, 'task')}
              </Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </Group>
  )
}

const sayChange = (change: Change) =>
  'priority' in change ? `Set the priority ${change.priority} of` : change.withdrawn ? 'Withdraw' : 'Restore'
