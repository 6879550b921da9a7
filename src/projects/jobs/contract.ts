/** Work that goes on in a project, and what open pages are told at once. */
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { endpoint, id, inProject, page, pageOf } from '../../platform/contract.ts'
import { job } from '../../platform/jobs/shape.ts'

const oneJob = inProject.extend({ job: id })

const liveEvent = z.object({
  /** `job` carries a job; other topics name what has changed. `gap`: events were missed, read everything again. */
  topic: z.string(),
  project: id.nullable(),
  data: z.unknown(),
})

export const jobs = {
  list: endpoint('GET', '/projects/{project}/jobs', 'project.read', 'Jobs of a project, the newest first')
    .input(inProject.extend(page))
    .output(pageOf(job)),
  mine: endpoint('GET', '/me/jobs', 'person', 'Jobs that one has begun, the newest first')
    .input(z.object(page))
    .output(pageOf(job)),
  show: endpoint('GET', '/projects/{project}/jobs/{job}', 'project.read', 'Show a job, with what it came to')
    .input(oneJob)
    .output(job.extend({ result: z.unknown() })),
  cancel: endpoint('POST', '/projects/{project}/jobs/{job}/cancel', 'task.write', 'Stop a job; what it has done stays')
    .input(oneJob)
    .output(job),
  retry: endpoint('POST', '/projects/{project}/jobs/{job}/retry', 'task.write', 'Try a job again from where it stood')
    .input(oneJob)
    .output(job),
  live: endpoint('GET', '/live', 'person', 'Events of the projects that one belongs to, as they happen', {
    description: 'Server-sent events. Last-Event-ID resumes after the event that was heard last, for up to an hour.',
  })
    .input(z.object({ project: id.optional() }).optional())
    .output(eventIterator(liveEvent)),
}
