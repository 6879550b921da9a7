/** Gold tasks with their keys, and how often each is answered as expected: one that all fail has a wrong key, or a wrong guideline. */
import { OneTask } from '../../collect/tasks/one-task.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { estimate } from '../../web/numbers.ts'
import { Side } from '../../web/side.tsx'
import { Empty } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { type GoldRow, gold } from './contract.ts'
import { sayExpected } from './shown.tsx'

const api = clientOf({ gold }).gold

const expectedIn = ({ expected }: GoldRow) => expected.map((one) => sayExpected(one, 1)).join(', ')
const rightIn = ({ right }: GoldRow) => ('undefined' in right ? right.undefined : estimate(right, { as: 'percent' }))

const columns: Column<GoldRow>[] = [
  { key: 'opening', header: 'Prompt', cell: ({ opening }) => opening, width: '18rem' },
  { key: 'expected', header: 'Expected', cell: expectedIn, text: expectedIn, width: '11rem' },
  { key: 'right', header: 'Right', cell: rightIn, text: rightIn, width: '11rem' },
  { key: 'explanation', header: 'Why', cell: ({ explanation }) => explanation, hidden: true },
  { key: 'by', header: 'Key by', cell: ({ by }) => by.name, text: ({ by }) => by.name },
  { key: 'at', header: 'Since', cell: ({ at }) => <Ago at={at} />, width: '7rem' },
]

export function GoldTable() {
  const { id: project } = useProject()
  const [{ row }, setAddress] = useAddress()
  return (
    <>
      <Table<GoldRow>
        name="gold"
        label="Gold tasks"
        queryKey={['gold', project, 'list']}
        load={({ cursor, limit, signal }) => api.list({ project, after: cursor, limit }, { signal })}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <Empty title="No key written yet" action={<Go to={`/projects/${project}/tasks`}>Choose a task</Go>}>
            Open a task and make it gold: its key is what most say, one answer, or given by hand.
          </Empty>
        }
      />
      <Side title="Gold task" opened={row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {row && <OneTask task={row} />}
      </Side>
    </>
  )
}
