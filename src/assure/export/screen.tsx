/** Exports: a job writes the file, and it is fetched in parts. */
import { Button, Group, Select, Stack, Switch, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { JobCard } from '../../projects/jobs/job-card.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { plural } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Empty, Pending, Problem } from '../../web/states.tsx'
import { exports, type Packing } from './contract.ts'
import { FilesTable } from './files-table.tsx'
import { PackingChoice } from './packing-choice.tsx'

const api = clientOf({ exports }).exports

/** What each format is for; a format without a line here is shown by its name. */
const purposes: Record<string, string> = {
  annotations: 'Annotations, one a line: everything that is kept of each',
  'annotations-csv': 'Annotations as a table with texts, for spreadsheets and notebooks',
  consensus: 'Consensus: what people say together of each task, ties too',
  'trl-preference': 'TRL preference pairs: prompt, chosen, rejected',
  'trl-preference-implicit': 'TRL preference pairs, the prompt inside both',
  'trl-preference-conversational': 'TRL preference pairs, as lists of messages',
  hh: 'Anthropic HH transcripts: chosen, rejected',
}

const filesKey = (project: string) => ['exports', project]

export function Screen() {
  const [{ job }, setAddress] = useAddress()
  return (
    <Page title="Exports">
      <Stack gap="xl" maw="60rem">
        <Start onStarted={(started) => setAddress({ job: started })} />
        {job && (
          <section aria-label="The export under way">
            <JobCard job={job}>{(result) => <Written result={result} />}</JobCard>
          </section>
        )}
        <Files />
      </Stack>
    </Page>
  )
}

function Start({ onStarted }: { onStarted: (job: string) => void }) {
  const { id: project } = useProject()
  const [format, setFormat] = useState('annotations')
  const [every, setEvery] = useState(false)
  const [packing, setPacking] = useState<Packing>('jsonl')
  const formats = useQuery({
    queryKey: ['export-formats'],
    queryFn: () => api.formats(),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const packings = formats.data?.rows.find(({ name }) => name === format)?.packings ?? []
  const chosen = packings.includes(packing) ? packing : packings[0]
  const start = useMutation({
    mutationFn: () => api.start({ project, format, every, packing: chosen }),
    onSuccess: ({ job }) => onStarted(job),
  })
  if (!formats.data) return <Pending error={formats.error} onRetry={formats.refetch} lines={4} />
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate()
      }}
    >
      <Stack gap="md" maw="36rem">
        <Select
          label="Format"
          allowDeselect={false}
          data={formats.data.rows.map(({ name }) => ({ value: name, label: purposes[name] ?? name }))}
          value={format}
          onChange={(value) => setFormat(value ?? 'annotations')}
        />
        {format.startsWith('annotations') && (
          <Switch
            label="Also what was imported, corrected or withdrawn"
            description="Each row says which it is. Without it: people’s annotations in force."
            checked={every}
            onChange={(event) => setEvery(event.currentTarget.checked)}
          />
        )}
        {chosen && packings.length > 1 && <PackingChoice of={packings} value={chosen} onChange={setPacking} />}
        {start.error && <Problem error={start.error} />}
        <Group>
          <Button type="submit" loading={start.isPending}>
            Write the file
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Written({ result }: { result: unknown }) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  useEffect(() => void queries.invalidateQueries({ queryKey: filesKey(project) }), [queries, project])
  const { rows = 0, unwritten: left = 0 } = (result ?? {}) as { rows?: number; unwritten?: number }
  return (
    <Text>
      {plural(rows, 'row')} written; the file is below.
      {left > 0 &&
        ` ${plural(left, 'judgement')} cannot be said in this format and ${left === 1 ? 'is' : 'are'} left out.`}
    </Text>
  )
}

function Files() {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: filesKey(project),
    queryFn: ({ signal }) => api.list({ project }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} />
  return (
    <FilesTable files={data.rows}>
      <Empty title="No file yet">
        An export is a file of what people judged, in a form that other tools read. It is kept here for two days. What
        is not judged yet is under <Go to={`/projects/${project}/tasks`}>Tasks</Go>.
      </Empty>
    </FilesTable>
  )
}
