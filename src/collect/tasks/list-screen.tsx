/** Tasks: what people are asked to judge, how far each is, and one with everything that was said of it. */
import { Badge, Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { members } from '../../people/members/contract.ts'
import { useVersions } from '../../projects/guideline/use-versions.ts'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { count, plural } from '../../web/numbers.ts'
import { useSelection } from '../../web/selection.tsx'
import { Page } from '../../web/shell.tsx'
import { Side } from '../../web/side.tsx'
import { Empty } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { type Option, readQuery, withChosen } from '../../web/table-address.ts'
import { Ago } from '../../web/time.tsx'
import { purposes, reports, type TaskRow, taskStates, tasks } from './contract.ts'
import { OneTask } from './one-task.tsx'
import { PickedTasks } from './picked-tasks.tsx'

const api = clientOf({ tasks, members })

const keyOf = ({ id }: TaskRow) => id
const labelOf = ({ opening }: TaskRow) => opening

const colours = { open: 'petrol', 'handed-out': 'yellow', answered: 'green', withdrawn: 'gray' } as const
const same = (values: readonly string[]) => values.map((value) => ({ value, label: value.replaceAll('-', ' ') }))

export const TaskState = ({ state }: Pick<TaskRow, 'state'>) => (
  <Badge color={colours[state]}>{state.replaceAll('-', ' ')}</Badge>
)

const sayReport = ({ how, person, reason }: TaskRow['reported'][number]) => `${person.name} ${how} it: ${reason}`

const columns: Column<TaskRow>[] = [
  {
    key: 'search',
    header: 'Prompt',
    cell: labelOf,
    text: ({ opening }) => opening,
    filter: { kind: 'text' },
    width: '20rem',
  },
  {
    key: 'state',
    header: 'State',
    width: '6.5rem',
    filter: { kind: 'choice', options: same(taskStates) },
    cell: (row) => <TaskState {...row} />,
  },
  {
    key: 'purpose',
    header: 'Purpose',
    width: '6rem',
    filter: { kind: 'choice', options: same(purposes) },
    cell: ({ purpose }) => purpose,
  },
  {
    key: 'reported',
    header: 'Reported',
    width: '10rem',
    filter: { kind: 'choice', options: same(reports) },
    text: ({ reported }) => reported.map(sayReport).join('; '),
    cell: ({ reported }) =>
      reported.map((report) => (
        <Text key={sayReport(report)} size="sm" lineClamp={2} c={report.how === 'flagged' ? 'var(--bad)' : undefined}>
          {sayReport(report)}
        </Text>
      )),
  },
  { key: 'template', header: 'Template', cell: ({ template }) => template, hidden: true },
  {
    key: 'answered',
    header: 'Answers',
    cell: ({ answered, overlap }) => `${count(answered)} of ${count(overlap)}`,
    numeric: true,
    width: '6rem',
  },
  {
    key: 'remaining',
    header: 'Left to hand out',
    cell: ({ remaining }) => count(remaining),
    numeric: true,
    hidden: true,
  },
  { key: 'priority', header: 'Priority', cell: ({ priority }) => priority, numeric: true },
  { key: 'createdAt', header: 'Made', cell: ({ createdAt }) => <Ago at={createdAt} />, width: '7rem' },
]

/** A filter alone: what a task has many of is no column of it. */
const filterAlone = (key: string, header: string, options: readonly Option[]): Column<TaskRow>[] =>
  options.length ? [{ key, header, hidden: true, filter: { kind: 'choice', options }, cell: () => '' }] : []

/** Who worked on it. `chosen`: may have left the project meanwhile. */
function usePersonColumn(project: string, chosen: string | undefined): Column<TaskRow>[] {
  const { can } = useProject()
  const { data } = useQuery({
    queryKey: ['members', project, 'names'],
    queryFn: ({ signal }) => api.members.list({ project, limit: 200 }, { signal }),
    enabled: can('member.read'),
  })
  return useMemo(() => {
    const known = data?.rows.map(({ person, name }) => ({ value: person, label: name })) ?? []
    return filterAlone(
      'person',
      'Judged by',
      withChosen(known, chosen, () => 'somebody else'),
    )
  }, [data, chosen])
}

/** Of its answers: it may have some under each version. */
function useGuidelineColumn(project: string, chosen: string | undefined): Column<TaskRow>[] {
  const { data } = useVersions(project)
  return useMemo(() => {
    const known = data?.rows.map(({ version }) => String(version)) ?? []
    const label = (version: string) => `version ${version}`
    const options = known.map((value) => ({ value, label: label(value) }))
    return filterAlone('guideline', 'Judged under', withChosen(options, chosen, label))
  }, [data, chosen])
}

/** A link from a round leads to its tasks alone, until the filter is taken away. */
const ofRound = (round: string | undefined) =>
  filterAlone('round', 'Made for', round ? [{ value: round, label: 'one round' }] : [])

export function Screen() {
  const { id: project, can } = useProject()
  const [address, setAddress] = useAddress()
  const { row, round } = address
  const selection = useSelection(keyOf, labelOf)
  const people = usePersonColumn(project, address.person)
  const versions = useGuidelineColumn(project, address.guideline)
  const writes = can('task.write')
  const all = [...(writes ? [selection.column] : []), ...columns, ...people, ...versions, ...ofRound(round)]
  return (
    <Page title="Tasks" actions={writes && <OpenReports />}>
      {writes && <PickedTasks selection={selection} filters={readQuery(address, all, { limit: 1 }).filters} />}
      <Table<TaskRow>
        name="tasks"
        label="Tasks"
        queryKey={['tasks', project]}
        load={({ filters, cursor, limit, signal }) =>
          api.tasks.list({ project, after: cursor, limit, ...filters }, { signal })
        }
        columns={all}
        rowKey={keyOf}
        empty={
          <Empty
            title="No tasks yet"
            action={<Go to={`/projects/${project}/prompts?import=1`}>Import prompts with two responses</Go>}
          >
            A task is what a person is asked to judge: two responses to one prompt, say. Tasks are made on import, or of
            responses that were drawn from your policies.
          </Empty>
        }
      />
      <Side title="Task" opened={row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {row && <OneTask task={row} />}
      </Side>
    </Page>
  )
}

/** What people flagged and nobody has dealt with; counted anew as soon as somebody does either. */
function OpenReports() {
  const { id: project } = useProject()
  const [, setAddress] = useAddress()
  const { data } = useQuery({
    queryKey: ['tasks', project, 'flagged'],
    queryFn: ({ signal }) => api.tasks.count({ project, reported: 'flagged' }, { signal }),
    refetchInterval: 60_000,
  })
  if (!data?.tasks) return null
  return (
    <Button
      variant="light"
      color="red"
      onClick={() => setAddress({ reported: 'flagged', after: undefined, row: undefined })}
    >
      {plural(data.tasks, 'flagged task')}
    </Button>
  )
}
