/** A dataset as files: a job writes one, then it is saved. */
import { Button, Checkbox, Group, Radio, Select, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { FilesTable } from '../../assure/export/files-table.tsx'
import { PackingChoice } from '../../assure/export/packing-choice.tsx'
import { JobCard } from '../../projects/jobs/job-card.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { plural } from '../../web/numbers.ts'
import { Pending, Problem } from '../../web/states.tsx'
import { datasets, type ShownDataset } from './contract.ts'
import { hasMargins } from './rules.ts'

const api = clientOf({ datasets }).datasets

/** What each format is for; one without a line here is shown by its name. */
const purposes: Record<string, string> = {
  'trl-preference': 'TRL preference: prompt, chosen, rejected',
  'trl-preference-implicit': 'TRL preference, the prompt inside both',
  'trl-preference-conversational': 'TRL preference, as lists of messages',
  kto: 'KTO: each response with wanted or not',
  'trl-prompt-completion': 'Supervised tuning: prompt and completion',
  'trl-prompt-completion-conversational': 'Supervised tuning, as lists of messages',
  hh: 'Anthropic HH transcripts: chosen, rejected',
  annotators: 'Every judgement, with an id for who gave it',
  jsonl: 'Plumbline’s own, with everything that a row has',
}

const filesKey = (project: string, dataset: string) => ['datasets', project, 'files', dataset]

export function Files({ data }: { data: ShownDataset }) {
  const [{ job }, setAddress] = useAddress()
  return (
    <Stack gap="xl" maw="60rem">
      <Start data={data} onStarted={(started) => setAddress({ job: started })} />
      {job && (
        <section aria-label="The file under way">
          <JobCard job={job}>{(result) => <Written dataset={data.id} result={result} />}</JobCard>
        </section>
      )}
      <Listed dataset={data.id} />
    </Stack>
  )
}

const packings = ['jsonl', 'parquet'] as const

function Start({ data, onStarted }: { data: ShownDataset; onStarted: (job: string) => void }) {
  const { id: project } = useProject()
  const [format, setFormat] = useState(data.formats[0]!)
  const [packing, setPacking] = useState<(typeof packings)[number]>('jsonl')
  const [split, setSplit] = useState<'train' | 'test'>('train')
  const [asMargin, setAsMargin] = useState(false)
  const margin = (hasMargins(format) && asMargin) || undefined
  const start = useMutation({
    mutationFn: () => api.export({ project, dataset: data.id, format, packing, margin, split }),
    onSuccess: ({ job }) => onStarted(job),
  })
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
          data={data.formats.map((name) => ({ value: name, label: purposes[name] ?? name }))}
          value={format}
          onChange={(value) => setFormat(value ?? format)}
        />
        <Radio.Group label="Split" value={split} onChange={(value) => setSplit(value as 'train' | 'test')}>
          <Group mt={4}>
            <Radio value="train" label={`Train, ${plural(data.train, 'row')}`} />
            <Radio value="test" label={`Test, ${plural(data.test, 'row')}`} />
          </Group>
        </Radio.Group>
        <PackingChoice of={packings} value={packing} onChange={setPacking} />
        {hasMargins(format) && (
          <Checkbox
            label="The strength as a margin, which reward trainers take into their loss"
            checked={asMargin}
            onChange={(event) => setAsMargin(event.currentTarget.checked)}
          />
        )}
        {start.error && <Problem error={start.error} />}
        <Group>
          <Button type="submit" loading={start.isPending}>
            Write the file
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          Both splits and the card in one folder:{' '}
          <span className="mono">
            ./plumbline dataset export {/^[\w.-]+$/.test(data.name) ? data.name : `"${data.name}"`} --project {project}{' '}
            --format {format} {margin && '--margin '}--out FOLDER
          </span>
        </Text>
      </Stack>
    </form>
  )
}

function Written({ dataset, result }: { dataset: string; result: unknown }) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  useEffect(() => void queries.invalidateQueries({ queryKey: filesKey(project, dataset) }), [queries, project, dataset])
  const { rows = 0, unwritten = 0 } = (result ?? {}) as { rows?: number; unwritten?: number }
  return (
    <Text>
      {plural(rows, 'row')} written; the file is below.
      {unwritten > 0 && ` ${plural(unwritten, 'row')} cannot be said in this format, for instance ties.`}
    </Text>
  )
}

function Listed({ dataset }: { dataset: string }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: filesKey(project, dataset),
    queryFn: ({ signal }) => api.files({ project, dataset }, { signal }),
  })
  if (!data) return <Pending error={error} onRetry={refetch} />
  return data.rows.length > 0 && <FilesTable files={data.rows} />
}
