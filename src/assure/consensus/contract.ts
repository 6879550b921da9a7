/** Consensus: what people say together of a task. For whoever may read what each of them said. */
import { z } from 'zod'
import { endpoint, id, inProject } from '../../platform/contract.ts'

/** One thing that was judged under one attribute. */
const consensusRow = z.object({
  targets: z.array(id),
  step: z.string(),
  attribute: z.string(),
  /** Votes by label, as they were given. */
  counts: z.record(z.string(), z.number().int()),
  total: z.number().int(),
  /** Probability of each label, every vote weighed by its author’s record. */
  soft: z.record(z.string(), z.number()),
  /** The most probable label; null where several are. */
  label: z.string().nullable(),
  /** Whether the labels with most votes have equally many. */
  tied: z.boolean(),
  /** Of the votes that carry a number. */
  mean: z.number().nullable(),
})
export type ConsensusRow = z.infer<typeof consensusRow>

export const consensus = {
  ofTask: endpoint(
    'GET',
    '/projects/{project}/tasks/{task}/consensus',
    'annotation.read',
    'What people say together of what a task asks',
    { description: 'Also what other tasks on the same responses added to it.' },
  )
    .input(inProject.extend({ task: id }))
    .output(z.object({ rows: z.array(consensusRow) })),
}
