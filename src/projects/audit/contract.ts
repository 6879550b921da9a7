/** The audit log of a project: who did what, when. Of values it holds digests alone, so there is nothing more to show. */
import { z } from 'zod'
import { anyOf, endpoint, id, inProject, page, pageOf, timestamp } from '../../platform/contract.ts'

const auditRow = z.object({
  id,
  at: timestamp,
  /** Without an id: the command line (`operator`), or the program itself (`system`). */
  actor: z.object({ id: id.nullable(), name: z.string(), simulated: z.boolean() }),
  action: z.string(),
  /** A kind and an id. */
  subject: z.string(),
  /** Its place in the hash chain; null: not linked yet. */
  sequence: z.number().int().nullable(),
})
export type AuditRow = z.infer<typeof auditRow>

export const audit = {
  list: endpoint('GET', '/projects/{project}/audit', 'audit.read', 'What was done, newest first')
    .input(
      inProject.extend({
        ...page,
        /** A part of the action’s name. */
        action: z.string().max(60).optional(),
        person: anyOf(id),
      }),
    )
    .output(pageOf(auditRow)),
  verify: endpoint(
    'POST',
    '/projects/{project}/audit/verify',
    'audit.read',
    'Recompute the hash chain; a job does it',
    {
      description: 'The chain is one for all projects: the outcome is whether any row of any of them was touched.',
    },
  )
    .input(inProject)
    .output(z.object({ job: id })),
}
