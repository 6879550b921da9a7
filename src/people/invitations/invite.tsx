/** Inviting somebody: the link is shown once, to be copied and sent; open invitations can be taken back. */
import { Alert, Button, Code, Group, Select, Stack, Table, TagsInput, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { CopyText } from '../../web/copy.tsx'
import { useProject } from '../../web/current.tsx'
import { notifyProblem } from '../../web/notices.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { Pending, Problem } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { roleOptions } from '../members/one-member.tsx'
import type { Role } from '../roles.ts'
import { invitations } from './contract.ts'

const api = clientOf({ invitations }).invitations

const invitationsKey = (project: string) => ['invitations', project]

export function InvitationForm() {
  const { id: project } = useProject()
  const [role, setRole] = useState<Role>('annotator')
  const [email, setEmail] = useState('')
  const [skills, setSkills] = useState<string[]>([])
  const [expiresInDays, setExpiresInDays] = useState(7)
  const queries = useQueryClient()
  const invite = useMutation({
    mutationFn: () => api.create({ project, role, email: email.trim() || undefined, skills, expiresInDays }),
    onSuccess: () => {
      setEmail('')
      return queries.invalidateQueries({ queryKey: invitationsKey(project) })
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        invite.mutate()
      }}
    >
      <Stack gap="md">
        <Select
          label="Role"
          allowDeselect={false}
          data={roleOptions}
          value={role}
          onChange={(value) => value && setRole(value)}
        />
        <TextInput
          label="E-mail address"
          description="Empty: whoever opens the link first types it in. Plumbline sends no mail; you send the link."
          type="email"
          data-autofocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <TagsInput
          label="Skills and languages"
          description="Tasks may ask for them: de, python, medicine"
          maxTags={50}
          value={skills}
          onChange={setSkills}
        />
        <NumberField
          label="Good for, in days"
          min={1}
          max={90}
          w="9rem"
          value={expiresInDays}
          onChange={setExpiresInDays}
        />
        {invite.error && <Problem error={invite.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={invite.isPending}>
            Make the link
          </Button>
        </Group>
        {invite.data && <Link link={invite.data.link} role={invite.data.role} />}
      </Stack>
    </form>
  )
}

const Link = ({ link, role }: { link: string; role: Role }) => (
  <Alert title="Copy the link now: it is not shown again" role="status">
    <Stack gap="sm" align="flex-start">
      <Code fz="sm" style={{ overflowWrap: 'anywhere' }} data-link>
        {link}
      </Code>
      <CopyText text={link}>Copy the link</CopyText>
      <Text size="sm">It is good once, for one {role}.</Text>
    </Stack>
  </Alert>
)

export function OpenInvitations() {
  const { id: project } = useProject()
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery({
    queryKey: invitationsKey(project),
    queryFn: ({ signal }) => api.list({ project }, { signal }),
  })
  const revoke = useMutation({
    mutationFn: (invitation: string) => api.revoke({ project, invitation }),
    onSuccess: () => queries.invalidateQueries({ queryKey: invitationsKey(project) }),
    onError: notifyProblem,
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={2} />
  if (!data.rows.length) return <Text c="dimmed">None is open.</Text>
  return (
    <WideTable minWidth={480} verticalSpacing={5} head={['For', 'Role', 'By', 'Ends', 'Act']}>
      <Table.Tbody>
        {data.rows.map(({ id, email, role, invitedBy, expiresAt }) => (
          <Table.Tr key={id}>
            <Table.Td>{email ?? 'whoever has the link'}</Table.Td>
            <Table.Td>{role}</Table.Td>
            <Table.Td>{invitedBy ?? '–'}</Table.Td>
            <Table.Td>
              <Ago at={expiresAt} />
            </Table.Td>
            <Table.Td>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`Take back the invitation for ${email ?? 'whoever has the link'}`}
                onClick={() => revoke.mutate(id)}
              >
                Take back
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  )
}
