/** What reviewers said, newest first. */
import { Badge } from '@mantine/core'
import { Person } from '../../collect/tasks/one-task.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { Empty } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { type Review, reviews, verdicts } from './contract.ts'

const api = clientOf({ reviews }).reviews

const words = { accept: 'accepted', correct: 'corrected', return: 'returned' } as const
const colours = { accept: 'green', correct: 'yellow', return: 'red' } as const

const columns = (project: string): Column<Review>[] => [
  {
    key: 'opening',
    header: 'Prompt',
    width: '18rem',
    cell: ({ task, opening }) => <Go to={`/projects/${project}/tasks?row=${task}`}>{opening}</Go>,
  },
  {
    key: 'verdict',
    header: 'Verdict',
    width: '7rem',
    filter: { kind: 'choice', options: verdicts.map((value) => ({ value, label: words[value] })) },
    cell: ({ verdict }) => <Badge color={colours[verdict]}>{words[verdict]}</Badge>,
  },
  {
    key: 'author',
    header: 'Answered by',
    text: ({ author }) => author.name,
    cell: ({ author }) => <Person {...author} />,
  },
  {
    key: 'reviewer',
    header: 'Checked by',
    text: ({ reviewer }) => reviewer.name,
    cell: ({ reviewer }) => <Person {...reviewer} />,
  },
  { key: 'reason', header: 'Reason', cell: ({ reason }) => reason, width: '14rem' },
  { key: 'at', header: 'When', cell: ({ at }) => <Ago at={at} />, width: '7rem' },
]

export function ReviewList() {
  const { id: project } = useProject()
  return (
    <Table<Review>
      name="reviews"
      label="Reviews"
      queryKey={['reviews', project]}
      load={({ filters, cursor, limit, signal }) =>
        api.list({ project, after: cursor, limit, verdict: filters.verdict }, { signal })
      }
      columns={columns(project)}
      rowKey={({ id }) => id}
      empty={
        <Empty title="Nothing was reviewed yet">
          A reviewer accepts an answer, corrects it, or returns it to its author with a reason.
        </Empty>
      }
    />
  )
}
