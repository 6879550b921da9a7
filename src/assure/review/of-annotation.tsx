/** Beside an answer on the page of its task: asks for a second pair of eyes. */
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ShownTask } from '../../collect/tasks/one-task.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { notify, notifyProblem } from '../../web/notices.tsx'
import { reviews } from './contract.ts'

const api = clientOf({ reviews }).reviews

interface OfAnnotationProps {
  task: ShownTask
  annotation: ShownTask['annotations'][number]
}

export function OfAnnotation({ task, annotation: { submission, inForce } }: OfAnnotationProps) {
  const { id: project, can } = useProject()
  const request = useMutation({
    mutationFn: (submission: string) => api.request({ project, submission }),
    onSuccess: () => notify({ text: 'It is in the review queue, ahead of others.' }),
    onError: notifyProblem,
  })
  if (!submission || !inForce || !can('review') || task.purpose === 'review') return null
  return (
    <Button size="compact-xs" variant="default" loading={request.isPending} onClick={() => request.mutate(submission)}>
      Ask for a review
    </Button>
  )
}
