/** Duplicates: which prompts are the same, or nearly, so that people are not asked twice and tests are not learned by heart. */
import { z } from 'zod'
import { cursor, endpoint, id, inProject, page, timestamp } from '../../../platform/contract.ts'

export const duplicateKinds = ['same', 'near'] as const
export type DuplicateKind = (typeof duplicateKinds)[number]

/** A prompt of a group: the first with its words. */
const example = z.object({
  id,
  /** All turns but the system's, as far as `cut` says. */
  text: z.string(),
  cut: z.boolean(),
  tags: z.array(z.string()),
  /** Prompts of the group with the same words, this one among them. */
  alike: z.number().int(),
})

const duplicateGroup = z.object({
  id,
  size: z.number().int(),
  kind: z.enum(duplicateKinds),
  /** Three at most, of different words first. */
  examples: z.array(example),
})
export type DuplicateGroup = z.infer<typeof duplicateGroup>

const share = z.object({ groups: z.number().int(), prompts: z.number().int() })

export const duplicates = {
  list: endpoint(
    'GET',
    '/projects/{project}/prompt-duplicates',
    'prompt.read',
    'Prompts that are alike, the largest groups first',
    {
      description:
        'As they were last looked at. `same`: the same words but for case, punctuation and turns of the system; `near`: at least 0.8 of all runs of three words in common, as far as sketches tell.',
    },
  )
    .input(
      inProject.extend({
        ...page,
        after: cursor,
        limit: page.limit.default(10),
        kind: z.enum(duplicateKinds).optional(),
      }),
    )
    .output(
      z.object({
        /** null: nobody has looked yet. */
        report: z
          .object({
            at: timestamp,
            /** That were compared, and that were added since (no further than 10,000). */
            prompts: z.number().int(),
            newer: z.number().int(),
            same: share,
            near: share,
          })
          .nullable(),
        /** The job that looks at them now. */
        job: id.nullable(),
        rows: z.array(duplicateGroup),
        next: z.string().nullable(),
      }),
    ),
  find: endpoint(
    'POST',
    '/projects/{project}/prompt-duplicates',
    'prompt.write',
    'Look which prompts are alike; a job does it',
  )
    .input(inProject)
    .output(z.object({ job: id })),
}
