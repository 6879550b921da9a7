/** The audit log: who did what, newest first; and whether its chain holds. */
import { Badge, Button, Code, Group, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { members } from '../../people/members/contract.ts'
import type { AuditVerdict } from '../../platform/audit.ts'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useKeys } from '../../web/keys.tsx'
import { notifyProblem } from '../../web/notices.tsx'
import { count, plural } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Empty } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { withChosen } from '../../web/table-address.ts'
import { Ago } from '../../web/time.tsx'
import { JobCard } from '../jobs/job-card.tsx'
import { type AuditRow, audit } from './contract.ts'

const api = clientOf({ audit, members })

const columns: Column<AuditRow>[] = [
  { key: 'at', header: 'When', cell: ({ at }) => <Ago at={at} />, width: '7rem' },
  {
    key: 'actor',
    header: 'Who',
    text: ({ actor }) => actor.name,
    cell: ({ actor: { name, simulated } }) => (
      <Group gap={6} wrap="nowrap">
        {name}
        {simulated && <Badge color="yellow">simulated</Badge>}
      </Group>
    ),
  },
  { key: 'action', header: 'What', cell: ({ action }) => action, filter: { kind: 'text' } },
  { key: 'subject', header: 'Of', cell: ({ subject }) => <Code>{subject}</Code>, width: '18rem' },
  {
    key: 'sequence',
    header: 'Place in the chain',
    numeric: true,
    width: '8rem',
    cell: ({ sequence }) => (sequence === null ? 'not yet' : count(sequence)),
  },
]

/** Who did it is a filter by name. `chosen`: may have left the project meanwhile. */
function usePeopleColumn(project: string, chosen: string | undefined): Column<AuditRow>[] {
  const { data } = useQuery({
    queryKey: ['members', project, 'names'],
    queryFn: ({ signal }) => api.members.list({ project, limit: 200 }, { signal }),
  })
  return useMemo(() => {
    const known = data?.rows.map(({ person, name }) => ({ value: person, label: name })) ?? []
    const options = withChosen(known, chosen, () => 'somebody else')
    return options.length
      ? [{ key: 'person', header: 'By', hidden: true, filter: { kind: 'choice', options }, cell: () => '' }]
      : []
  }, [data, chosen])
}

export function Screen() {
  const { id: project } = useProject()
  const [{ job, person }, setAddress] = useAddress()
  const people = usePeopleColumn(project, person)
  const verify = useMutation({
    mutationFn: () => api.audit.verify({ project }),
    onSuccess: ({ job: started }) => setAddress({ job: started }),
    onError: notifyProblem,
  })
  const begin = () => !verify.isPending && verify.mutate()
  useKeys([{ key: 'v', label: 'Verify the chain', run: begin }], 'Audit')
  return (
    <Page
      title="Audit"
      actions={
        <Button variant="default" loading={verify.isPending} onClick={begin}>
          Verify the chain
        </Button>
      }
    >
      <Text maw="72ch" mb="md">
        Each change leaves a row here in the same transaction; a hash chain over all rows shows whether any was changed
        or removed afterwards. Of what was written only digests are kept.
      </Text>
      {job && (
        <section aria-label="The chain" style={{ marginBottom: '1rem' }}>
          <JobCard job={job}>{(result) => <Verdict {...(result as AuditVerdict)} />}</JobCard>
        </section>
      )}
      <Table<AuditRow>
        name="audit"
        label="Audit rows"
        queryKey={['audit', project]}
        load={({ filters: { action, person }, cursor, limit, signal }) =>
          api.audit.list({ project, after: cursor, limit, action, person }, { signal })
        }
        columns={[...columns, ...people]}
        rowKey={({ id }) => id}
        empty={<Empty title="Nothing was done yet">Every change to the project will stand here.</Empty>}
      />
    </Page>
  )
}

const Verdict = ({ ok, rows, unsealed, firstBroken }: AuditVerdict) =>
  ok ? (
    <Text c="var(--good)">
      The chain holds: {plural(rows, 'row')} linked, {count(unsealed)} not linked yet.
    </Text>
  ) : (
    <Text c="var(--bad)">
      The chain is broken at row {count(firstBroken?.sequence)}: {firstBroken?.why}.
    </Text>
  )
