/** Which prompts are the same, or nearly: groups with their texts side by side. Kind, page and open prompt stand in the address. */
import { Button, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { JobCard } from '../../../projects/jobs/job-card.tsx'
import { hasEnded, useJobs } from '../../../projects/jobs/use-jobs.ts'
import { useAddress } from '../../../web/address.ts'
import { clientOf } from '../../../web/client.ts'
import { useProject } from '../../../web/current.tsx'
import { useKeys } from '../../../web/keys.tsx'
import { Go } from '../../../web/link.tsx'
import { notifyProblem } from '../../../web/notices.tsx'
import { count, plural } from '../../../web/numbers.ts'
import { Page } from '../../../web/shell.tsx'
import { Side } from '../../../web/side.tsx'
import { Empty, Pending } from '../../../web/states.tsx'
import { Ago } from '../../../web/time.tsx'
import { OnePrompt } from '../one-prompt.tsx'
import { type DuplicateGroup, duplicateKinds, duplicates } from './contract.ts'
import classes from './duplicates.module.css'

const api = clientOf({ duplicates }).duplicates

type Report = Awaited<ReturnType<typeof api.list>>['report']

const kindNames = { same: 'the same words', near: 'nearly the same words' } as const

export function Duplicates() {
  const { id: project, can } = useProject()
  const [{ kind, after, row }, setAddress] = useAddress()
  const queries = useQueryClient()
  const wanted = duplicateKinds.find((one) => one === kind)
  const queryKey = ['duplicates', project]
  const { data, error, refetch } = useQuery({
    queryKey: [...queryKey, wanted, after],
    queryFn: ({ signal }) => api.list({ project, kind: wanted, after }, { signal }),
    placeholderData: keepPreviousData,
  })
  const look = useMutation({
    mutationFn: () => api.find({ project }),
    onSuccess: () => queries.invalidateQueries({ queryKey }),
    onError: notifyProblem,
  })
  // The job that looks has ended: what it found is there.
  const looking = data?.job ?? undefined
  const ended = useJobs(project).data?.rows.some((job) => job.id === looking && hasEnded(job)) ?? false
  useEffect(() => {
    if (ended) void queries.invalidateQueries({ queryKey: ['duplicates', project] })
  }, [ended, queries, project])
  const begin = () => !looking && !look.isPending && look.mutate()
  useKeys(can('prompt.write') ? [{ key: 'u', label: 'Look which prompts are alike', run: begin }] : [], 'Duplicates')
  const button = can('prompt.write') && !looking && (
    <Button loading={look.isPending} onClick={begin}>
      {data?.report ? 'Look again' : 'Look which are alike'}
    </Button>
  )
  return (
    <Page
      title="Duplicates"
      actions={
        <>
          <Button component={Go} to={`/projects/${project}/prompts`} variant="default">
            Back to the prompts
          </Button>
          {data?.report && button}
        </>
      }
    >
      {!data && <Pending error={error} onRetry={refetch} lines={8} />}
      {data && (
        <Stack gap="lg">
          {looking && <JobCard job={looking} />}
          {data.report ? (
            <>
              <Found report={data.report} />
              <Group gap="md">
                <SegmentedControl
                  aria-label="Which groups"
                  value={wanted ?? ''}
                  onChange={(value) => setAddress({ kind: value || undefined, after: undefined })}
                  data={[
                    { value: '', label: 'All' },
                    { value: 'same', label: 'Same words' },
                    { value: 'near', label: 'Nearly' },
                  ]}
                />
              </Group>
              {data.rows.length === 0 && <Text c="dimmed">No such group.</Text>}
              {data.rows.map((group) => (
                <OneGroup key={group.id} group={group} onOpen={(prompt) => setAddress({ row: prompt })} />
              ))}
              {(after || data.next) && (
                <Group gap="sm">
                  <Button variant="default" disabled={!after} onClick={() => setAddress({ after: undefined })}>
                    To the largest
                  </Button>
                  <Button
                    variant="default"
                    disabled={!data.next}
                    onClick={() => setAddress({ after: data.next ?? undefined })}
                  >
                    Smaller ones
                  </Button>
                </Group>
              )}
            </>
          ) : (
            !looking && (
              <Empty title="Nobody has looked yet" action={button}>
                Prompts that are the same but for a few words cost work twice, and a model that has learned one has seen
                the test in the other. Datasets hold such prompts out together by themselves; here you see which they
                are.
              </Empty>
            )
          )}
        </Stack>
      )}
      <Side title="Prompt" opened={row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {row && <OnePrompt prompt={row} />}
      </Side>
    </Page>
  )
}

const Found = ({ report }: { report: NonNullable<Report> }) => (
  <div>
    <Text maw="72ch">
      Of {plural(report.prompts, 'prompt')}, {count(report.same.prompts)} stand in {plural(report.same.groups, 'group')}{' '}
      of the same words, and {count(report.near.prompts)} in {plural(report.near.groups, 'group')} of nearly the same:
      at least 0.8 of all runs of three words in common. Case, punctuation and what the system says do not count.
    </Text>
    <Text size="sm" c="dimmed">
      Looked at <Ago at={report.at} />.
      {report.newer > 0 &&
        ` ${report.newer >= 10_000 ? 'Over 10,000 prompts were' : report.newer === 1 ? 'One prompt was' : `${count(report.newer)} prompts were`} added since.`}
    </Text>
  </div>
)

function OneGroup({
  group: { id, size, kind, examples },
  onOpen,
}: {
  group: DuplicateGroup
  onOpen: (prompt: string) => void
}) {
  const { id: project } = useProject()
  const heading = `group-${id}`
  return (
    <section aria-labelledby={heading}>
      <Group justify="space-between" gap="sm" mb="xs">
        <Title order={2} size="h4" id={heading}>
          {plural(size, 'prompt')} of {kindNames[kind]}
        </Title>
        <Go to={`/projects/${project}/prompts?alike=${id}`}>See all {count(size)} in the list</Go>
      </Group>
      <div className={classes.examples}>
        {examples.map((example) => (
          <article key={example.id} className={classes.example}>
            <div className={classes.text} dir="auto">
              {example.text}
              {example.cut && (
                <Text span c="dimmed">
                  {' '}
                  … goes on
                </Text>
              )}
            </div>
            <Group justify="space-between" gap="xs">
              <Text size="sm" c="dimmed">
                {kind === 'near' && example.alike > 1 && `${count(example.alike)} with these words`}
                {example.tags.length > 0 && ` ${example.tags.join(', ')}`}
              </Text>
              <Button size="compact-xs" variant="default" onClick={() => onOpen(example.id)}>
                Open
              </Button>
            </Group>
          </article>
        ))}
      </div>
    </section>
  )
}
