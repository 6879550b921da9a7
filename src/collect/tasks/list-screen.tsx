/** Tasks: what people are asked to judge, how far each is, and one with everything that was said of it. */
import { Badge, Button, Group, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { members } from '../../people/members/contract.ts'
import { useVersions } from '../../projects/guideline/use-versions.ts'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { notify, notifyProblem } from '../../web/notices.tsx'
import { NumberField } from '../../web/number-field.tsx'
import { count, plural } from '../../web/numbers.ts'
import { type Selection, useSelection } from '../../web/selection.tsx'
import { Page } from '../../web/shell.tsx'
import { Side } from '../../web/side.tsx'
import { Empty } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { purposes, reports, type TaskRow, taskStates, tasks } from './contract.ts'
import { OneTask } from './one-task.tsx'

const api = clientOf({ tasks, members })

const keyOf = ({ id }: TaskRow) => id
const labelOf = ({ opening }: TaskRow) => opening

const colours = { open: 'petrol', 'handed-out': 'yellow', answered: 'green', withdrawn: 'gray' } as const
const same = (values: readonly string[]) => values.map((value) => ({ value, label: value.replaceAll('-', ' ') }))

export const TaskState = ({ state }: Pick<TaskRow, 'state'>) => (
  <Badge color={colours[state]}>{state.replaceAll('-', ' ')}</Badge>
)

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
    hidden: true,
    filter: { kind: 'choice', options: same(reports) },
    cell: () => '',
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

/** Who worked on a task is a filter alone: a task has many people. */
function usePersonColumn(project: string): Column<TaskRow>[] {
  const { can } = useProject()
  const { data } = useQuery({
    queryKey: ['members', project, 'names'],
    queryFn: ({ signal }) => api.members.list({ project, limit: 200 }, { signal }),
    enabled: can('member.read'),
  })
  return useMemo(() => {
    const options = data?.rows.map(({ person, name }) => ({ value: person, label: name })) ?? []
    return options.length
      ? [{ key: 'person', header: 'Judged by', hidden: true, filter: { kind: 'choice', options }, cell: () => '' }]
      : []
  }, [data])
}

/** Of answers, too: a task may have some under each version. */
function useGuidelineColumn(project: string): Column<TaskRow>[] {
  const { data } = useVersions(project)
  return useMemo(() => {
    const options = data?.rows.map(({ version }) => ({ value: String(version), label: `version ${version}` })) ?? []
    return options.length
      ? [
          {
            key: 'guideline',
            header: 'Judged under',
            hidden: true,
            filter: { kind: 'choice', options },
            cell: () => '',
          },
        ]
      : []
  }, [data])
}

/** A link from a round leads to its tasks alone, until the filter is taken away. */
const ofRound = (round: string | undefined): Column<TaskRow>[] =>
  round
    ? [
        {
          key: 'round',
          header: 'Made for',
          hidden: true,
          filter: { kind: 'choice', options: [{ value: round, label: 'one round' }] },
          cell: () => '',
        },
      ]
    : []

export function Screen() {
  const { id: project, can } = useProject()
  const [{ row, round }, setAddress] = useAddress()
  const selection = useSelection(keyOf, labelOf)
  const people = usePersonColumn(project)
  const versions = useGuidelineColumn(project)
  const writes = can('task.write')
  return (
    <Page title="Tasks">
      {writes && <PickedTasks selection={selection} />}
      <Table<TaskRow>
        name="tasks"
        label="Tasks"
        queryKey={['tasks', project]}
        load={({ filters: { search, state, purpose, person, reported, guideline, round }, cursor, limit, signal }) =>
          api.tasks.list(
            {
              project,
              after: cursor,
              limit,
              search,
              person,
              round,
              state: taskStates.find((one) => one === state),
              purpose: purposes.find((one) => one === purpose),
              reported: reports.find((one) => one === reported),
              guideline: Number(guideline) || undefined,
            },
            { signal },
          )
        }
        columns={[...(writes ? [selection.column] : []), ...columns, ...people, ...versions, ...ofRound(round)]}
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

/** Re-prioritises, withdraws or restores, and shows the outcome in every list. */
export function useTaskChange(onDone?: () => void) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: { tasks: string[]; priority?: number; withdrawn?: boolean }) =>
      api.tasks.change({ project, ...change }),
    onSuccess: ({ changed }) => {
      notify({ text: `${plural(changed, 'task')} changed.` })
      onDone?.()
      return queries.invalidateQueries({ queryKey: ['tasks', project] })
    },
    onError: notifyProblem,
  })
}

function PickedTasks({ selection: { keys, clear } }: { selection: Selection<TaskRow> }) {
  const [priority, setPriority] = useState(0)
  const change = useTaskChange(clear)
  if (!keys.length) return null
  return (
    <Group component="section" aria-label="What to do with the picked tasks" gap="sm" mb="sm">
      <Text size="sm" fw={600}>
        {plural(keys.length, 'task')} picked
      </Text>
      <NumberField
        size="xs"
        w="6rem"
        aria-label="Priority; lower comes first"
        min={-1000}
        max={1000}
        value={priority}
        onChange={setPriority}
      />
      <Button size="xs" variant="default" onClick={() => change.mutate({ tasks: keys, priority })}>
        Set the priority
      </Button>
      <Button size="xs" variant="default" onClick={() => change.mutate({ tasks: keys, withdrawn: true })}>
        Withdraw
      </Button>
      <Button size="xs" variant="default" onClick={() => change.mutate({ tasks: keys, withdrawn: false })}>
        Restore
      </Button>
      <Button size="xs" variant="subtle" onClick={clear}>
        Pick none
      </Button>
    </Group>
  )
}
