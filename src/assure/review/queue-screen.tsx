/** The queue: one answer at a time beside its evidence. Who gave it is not shown. */
import { Button, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useKeys } from '../../web/keys.tsx'
import { Go } from '../../web/link.tsx'
import { plural } from '../../web/numbers.ts'
import { Empty, Pending, Problem } from '../../web/states.tsx'
import { type ReviewWork, reviews } from './contract.ts'
import { OneReview } from './one-review.tsx'
import { useRenewedLease } from './use-renewed-lease.ts'

const api = clientOf({ reviews }).reviews

export function ReviewQueue() {
  const { id: project } = useProject()
  const queries = useQueryClient()
  const [work, setWork] = useState<ReviewWork>()
  useRenewedLease(work?.assignment.id)
  const waiting = useQuery({
    queryKey: ['reviews', project, 'waiting'],
    queryFn: ({ signal }) => api.queue({ project }, { signal }),
    refetchInterval: 15_000,
  })
  const claim = useMutation({
    mutationFn: () => api.claim({ project }),
    onSuccess: (claimed) => {
      setWork('answers' in claimed ? claimed : undefined)
      return queries.invalidateQueries({ queryKey: ['reviews', project] })
    },
  })
  const next = () => claim.mutate()
  if (work)
    return (
      <>
        <Text size="sm" c="dimmed" mb="sm" role="status">
          {waiting.data &&
            (waiting.data.waiting > 1 ? `${plural(waiting.data.waiting - 1, 'more answer')} to check` : 'The last one')}
        </Text>
        {claim.error && <Problem error={claim.error} onRetry={next} />}
        <OneReview key={work.assignment.id} work={work} onDone={next} />
      </>
    )
  if (!waiting.data) return <Pending error={waiting.error} onRetry={waiting.refetch} lines={4} />
  return (
    <>
      {claim.error && <Problem error={claim.error} onRetry={next} />}
      {waiting.data.waiting > 0 ? (
        <Start waiting={waiting.data.waiting} busy={claim.isPending} onStart={next} />
      ) : (
        <Nothing />
      )}
    </>
  )
}

function Start({ waiting, busy, onStart }: { waiting: number; busy: boolean; onStart: () => void }) {
  useKeys([{ key: 'Enter', label: 'Begin', run: onStart }], 'Review')
  return (
    <Empty
      title={`${plural(waiting, 'answer')} to check`}
      action={
        <Button loading={busy} onClick={onStart}>
          Begin
        </Button>
      }
    >
      You see what its author saw and what its author answered, never who it was. Accept it, correct it, or return it
      with a reason. What you hold is yours until its time runs out.
    </Empty>
  )
}

function Nothing() {
  const { id: project, can } = useProject()
  return (
    <Empty
      title="Nothing to check"
      action={can('project.write') && <Go to={`/projects/${project}/settings`}>Set the share that is reviewed</Go>}
    >
      Answers come here when they fall into the share that the project has reviewed, or when somebody asks for it on the
      page of a task. One’s own answers are never among them.
    </Empty>
  )
}
