/** Everybody with an account here, as the owners of the organisation see them. */
import { Alert, Badge, Button, Code, Group, Stack, Switch, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { CopyText } from '../../web/copy.tsx'
import { useMe } from '../../web/current.tsx'
import { notify } from '../../web/notices.tsx'
import { count, plural } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Side } from '../../web/side.tsx'
import { Empty, Pending, Problem } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { organisation, type Person } from './contract.ts'

const api = clientOf({ organisation }).organisation

const columns: Column<Person>[] = [
  {
    key: 'search',
    header: 'Name',
    text: ({ name }) => name,
    filter: { kind: 'text' },
    cell: ({ name, owner, disabled, simulatedAs }) => (
      <Group gap={6}>
        {name}
        {owner && <Badge>owner</Badge>}
        {simulatedAs && <Badge color="yellow">simulated</Badge>}
        {disabled && <Badge color="red">disabled</Badge>}
      </Group>
    ),
  },
  { key: 'email', header: 'E-mail', cell: ({ email }) => email, width: '14rem' },
  { key: 'projects', header: 'Projects', cell: ({ projects }) => count(projects), numeric: true },
  { key: 'twoFactor', header: 'Second factor', cell: ({ twoFactor }) => (twoFactor ? 'yes' : 'no'), width: '7rem' },
  { key: 'createdAt', header: 'Since', cell: ({ createdAt }) => <Ago at={createdAt} />, width: '7rem' },
]

export function Screen() {
  const { owner } = useMe()
  const [{ row }, setAddress] = useAddress()
  return (
    <Page title="Everybody">
      {owner ? (
        <Table<Person>
          name="people"
          label="People"
          queryKey={['people']}
          load={({ filters, cursor, limit, signal }) =>
            api.list({ after: cursor, limit, search: filters.search }, { signal })
          }
          columns={columns}
          rowKey={({ id }) => id}
        />
      ) : (
        <Empty title="For owners of the organisation">They see everybody who has an account here.</Empty>
      )}
      <Side title="Person" opened={owner && row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {row && <OnePerson key={row} person={row} />}
      </Side>
    </Page>
  )
}

function OnePerson({ person }: { person: string }) {
  const { id: me } = useMe()
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery({
    queryKey: ['people', 'one', person],
    queryFn: ({ signal }) => api.show({ person }, { signal }),
  })
  const change = useMutation({
    mutationFn: (wanted: { owner?: boolean; disabled?: boolean }) => api.change({ person, ...wanted }),
    onSuccess: ({ name }) => {
      notify({ text: `${name} is changed.` })
      return queries.invalidateQueries({ queryKey: ['people'] })
    },
  })
  if (!data) return <Pending error={error} onRetry={refetch} lines={6} />
  return (
    <Stack gap="lg" align="flex-start">
      <Text>
        {data.name}, {data.email}; member of {plural(data.projects, 'project')}
      </Text>
      <Switch
        label="Owner of the organisation"
        description="Leads every project, sees everybody, changes accounts."
        checked={data.owner}
        disabled={change.isPending}
        onChange={(event) => change.mutate({ owner: event.currentTarget.checked })}
      />
      <Switch
        label="Disabled"
        description="Ends every session and every API key at once. What the person has done stays."
        checked={data.disabled}
        disabled={change.isPending || person === me}
        onChange={(event) => change.mutate({ disabled: event.currentTarget.checked })}
      />
      {change.error && <Problem error={change.error} />}
      <PasswordLink person={person} />
    </Stack>
  )
}

function PasswordLink({ person }: { person: string }) {
  const make = useMutation({ mutationFn: () => api.passwordLink({ person }) })
  return (
    <Stack gap="sm" align="flex-start">
      <Button variant="default" loading={make.isPending} onClick={() => make.mutate()}>
        Make a link to set a new password
      </Button>
      {make.error && <Problem error={make.error} />}
      {make.data && (
        <Alert title="Copy the link now: it is not shown again" role="status">
          <Stack gap="sm" align="flex-start">
            <Code fz="sm" style={{ overflowWrap: 'anywhere' }}>
              {make.data.link}
            </Code>
            <CopyText text={make.data.link}>Copy the link</CopyText>
            <Text size="sm">
              It ends <Ago at={make.data.expiresAt} />.
            </Text>
          </Stack>
        </Alert>
      )}
    </Stack>
  )
}
