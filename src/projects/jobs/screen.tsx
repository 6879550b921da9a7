/** Activity: everything that goes on in a project in the background, as it moves. */
import { Code, Stack, Text, Title } from '@mantine/core'
import type { Job } from '../../platform/jobs/shape.ts'
import { useAddress } from '../../web/address.ts'
import { useProject } from '../../web/current.tsx'
import { duration } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Side } from '../../web/side.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { JobCard, JobProgress, JobState, tookMs } from './job-card.tsx'
import { api, hasEnded, useJobs } from './use-jobs.ts'

const columns: Column<Job>[] = [
  { key: 'title', header: 'What', cell: ({ title }) => title, width: '16rem' },
  { key: 'state', header: 'State', cell: (job) => <JobState {...job} />, width: '6rem' },
  { key: 'note', header: 'How far', cell: ({ note, problem }) => problem?.message ?? note, width: '14rem' },
  { key: 'took', header: 'Took', cell: (job) => duration(tookMs(job)), numeric: true },
  { key: 'tries', header: 'Tries', cell: ({ attempt }) => attempt, numeric: true, hidden: true },
  { key: 'createdAt', header: 'Begun', cell: ({ createdAt }) => <Ago at={createdAt} /> },
]

export function Screen() {
  const { id: project } = useProject()
  const [{ row }, setAddress] = useAddress()
  const { data, error, refetch } = useJobs(project)
  const running = data?.rows.filter((job) => !hasEnded(job)) ?? []
  return (
    <Page title="Activity">
      <Stack gap="xl">
        <section aria-labelledby="under-way">
          <Title order={2} id="under-way" mb="sm">
            Under way
          </Title>
          {!data && <Pending error={error} onRetry={refetch} lines={2} />}
          {data && running.length === 0 && <Text c="dimmed">Nothing is under way.</Text>}
          <Stack gap="md">
            {running.map((job) => (
              <JobProgress key={job.id} job={job} />
            ))}
          </Stack>
        </section>
        <section aria-labelledby="all-jobs">
          <Title order={2} id="all-jobs" mb="sm">
            All jobs
          </Title>
          <Table<Job>
            name="jobs"
            label="Jobs"
            queryKey={['jobs', project, 'table']}
            load={({ cursor, limit, signal }) => api.list({ project, after: cursor, limit }, { signal })}
            columns={columns}
            rowKey={({ id }) => id}
            empty={
              <Empty title="No jobs yet">
                Imports, exports, sampling and training take longer than a page may wait. They run here; you can leave
                and come back.
              </Empty>
            }
          />
        </section>
      </Stack>
      <Side title="Job" opened={row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {row && (
          <JobCard job={row}>
            {(result) => (
              <Code block w="100%">
                {JSON.stringify(result, null, 2)}
              </Code>
            )}
          </JobCard>
        )}
      </Side>
    </Page>
  )
}
