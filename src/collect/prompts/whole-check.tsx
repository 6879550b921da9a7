/** What a check of the whole file has found, or how far it is. */
import { Stack, Text, Title } from '@mantine/core'
import { JobCard } from '../../projects/jobs/job-card.tsx'
import { count, plural } from '../../web/numbers.ts'
import { checkResult } from './contract.ts'
import { Problems } from './preview-rows.tsx'

export const WholeCheck = ({ job }: { job: string }) => (
  <section aria-label="Check of the whole file">
    <JobCard job={job}>{(result) => <Found result={result} />}</JobCard>
  </section>
)

function Found({ result }: { result: unknown }) {
  const read = checkResult.safeParse(result)
  if (!read.success) return null
  const { rows, failed, failedCount } = read.data
  return (
    <Stack gap="sm" w="100%">
      <Text role="status">
        {plural(rows, 'row')} can be taken
        {failedCount > 0 ? `, ${count(failedCount)} cannot.` : ', every one of the file.'}
      </Text>
      <RefusedRows failed={failed} failedCount={failedCount} />
    </Stack>
  )
}

interface RefusedRowsProps {
  failed: readonly { line: number; reason: string }[]
  failedCount: number
}

/** Rows that were not taken, or cannot be. */
export const RefusedRows = ({ failed, failedCount }: RefusedRowsProps) =>
  failed.length > 0 && (
    <section aria-label="Rows that cannot be taken">
      <Title order={3}>Rows that cannot be taken</Title>
      {failed.length < failedCount && <Text size="sm">The first {count(failed.length)}:</Text>}
      <Problems problems={failed} />
    </section>
  )
