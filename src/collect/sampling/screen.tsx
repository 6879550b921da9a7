/** Samples: responses drawn from policies. Failures are rows too, and are asked again together. */
import { Badge, Button, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { JobCard } from '../../projects/jobs/job-card.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useKeys } from '../../web/keys.tsx'
import { Go } from '../../web/link.tsx'
import { notifyProblem } from '../../web/notices.tsx'
import { count, decimal, duration, plural } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Side } from '../../web/side.tsx'
import { Empty } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { CutOff } from '../prompts/conversation.tsx'
import { OnePrompt } from '../prompts/one-prompt.tsx'
import { type Sample, sample, sampling } from './contract.ts'
import { DrawForm } from './draw-form.tsx'
import { MakeTasksForm } from './make-tasks-form.tsx'

const api = clientOf({ sampling }).sampling

const colours = { waiting: 'gray', done: 'green', failed: 'red', cancelled: 'gray' } as const
const states = sample.shape.state.options

const columns: Column<Sample>[] = [
  { key: 'opening', header: 'Prompt', cell: ({ opening }) => opening, width: '14rem' },
  { key: 'policy', header: 'Policy', cell: ({ policy }) => policy, width: '7rem' },
  {
    key: 'state',
    header: 'State',
    width: '8rem',
    filter: { kind: 'choice', options: states.map((value) => ({ value, label: value })) },
    cell: ({ state, cutOff }) => (
      <>
        <Badge color={colours[state]}>{state}</Badge> {cutOff && <CutOff />}
      </>
    ),
  },
  {
    key: 'problem',
    header: 'Why it failed',
    text: ({ problem }) => problem?.message,
    cell: ({ problem }) => problem?.message,
    width: '10rem',
  },
  { key: 'tokensOut', header: 'Tokens', cell: ({ tokensOut }) => count(tokensOut), numeric: true },
  { key: 'latencyMs', header: 'Took', cell: ({ latencyMs }) => duration(latencyMs), numeric: true },
  { key: 'cost', header: 'Cost', cell: ({ cost }) => decimal(cost, 5), numeric: true, hidden: true },
  { key: 'seed', header: 'Seed', cell: ({ seed }) => seed, numeric: true, hidden: true },
  { key: 'at', header: 'Asked', cell: ({ at }) => <Ago at={at} />, width: '7rem' },
]

/** The address without the form of tasks and what it was told. */
const withoutMaking = { make: undefined, made: undefined, purpose: undefined }

export function Screen() {
  const { id: project, can } = useProject()
  const [{ job, draw, make }, setAddress] = useAddress()
  const writes = can('prompt.write')
  const begin = () => setAddress({ ...withoutMaking, draw: '1', row: undefined })
  const pair = () => setAddress({ ...withoutMaking, make: '1', draw: undefined, row: undefined })
  useKeys(
    writes
      ? [
          { key: 'd', label: 'Draw responses', run: begin },
          { key: 't', label: 'Make tasks', run: pair },
        ]
      : [],
    'Samples',
  )
  return (
    <Page
      title="Samples"
      actions={
        writes && (
          <>
            <Button onClick={begin}>Draw responses</Button>
            <Button variant="default" onClick={pair}>
              Make tasks
            </Button>
          </>
        )
      }
    >
      <Stack gap="lg">
        {job && <Drawing job={job} />}
        <Table<Sample>
          name="samples"
          label="Samples"
          queryKey={['samples', project, job]}
          load={({ filters: { state }, cursor, limit, signal }) =>
            api.list({ project, after: cursor, limit, job, state }, { signal })
          }
          columns={columns}
          rowKey={({ id }) => id}
          onOpen={({ prompt }) => setAddress({ prompt })}
          empty={
            <Empty title="No samples yet" action={writes && <Button onClick={begin}>Draw responses</Button>}>
              A sample is one response that a policy gave to a prompt, with its parameters and seed. Draw two or more
              for each prompt; people then judge which is better.
            </Empty>
          }
        />
      </Stack>
      <Side
        title="Draw responses"
        opened={draw !== undefined}
        onClose={() => setAddress({ draw: undefined, prompts: undefined })}
      >
        <DrawForm
          onStarted={(started) => setAddress({ job: started, draw: undefined, prompts: undefined, state: undefined })}
        />
      </Side>
      <Side title="Make tasks" opened={make !== undefined} onClose={() => setAddress(withoutMaking)}>
        <MakeTasksForm />
      </Side>
      <SampledPrompt />
    </Page>
  )
}

/** The prompt of the chosen sample, with all its responses. */
function SampledPrompt() {
  const [{ prompt }, setAddress] = useAddress()
  return (
    <Side
      title="Prompt"
      opened={prompt !== undefined}
      onClose={() => setAddress({ prompt: undefined, row: undefined })}
    >
      {prompt && <OnePrompt prompt={prompt} />}
    </Side>
  )
}

function Drawing({ job }: { job: string }) {
  const [, setAddress] = useAddress()
  return (
    <Stack gap="sm" component="section" aria-label="Drawing" maw="44rem">
      <JobCard job={job}>{(result) => <Drawn job={job} result={result} />}</JobCard>
      <div>
        <Button size="compact-sm" variant="default" onClick={() => setAddress({ job: undefined })}>
          Show the samples of all jobs
        </Button>
      </div>
    </Stack>
  )
}

function Drawn({ job, result }: { job: string; result: unknown }) {
  const { id: project } = useProject()
  const [, setAddress] = useAddress()
  const queries = useQueryClient()
  useEffect(() => {
    for (const list of ['samples', 'prompts']) void queries.invalidateQueries({ queryKey: [list, project] })
  }, [queries, project])
  const retry = useMutation({
    mutationFn: () => api.retry({ project, job }),
    onSuccess: (again) => setAddress({ job: again.job, state: undefined }),
    onError: notifyProblem,
  })
  const {
    responses = 0,
    failed = 0,
    cost,
  } = (result ?? {}) as { responses?: number; failed?: number; cost?: number | null }
  return (
    <Stack gap="xs" align="flex-start">
      <span>
        {plural(responses, 'response')} drawn
        {failed > 0 && `, ${count(failed)} failed`}
        {cost ? `, for ${decimal(cost, 4)}` : ''}.
      </span>
      {failed > 0 && (
        <Button size="compact-sm" variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
          Ask again for the {count(failed)} that failed
        </Button>
      )}
      {responses > 0 && <Go to={`/projects/${project}/samples?make=1`}>Make tasks of them</Go>}
    </Stack>
  )
}
