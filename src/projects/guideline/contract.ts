/** The guideline of a project: clauses with stable ids, a draft, and published versions that never change. */
import { z } from 'zod'
import { endpoint, id, inProject, timestamp } from '../../platform/contract.ts'
import { clauses } from './rules.ts'

const version = z.object({
  version: z.number().int(),
  note: z.string(),
  publishedBy: z.object({ id, name: z.string() }).nullable(),
  publishedAt: timestamp,
  clauses,
})
export type GuidelineVersion = z.infer<typeof version>

const draft = z.object({ clauses, revision: z.number().int(), updatedAt: timestamp })

export const guideline = {
  draft: endpoint('GET', '/projects/{project}/guideline/draft', 'guideline.write', 'The draft')
    .input(inProject)
    .output(draft),
  saveDraft: endpoint(
    'PUT',
    '/projects/{project}/guideline/draft',
    'guideline.write',
    'Save the draft; `revision` is the one that was edited',
  )
    .input(inProject.extend({ clauses, revision: z.number().int().min(0) }))
    .output(draft),
  impact: endpoint(
    'GET',
    '/projects/{project}/guideline/impact',
    'guideline.write',
    'What publishing the draft would change, and which answers it touches',
  )
    .input(inProject)
    .output(
      z.object({
        added: z.array(z.string()),
        removed: z.array(z.string()),
        changed: z.array(z.string()),
        /** Answers in force by the version that they were given under, the newest first; versions without any are left out. */
        answers: z.array(
          z.object({
            version: z.number().int(),
            answers: z.number().int(),
            /** Whether the draft reads differently from that version. */
            touched: z.boolean(),
          }),
        ),
      }),
    ),
  publish: endpoint(
    'POST',
    '/projects/{project}/guideline/publish',
    'guideline.write',
    'Publish the draft as the next version',
  )
    .input(inProject.extend({ note: z.string().trim().min(1).max(2000), revision: z.number().int().min(0) }))
    .output(version),
  versions: endpoint(
    'GET',
    '/projects/{project}/guideline/versions',
    'guideline.read',
    'Published versions, newest first',
  )
    .input(inProject)
    .output(z.object({ rows: z.array(version.omit({ clauses: true })) })),
  version: endpoint(
    'GET',
    '/projects/{project}/guideline/versions/{version}',
    'guideline.read',
    'One published version, as shown beside the work',
  )
    .input(inProject.extend({ version: z.coerce.number().int().min(1) }))
    .output(version),
}
