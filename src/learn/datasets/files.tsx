/** A dataset as files: a job writes one, then it is saved. */
import { Button, Group, Radio, Select, Stack, Table, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { SaveFile } from '../../assure/export/save-file.tsx'
import { JobCard } from '../../projects/jobs/job-card.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { count, plural } from '../../web/numbers.ts'
import { Loading, Problem } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { datasets, type ShownDataset } from './contract.ts'

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

function Start({ data, onStarted }: { data: ShownDataset; onStarted: (job: string) => void }) {
  const { id: project } = useProject()
  const [format, setFormat] = useState(data.formats[0]!)
  const [packing, setPacking] = useState<'jsonl' | 'parquet'>('jsonl')
  const [split, setSplit] = useState<'train' | 'test'>('train')
  const start = useMutation({
    mutationFn: () => api.export({ project, dataset: data.id, format, packing, split }),
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
        <Radio.Group label="File" value={packing} onChange={(value) => setPacking(value as 'jsonl' | 'parquet')}>
          <Group mt={4}>
            <Radio value="jsonl" label="JSON lines" />
            <Radio value="parquet" label="Parquet" />
          </Group>
        </Radio.Group>
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
            --format {format} --out FOLDER
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
  if (error) return <Problem error={error} onRetry={() => void refetch()} />
  if (!data) return <Loading />
  if (!data.rows.length) return null
  return (
    <section aria-labelledby="files">
      <Title order={2} id="files" mb="sm">
        Files
      </Title>
      <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table verticalSpacing={5}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">File</Table.Th>
              <Table.Th scope="col" ta="right">
                Rows
              </Table.Th>
              <Table.Th scope="col">Written</Table.Th>
              <Table.Th scope="col">Fetch</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.rows.map((file) => (
              <Table.Tr key={file.id}>
                <Table.Td className="mono">{file.name}</Table.Td>
                <Table.Td ta="right">{count(file.rows)}</Table.Td>
                <Table.Td>
                  <Ago at={file.createdAt} />
                </Table.Td>
                <Table.Td>
                  <SaveFile file={file} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  )
}
