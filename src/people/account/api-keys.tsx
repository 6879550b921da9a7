/** API keys of one's own: made for one project or all, shown once, revoked at once. */
import { Alert, Button, Code, Group, Select, Stack, Table, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { CopyText } from '../../web/copy.tsx'
import { Pending, Problem } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import type { Me } from './contract.ts'
import { api } from './me.ts'

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'a year' },
  { value: '', label: 'until revoked' },
]

export function ApiKeys({ projects }: { projects: Me['projects'] }) {
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery({ queryKey: ['api-keys'], queryFn: () => api.keys.list() })
  const settle = () => queries.invalidateQueries({ queryKey: ['api-keys'] })
  const revoke = useMutation({ mutationFn: (key: string) => api.keys.revoke({ key }), onSuccess: settle })
  const nameOf = (id: string | null) =>
    id === null ? 'every project of yours' : (projects.find((project) => project.id === id)?.name ?? id)
  return (
    <Stack gap="sm">
      <Text c="dimmed">For programs that act as you: scripts, training jobs, the command line of another machine.</Text>
      {!data && <Pending error={error} onRetry={refetch} />}
      {data && data.rows.length > 0 && (
        <WideTable minWidth={480}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Name</Table.Th>
              <Table.Th scope="col">Begins with</Table.Th>
              <Table.Th scope="col">Good for</Table.Th>
              <Table.Th scope="col">Ends</Table.Th>
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.rows.map(({ id, name, prefix, project, expiresAt }) => (
              <Table.Tr key={id}>
                <Table.Td>{name}</Table.Td>
                <Table.Td className="mono">{prefix}</Table.Td>
                <Table.Td>{nameOf(project)}</Table.Td>
                <Table.Td>{expiresAt ? <Ago at={expiresAt} /> : 'never'}</Table.Td>
                <Table.Td ta="right">
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`Revoke ${name}`}
                    onClick={() => revoke.mutate(id)}
                  >
                    Revoke
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      {revoke.error && <Problem error={revoke.error} />}
      <NewKey projects={projects} onMade={settle} />
    </Stack>
  )
}

function NewKey({ projects, onMade }: { projects: Me['projects']; onMade: () => Promise<void> }) {
  const [name, setName] = useState('')
  const [project, setProject] = useState('')
  const [days, setDays] = useState('90')
  const make = useMutation({
    mutationFn: () =>
      api.keys.create({ name, project: project || undefined, expiresInDays: days ? Number(days) : undefined }),
    onSuccess: () => {
      setName('')
      return onMade()
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        make.mutate()
      }}
    >
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Name of a new key"
            placeholder="training job"
            required
            maxLength={100}
            w="12rem"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label="Good for"
            w="14rem"
            allowDeselect={false}
            data={[
              { value: '', label: 'Every project of mine' },
              ...projects.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            value={project}
            onChange={(value) => setProject(value ?? '')}
          />
          <Select
            label="Ends after"
            w="9rem"
            allowDeselect={false}
            data={lifetimes}
            value={days}
            onChange={(value) => setDays(value ?? '')}
          />
          <Button type="submit" variant="default" loading={make.isPending} disabled={!name.trim()}>
            Make it
          </Button>
        </Group>
        {make.error && <Problem error={make.error} />}
        {make.data && (
          <Alert title={`The key “${make.data.name}”: copy it now, it is not shown again`}>
            <Group gap="sm">
              <Code fz="sm" style={{ overflowWrap: 'anywhere' }}>
                {make.data.key}
              </Code>
              <CopyText text={make.data.key} />
            </Group>
          </Alert>
        )}
      </Stack>
    </form>
  )
}
