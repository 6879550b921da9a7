/** One member: role, skills, and the way out. */
import { Button, Group, Modal, Select, Stack, TagsInput, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { notify } from '../../web/notices.tsx'
import { Pending, Problem } from '../../web/states.tsx'
import { type Role, roles } from '../roles.ts'
import { type Member, members } from './contract.ts'

const api = clientOf({ members }).members

/** What each role may do, in a line. */
const roleHint: Record<Role, string> = {
  lead: 'sets the project up, sees everything, invites people',
  engineer: 'imports, samples, exports, trains',
  reviewer: 'checks answers, and may annotate',
  annotator: 'judges; sees nothing but the own work',
  viewer: 'sees everything, changes nothing',
}
export const roleOptions = roles.map((value) => ({ value, label: `${value}: ${roleHint[value]}` }))

interface OneMemberProps {
  person: string
  onGone: () => void
}

export function OneMember({ person, onGone }: OneMemberProps) {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['members', project, 'one', person],
    queryFn: ({ signal }) => api.show({ project, person }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={6} />
  return <Change key={data.person} member={data} onGone={onGone} />
}

function Change({ member, onGone }: { member: Member; onGone: () => void }) {
  const { id: project } = useProject()
  // Only what was changed here is sent: the rest may be somebody else's newer word.
  const [edited, setEdited] = useState<Partial<Pick<Member, 'role' | 'skills'>>>({})
  const { role, skills } = { ...member, ...edited }
  const [removing, setRemoving] = useState(false)
  const queries = useQueryClient()
  const settle = () => queries.invalidateQueries({ queryKey: ['members', project] })
  const save = useMutation({
    mutationFn: (sent: typeof edited) => api.change({ project, person: member.person, ...sent }),
    onSuccess: async (_, sent) => {
      notify({ text: `${member.name} is ${role} now.` })
      await settle()
      // Unless more was typed meanwhile.
      setEdited((now) => (now === sent ? {} : now))
    },
  })
  const remove = useMutation({
    mutationFn: () => api.remove({ project, person: member.person }),
    onSuccess: async () => {
      notify({ text: `${member.name} is no longer a member.` })
      onGone()
      await settle()
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate(edited)
      }}
    >
      <Stack gap="md">
        <Text>
          {member.name}, {member.email}
        </Text>
        <Select
          label="Role"
          allowDeselect={false}
          data={roleOptions}
          value={role}
          onChange={(value) => value && setEdited({ ...edited, role: value })}
        />
        <TagsInput
          label="Skills and languages"
          description="Tasks may ask for them: de, python, medicine"
          maxTags={50}
          value={skills}
          onChange={(value) => setEdited({ ...edited, skills: value })}
        />
        {save.error && <Problem error={save.error} />}
        <Group justify="space-between">
          <Button variant="default" onClick={() => setRemoving(true)}>
            Take out of the project
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
      <Modal opened={removing} onClose={() => setRemoving(false)} title={`Take ${member.name} out?`}>
        <Stack gap="md">
          <Text>What {member.name} has annotated stays. Tasks that are held now go back to the queue in time.</Text>
          {remove.error && <Problem error={remove.error} />}
          <Group justify="flex-end">
            <Button variant="default" data-autofocus onClick={() => setRemoving(false)}>
              Keep
            </Button>
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              Take out
            </Button>
          </Group>
        </Stack>
      </Modal>
    </form>
  )
}
