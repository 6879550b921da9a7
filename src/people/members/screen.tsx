/** People of a project: who works on it, in which role, with which skills; and who is invited. */
import { Badge, Button, Group, Stack, Text, Title } from '@mantine/core'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useKeys } from '../../web/keys.tsx'
import { Page } from '../../web/shell.tsx'
import { Side } from '../../web/side.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { InvitationForm, OpenInvitations } from '../invitations/invite.tsx'
import { roles } from '../roles.ts'
import { type Member, members } from './contract.ts'
import { OneMember } from './one-member.tsx'

const api = clientOf({ members }).members

const columns: Column<Member>[] = [
  {
    key: 'name',
    header: 'Name',
    text: ({ name }) => name,
    filter: { kind: 'text' },
    cell: ({ name, simulatedAs, disabled }) => (
      <Group gap={6}>
        {name}
        {simulatedAs && <Badge color="yellow">simulated</Badge>}
        {disabled && <Badge color="red">disabled</Badge>}
      </Group>
    ),
  },
  { key: 'email', header: 'E-mail', cell: ({ email }) => email, width: '12rem' },
  {
    key: 'role',
    header: 'Role',
    width: '6rem',
    filter: { kind: 'choice', options: roles.map((value) => ({ value, label: value })) },
    cell: ({ role }) => role,
  },
  {
    key: 'skills',
    header: 'Skills and languages',
    text: ({ skills }) => skills.join(' '),
    cell: ({ skills }) => (
      <Group gap={4}>
        {skills.map((skill) => (
          <Badge key={skill} color="gray">
            {skill}
          </Badge>
        ))}
      </Group>
    ),
  },
  { key: 'joinedAt', header: 'Joined', cell: ({ joinedAt }) => <Ago at={joinedAt} />, width: '7rem' },
]

export function Screen() {
  const { id: project, can } = useProject()
  const [{ row, invite }, setAddress] = useAddress()
  const writes = can('member.write')
  const begin = () => setAddress({ invite: '1', row: undefined })
  useKeys(writes ? [{ key: 'i', label: 'Invite somebody', run: begin }] : [], 'People')
  return (
    <Page title="People" actions={writes && <Button onClick={begin}>Invite somebody</Button>}>
      <Stack gap="xl">
        <Table<Member>
          name="members"
          label="Members"
          queryKey={['members', project]}
          load={({ filters, cursor, limit, signal }) =>
            api.list({ project, after: cursor, limit, search: filters.name, role: filters.role }, { signal })
          }
          columns={columns}
          rowKey={({ person }) => person}
        />
        {writes && (
          <section aria-labelledby="invitations">
            <Title order={2} id="invitations" mb="sm">
              Open invitations
            </Title>
            <OpenInvitations />
          </section>
        )}
      </Stack>
      <Side title="Invite somebody" opened={invite !== undefined} onClose={() => setAddress({ invite: undefined })}>
        <InvitationForm />
      </Side>
      <Side title="Member" opened={row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {row &&
          (writes ? (
            <OneMember key={row} person={row} onGone={() => setAddress({ row: undefined })} />
          ) : (
            <Text>Leads change roles and skills.</Text>
          ))}
      </Side>
    </Page>
  )
}
