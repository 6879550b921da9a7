/** What people reported of a task, and the way to close it with a word to whoever did. */
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { ReasonForm } from '../../web/reason-form.tsx'
import { Ago } from '../../web/time.tsx'
import { type TaskFlag, tasks } from './contract.ts'
import { Person } from './one-task.tsx'

const api = clientOf({ tasks }).tasks

export function FlagsOfTask({ flags }: { flags: readonly TaskFlag[] }) {
  const { id: project, can } = useProject()
  const queries = useQueryClient()
  const [resolving, setResolving] = useState<TaskFlag>()
  if (!flags.length) return null
  return (
    <Stack gap="sm" component="section" aria-label="What was reported">
      {flags.map((flag) => (
        <Flag key={flag.id} flag={flag} onResolve={can('task.write') ? () => setResolving(flag) : undefined} />
      ))}
      <Modal opened={resolving !== undefined} onClose={() => setResolving(undefined)} title="Resolve the report">
        {resolving && (
          <ReasonForm
            label="What came of it"
            description={`${resolving.person.name} reads this under My work.`}
            button="Resolve"
            act={async (note) => {
              await api.resolve({ project, flag: resolving.id, note })
              await queries.invalidateQueries({ queryKey: ['tasks', project] })
            }}
            onDone={() => setResolving(undefined)}
          />
        )}
      </Modal>
    </Stack>
  )
}

function Flag({ flag: { person, reason, at, resolved }, onResolve }: { flag: TaskFlag; onResolve?: () => void }) {
  const by = (
    <Group gap={6} component="span">
      <Person {...person} /> flagged it <Ago at={at} />
    </Group>
  )
  if (resolved)
    return (
      <Text size="sm" c="dimmed" component="div">
        {by} “{reason}” Resolved by {resolved.by} <Ago at={resolved.at} />: {resolved.note}
      </Text>
    )
  return (
    <Alert color="red" title={by}>
      <Group justify="space-between" gap="sm">
        <Text size="sm" style={{ flex: 1, overflowWrap: 'anywhere' }}>
          {reason}
        </Text>
        {onResolve && (
          <Button size="xs" onClick={onResolve}>
            Resolve
          </Button>
        )}
      </Group>
    </Alert>
  )
}
