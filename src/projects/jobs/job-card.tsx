/** One job: how far it is, a way to stop it, and what it came to. */
import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Job } from '../../platform/jobs/shape.ts'
import { useProject } from '../../web/current.tsx'
import { notifyProblem } from '../../web/notices.tsx'
import { duration } from '../../web/numbers.ts'
import { Pending, Problem, Progress } from '../../web/states.tsx'
import { hasEnded, useJob, useJobActs } from './use-jobs.ts'

const colours = { waiting: 'gray', running: 'petrol', done: 'green', failed: 'red', cancelled: 'gray' } as const

export const JobState = ({ state, cancelling }: Pick<Job, 'state' | 'cancelling'>) => (
  <Badge color={colours[state]}>{cancelling && state === 'running' ? 'stopping' : state}</Badge>
)

/** How long a job took, or has been at it. */
export const tookMs = ({ startedAt, endedAt }: Job): number | null =>
  startedAt ? new Date(endedAt ?? Date.now()).getTime() - new Date(startedAt).getTime() : null

/** Milliseconds that are left at the pace so far; undefined where nobody can tell. */
function leftMs(job: Job): number | undefined {
  const took = tookMs(job)
  if (!job.total || !took || took < 3000 || job.done <= 0) return undefined
  return (took / job.done) * (job.total - job.done)
}

export function JobProgress({ job, children }: { job: Job; children?: ReactNode }) {
  const { can } = useProject()
  const acts = useJobActs(job.project ?? '')
  const cancel = useMutation({ mutationFn: () => acts.cancel(job.id), onError: notifyProblem })
  const retry = useMutation({ mutationFn: () => acts.retry(job.id), onError: notifyProblem })
  if (!hasEnded(job))
    return (
      <Progress
        label={job.title}
        done={job.done}
        total={job.total ?? undefined}
        leftMs={leftMs(job)}
        detail={job.state === 'waiting' ? 'Waiting for its turn.' : job.note}
        onCancel={can('task.write') ? () => cancel.mutate() : undefined}
        cancelling={job.cancelling || cancel.isPending}
      />
    )
  return (
    <Stack gap="xs" align="flex-start">
      <Group gap="sm">
        <Text fw={600}>{job.title}</Text>
        <JobState {...job} />
        <Text size="sm" c="dimmed">
          {duration(tookMs(job))}
        </Text>
        {job.state !== 'done' && can('task.write') && (
          <Button size="compact-sm" variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
            Try again
          </Button>
        )}
      </Group>
      {job.problem && <Problem error={job.problem} />}
      {children}
    </Stack>
  )
}

/** Follows a job by its id; `children` is given what it came to, also where one that failed has left something to say. */
export function JobCard({ job: id, children }: { job: string; children?: (result: unknown) => ReactNode }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useJob(project, id)
  if (!data) return <Pending error={error} onRetry={refetch} lines={2} />
  return (
    <JobProgress job={data}>{(data.state === 'done' || data.result !== null) && children?.(data.result)}</JobProgress>
  )
}
