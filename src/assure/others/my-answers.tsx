/** One's newest answers with how others saw them; a part of *My work*. */
import { Button, Group, Modal, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { tasks } from '../../collect/tasks/contract.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { ReasonForm } from '../../web/reason-form.tsx'
import { Pending } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { Explanation, onScreen } from '../gold/shown.tsx'
import { type MyAnswer, others } from './contract.ts'
import { Judgements } from './judgements.tsx'

const api = clientOf({ others, tasks })

/** "preference: 2 of 3 others said the same" */
const sayOthers = ({ others }: MyAnswer): string =>
  others.map(({ attribute, same, total }) => `${attribute}: ${same} of ${total} others said the same`).join('; ')

function Answer({ answer, showsOthers }: { answer: MyAnswer; showsOthers: boolean }) {
  return (
    <article>
      <Group gap="sm" justify="space-between" wrap="nowrap" mb={2}>
        <Text size="sm" lineClamp={1}>
          {answer.opening}
        </Text>
        <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          <Ago at={answer.at} />
        </Text>
      </Group>
      <Judgements of={answer.judgements} />
      {answer.told && (
        <>
          <Text size="sm" c={answer.told.agrees ? undefined : 'var(--warn)'}>
            {answer.told.agrees
              ? 'The expected answer.'
              : `Not the expected answer: ${answer.told.compared
                  .filter(({ agrees }) => !agrees)
                  .map(
                    ({ attribute, said, expected }) =>
                      `${attribute} ${onScreen(expected)}, where you said ${onScreen(said)}`,
                  )
                  .join('; ')} (A and B as they stood on your screen).`}
          </Text>
          {answer.told.explanation && <Explanation text={answer.told.explanation} />}
        </>
      )}
      {showsOthers && (
        <Text size="sm" c="dimmed">
          {answer.others.length ? sayOthers(answer) : 'Nobody else has answered this task yet.'}
        </Text>
      )}
      <Report answer={answer} />
    </article>
  )
}

/** An answer that cannot be undone any more: a lead or reviewer who reads why may have it returned. */
function Report({ answer: { assignment, reported } }: { answer: MyAnswer }) {
  const { id: project } = useProject()
  const [open, setOpen] = useState(false)
  const queries = useQueryClient()
  const close = () => setOpen(false)
  return (
    <>
      {reported && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          You reported it: {reported.reason}{' '}
          {reported.outcome === null ? 'Nobody has dealt with it yet.' : `What came of it: ${reported.outcome}`}
        </Text>
      )}
      <Button size="compact-xs" variant="subtle" color="gray" px={4} onClick={() => setOpen(true)}>
        {reported && reported.outcome === null ? 'Report something else' : 'Report'}
      </Button>
      <Modal opened={open} onClose={close} title="Report this answer or its task" centered>
        <ReasonForm
          label="What is wrong"
          description="The leads see it in their list of tasks, with your name. A reviewer can return the answer to you."
          button="Report"
          act={async (reason) => {
            await api.tasks.flag({ assignment, reason })
            await queries.invalidateQueries({ queryKey: ['my-answers', project] })
          }}
          onDone={close}
        />
      </Modal>
    </>
  )
}

export function MyAnswers() {
  const { id: project } = useProject()
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['my-answers', project],
    queryFn: ({ pageParam, signal }) => api.others.mine({ project, after: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  })
  return (
    <section aria-labelledby="answers">
      <Title order={3} id="answers" mb="xs">
        Your newest answers
      </Title>
      {!data && <Pending error={error} onRetry={refetch} lines={4} />}
      <Stack gap="md">
        {data?.pages.flatMap(({ rows, showsOthers }) =>
          rows.map((answer) => <Answer key={answer.submission} answer={answer} showsOthers={showsOthers} />),
        )}
        {hasNextPage && (
          <Group>
            <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              Older ones
            </Button>
          </Group>
        )}
      </Stack>
    </section>
  )
}
