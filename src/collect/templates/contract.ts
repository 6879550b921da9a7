/** Templates: what the tasks of a project ask. A version never changes: tasks and answers keep the one they were made with. */
import { z } from 'zod'
import { endpoint, id, inProject } from '../../platform/contract.ts'
import { steps } from './rules.ts'

export const template = z.object({ id, version: z.number().int(), name: z.string(), steps })
export type Template = z.infer<typeof template>

export const templates = {
  list: endpoint('GET', '/projects/{project}/templates', 'project.read', 'The newest version of each template')
    .input(inProject)
    .output(z.object({ rows: z.array(template) })),
  change: endpoint(
    'PUT',
    '/projects/{project}/templates/{template}',
    'project.write',
    'Write the next version of a template; `version` is the one that was edited',
    { description: 'Tasks that are made from now on ask for it; those that are there keep what they ask.' },
  )
    .input(inProject.extend({ template: id, version: z.number().int().min(1), steps }))
    .output(template),
}
