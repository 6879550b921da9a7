/** Starting a project: a name is enough, everything else has a setting. */
import { Button, Checkbox, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { meKey } from '../people/account/me.ts'
import { clientOf } from '../web/client.ts'
import type { CurrentProject } from '../web/current.tsx'
import { useGo } from '../web/link.tsx'
import { Problem } from '../web/states.tsx'
import { projects } from './contract.ts'
import { projectsKey } from './frame.tsx'

const api = clientOf({ projects }).projects

/** `demo`: the demo project that one comes from; it can go out of the way. */
export function NewProject({ demo, onClose }: { demo?: CurrentProject; onClose: () => void }) {
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [putsAway, setPutsAway] = useState(true)
  const queries = useQueryClient()
  const go = useGo()
  const create = useMutation({
    mutationFn: async () => {
      const made = await api.create({ name, description })
      if (demo && putsAway) await api.archive({ project: demo.id, archived: true })
      return made
    },
    onSuccess: async ({ id }) => {
      await Promise.all([meKey, projectsKey].map((queryKey) => queries.refetchQueries({ queryKey })))
      go(`/projects/${id}`)
    },
  })
  return (
    <Modal opened onClose={onClose} title="New project">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <Stack gap="md">
          <TextInput
            label="Name"
            placeholder="Helpful and harmless"
            required
            maxLength={200}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Textarea
            label="What it is about"
            description="Annotators see it too."
            autosize
            minRows={2}
            maxRows={8}
            maxLength={5000}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {demo && (
            <Checkbox
              label="Put the demo away"
              description="It stops where it stands. It stays among the projects put away, and can be taken out again."
              checked={putsAway}
              onChange={(event) => setPutsAway(event.currentTarget.checked)}
            />
          )}
          {create.error && <Problem error={create.error} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
              Start the project
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
