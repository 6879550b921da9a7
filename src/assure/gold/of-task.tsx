/** The key of a task on its page: what is expected and why, and how it comes to be. For those who write keys alone. */
import { Badge, Button, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ShownTask } from '../../collect/tasks/one-task.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { notify, notifyProblem } from '../../web/notices.tsx'
import { Pending } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { gold } from './contract.ts'
import { KeyForm } from './key-form.tsx'
import { Explanation, sayExpected } from './shown.tsx'
import { useGoldChanged } from './use-gold-changed.ts'

const api = clientOf({ gold }).gold

export function OfTask({ task }: { task: ShownTask }) {
  const { can } = useProject()
  // What measures something else already is never gold.
  if (!can('review') || task.purpose === 'review' || task.purpose === 'evaluation') return null
  return <Section task={task} />
}

function Section({ task }: { task: ShownTask }) {
  const { id: project } = useProject()
  const [open, setOpen] = useState(false)
  const changed = useGoldChanged()
  const { data, error, refetch } = useQuery({
    queryKey: ['gold', project, 'of', task.id],
    queryFn: ({ signal }) => api.show({ project, task: task.id }, { signal }),
  })
  const remove = useMutation({
    mutationFn: () => api.remove({ project, task: task.id }),
    onSuccess: async () => {
      await changed()
      notify({ text: 'The task is gold no longer.' })
    },
    onError: notifyProblem,
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={2} />
  return (
    <section aria-labelledby="gold">
      <Title order={3} id="gold" mb="xs">
        Gold
      </Title>
      {data.key ? (
        <Stack gap="xs" mb="sm">
          <Group gap="xs">
            {data.key.expected.map((one) => (
              <Badge key={JSON.stringify([one.step, one.attribute, one.targets])} variant="light">
                {sayExpected(one, task.steps.length)}
              </Badge>
            ))}
          </Group>
          {data.key.explanation && <Explanation text={data.key.explanation} />}
          <Text size="sm" c="dimmed">
            Key by {data.key.by.name}, <Ago at={data.key.at} />. Nobody who answers sees it before; the answers train
            nothing.
          </Text>
        </Stack>
      ) : (
        !open && (
          <Text mb="sm" maw="72ch">
            Where the right answer is known, the task can measure people. It trains nothing then.
          </Text>
        )
      )}
      {open ? (
        <KeyForm task={task} of={data} onDone={() => setOpen(false)} />
      ) : (
        <Group gap="sm">
          <Button variant="default" onClick={() => setOpen(true)}>
            {data.key ? 'Change the key' : 'Make it gold'}
          </Button>
          {data.key && (
            <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
              Gold no longer
            </Button>
          )}
        </Group>
      )}
    </section>
  )
}
