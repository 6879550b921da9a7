/** All runs of a project, the newest first. */
import { Badge, Button, Group } from '@mantine/core'
import { useAddress } from '../../web/address.ts'
import { useProject } from '../../web/current.tsx'
import { KeyHint, useKeys } from '../../web/keys.tsx'
import { duration, percent } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Empty } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { type Run, runStates } from './contract.ts'
import { api, runKey } from './use-runs.ts'
import { algorithmWords, stateColours } from './words.ts'

/** How far it is, or the figure that says most of what it came to. */
function outcome({ state, step, steps, waitsFor, summary, problem }: Run): string {
  if (state === 'waiting') return waitsFor ? `${waitsFor} before it` : 'begins in a moment'
  if (state === 'running') return steps ? `${percent(step / steps)}, step ${step} of ${steps}` : 'preparing'
  if (problem) return problem.message
  const { accuracy, rewardBefore, rewardAfter, perplexity } = summary?.eval ?? {}
  if (accuracy !== undefined) return `${percent(accuracy)} of held-out pairs in the right order`
  if (rewardBefore !== undefined && rewardAfter !== undefined)
    return `reward ${rewardBefore.toFixed(2)} → ${rewardAfter.toFixed(2)}`
  return perplexity === undefined ? '' : `perplexity ${perplexity.toFixed(1)}`
}

const tookMs = ({ startedAt, endedAt }: Run) =>
  startedAt ? new Date(endedAt ?? Date.now()).getTime() - new Date(startedAt).getTime() : null

const columns: Column<Run>[] = [
  {
    key: 'name',
    header: 'Run',
    cell: ({ name }) => name,
    text: ({ name }) => name,
    filter: { kind: 'text' },
    width: '9rem',
  },
  { key: 'algorithm', header: 'Algorithm', cell: ({ algorithm }) => algorithmWords[algorithm].short, width: '7rem' },
  {
    key: 'state',
    header: 'State',
    cell: ({ state }) => <Badge color={stateColours[state]}>{state}</Badge>,
    width: '6rem',
    filter: { kind: 'choice', options: runStates.map((value) => ({ value, label: value })) },
  },
  { key: 'outcome', header: 'How far, or what came of it', cell: outcome, width: '14rem' },
  { key: 'base', header: 'From', cell: ({ base }) => base, width: '7rem' },
  { key: 'dataset', header: 'Dataset', cell: ({ snapshot }) => snapshot.name, width: '7rem' },
  { key: 'took', header: 'Took', cell: (run) => duration(tookMs(run)), numeric: true, width: '6.5rem' },
  { key: 'createdAt', header: 'Begun', cell: ({ createdAt }) => <Ago at={createdAt} />, width: '6rem' },
]

export function RunList() {
  const { id: project, can } = useProject()
  const [, setAddress] = useAddress()
  const writes = can('model.write')
  const begin = () => setAddress({ new: '1' })
  useKeys(writes ? [{ key: 'a', label: 'Train a model', run: begin }] : [], 'Runs')
  const action = writes && (
    <Button onClick={begin} rightSection={<KeyHint k="a" />}>
      Train a model
    </Button>
  )
  return (
    <Page title="Runs" actions={action && <Group>{action}</Group>}>
      <Table<Run>
        name="runs"
        label="Runs"
        queryKey={runKey(project, 'list')}
        load={({ cursor, limit, filters, signal }) =>
          api.list({ project, after: cursor, limit, search: filters.name, state: filters.state }, { signal })
        }
        columns={columns}
        rowKey={({ id }) => id}
        onOpen={({ id }) => setAddress({ run: id, row: undefined })}
        empty={
          <Empty title="No run yet" action={action}>
            A run trains a model on a dataset: it imitates answers, learns to score them, or learns to be preferred. Its
            figures and answers are seen as it goes, and what it makes is at once a model of the project.
          </Empty>
        }
      />
    </Page>
  )
}
