/** Import: a file is sent in parts, shown as it will look, and taken by a job. Each step stands in the address. */
import { Button, FileButton, Group, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type DragEvent, useEffect, useRef, useState } from 'react'
import { JobCard } from '../../projects/jobs/job-card.tsx'
import { hasEnded, useJob } from '../../projects/jobs/use-jobs.ts'
import { useAddress } from '../../web/address.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { bytes, plural } from '../../web/numbers.ts'
import { isAborted } from '../../web/problem.ts'
import { Page } from '../../web/shell.tsx'
import { Problem, Progress } from '../../web/states.tsx'
import { importResult, refusedRows } from './contract.ts'
import classes from './import.module.css'
import { ImportChoice, withoutUpload } from './import-choice.tsx'
import { sendFile } from './use-upload.ts'
import { RefusedRows } from './whole-check.tsx'

export function Import() {
  const { id: project } = useProject()
  const [{ upload, job }, setAddress] = useAddress()
  const back = `/projects/${project}/prompts`
  return (
    <Page
      title="Import"
      actions={
        <Button component={Go} to={back} variant="default">
          Back to the prompts
        </Button>
      }
    >
      {job ? (
        <Taken job={job} />
      ) : upload ? (
        <ImportChoice key={upload} upload={upload} />
      ) : (
        <Drop onSent={(id, name) => setAddress({ upload: id, file: name })} />
      )}
    </Page>
  )
}

function Drop({ onSent }: { onSent: (upload: string, name: string) => void }) {
  const { id: project } = useProject()
  const [sending, setSending] = useState<{ file: File; sent: number }>()
  const [error, setError] = useState<unknown>()
  const [over, setOver] = useState(false)
  const stop = useRef<AbortController>(undefined)
  // Leaving the page ends the upload: half a file is of no use.
  useEffect(() => () => stop.current?.abort(), [])

  const send = async (file: File | null | undefined) => {
    if (!file) return
    const controller = new AbortController()
    stop.current = controller
    setError(undefined)
    setSending({ file, sent: 0 })
    try {
      const { signal } = controller
      onSent(await sendFile(project, file, { signal, onProgress: (sent) => setSending({ file, sent }) }), file.name)
    } catch (fault) {
      if (!isAborted(fault)) setError(fault)
      setSending(undefined)
    }
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void send(event.dataTransfer.files[0])
  }
  return (
    <Stack gap="md" maw="44rem">
      {/* The file picker beside it does the same by keyboard. */}
      <section
        aria-label="Choose a file"
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        {sending ? (
          <Progress
            label={`Sending ${sending.file.name}`}
            done={sending.sent}
            total={sending.file.size}
            detail={`${bytes(sending.sent)} of ${bytes(sending.file.size)}`}
            onCancel={() => stop.current?.abort()}
          />
        ) : (
          <Group gap="md">
            <FileButton onChange={(file) => void send(file)} accept=".jsonl,.json,.ndjson,.csv,.tsv,.gz">
              {(props) => <Button {...props}>Choose a file</Button>}
            </FileButton>
            <Text>or drop one here.</Text>
          </Group>
        )}
      </section>
      {error !== undefined && <Problem error={error} />}
      <Text size="sm" c="dimmed" className="prose">
        JSONL, JSON, CSV or TSV, also packed with gzip: transcripts of Anthropic HH, the TRL formats (preference, prompt
        only, prompt and completion, KTO), OASST trees, or any table with a mapping. Nothing is taken before you have
        seen how its rows will look. The same row twice adds nothing.
      </Text>
    </Stack>
  )
}

function Taken({ job }: { job: string }) {
  const { id: project } = useProject()
  const { data } = useJob(project, job)
  const underWay = data !== undefined && !hasEnded(data)
  const [{ upload }, setAddress] = useAddress()
  return (
    <Stack gap="lg" maw="60rem">
      <JobCard job={job}>{(result) => <Result result={result} />}</JobCard>
      {underWay && (
        <Text size="sm" c="dimmed">
          You may leave this page: the import goes on, and is found again under{' '}
          <Go to={`/projects/${project}/activity?row=${job}`}>Activity</Go>.
        </Text>
      )}
      <Group>
        {upload && data && hasEnded(data) && data.state !== 'done' && (
          <Button onClick={() => setAddress({ job: undefined })}>Choose again for this file</Button>
        )}
        <Button variant="default" onClick={() => setAddress({ job: undefined, ...withoutUpload })}>
          Import another file
        </Button>
      </Group>
    </Stack>
  )
}

function Result({ result }: { result: unknown }) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  useEffect(() => {
    for (const list of ['prompts', 'tasks']) void queries.invalidateQueries({ queryKey: [list, project] })
  }, [queries, project])
  const read = importResult.safeParse(result)
  if (!read.success) {
    const refused = refusedRows.safeParse(result)
    return refused.success ? <RefusedRows {...refused.data} /> : null
  }
  const { prompts, responses, tasks, judgements, skipped, failed, failedCount } = read.data
  return (
    <Stack gap="md" w="100%">
      <Text>
        Taken: {plural(prompts, 'prompt')}, {plural(responses, 'response')}, {plural(judgements, 'judgement')},{' '}
        {plural(tasks, 'task')}.{' '}
        {skipped > 0 && `${plural(skipped, 'row')} ${skipped === 1 ? 'was' : 'were'} there already. `}
        {failedCount > 0 && `${plural(failedCount, 'row')} could not be taken.`}
      </Text>
      <Group>
        <Button component={Go} to={`/projects/${project}/prompts`}>
          See the prompts
        </Button>
        {tasks > 0 && (
          <Button component={Go} to={`/projects/${project}/tasks`} variant="default">
            See the tasks
          </Button>
        )}
        {prompts > 0 && (
          <Button component={Go} to={`/projects/${project}/prompts?duplicates=1`} variant="default">
            See which are alike
          </Button>
        )}
      </Group>
      <RefusedRows failed={failed} failedCount={failedCount} />
    </Stack>
  )
}
