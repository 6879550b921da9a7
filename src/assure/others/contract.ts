/** One's own answers afterwards: how others saw the same, where the project lets people see it. Never before one's own answer. */
import { z } from 'zod'
import { endpoint, id, inProject, page, pageOf, timestamp } from '../../platform/contract.ts'
import { explained } from '../gold/contract.ts'

/** What was said, to be read by the person on whose screen the targets stood in this order. */
export const shownJudgement = z.object({
  step: z.string(),
  kind: z.string(),
  payload: z.unknown(),
  settings: z.unknown(),
  /** Which of its targets, in stored order, stood in each place of one's screen. */
  order: z.array(z.number().int()),
})
export type ShownJudgement = z.infer<typeof shownJudgement>

const myAnswer = z.object({
  submission: id,
  assignment: id,
  opening: z.string(),
  at: timestamp,
  judgements: z.array(shownJudgement),
  /** What one reported of it last, and what came of that; null while nobody has said. */
  reported: z.object({ reason: z.string(), outcome: z.string().nullable() }).nullable(),
  /** Of each attribute that one judged: how many others judged it too, and how many of them said the same. */
  others: z.array(
    z.object({ step: z.string(), attribute: z.string(), same: z.number().int(), total: z.number().int() }),
  ),
  /** What one was told after a task whose answer is known. */
  told: explained.nullable(),
})
export type MyAnswer = z.infer<typeof myAnswer>

export const others = {
  mine: endpoint('GET', '/projects/{project}/my-answers', 'annotate', 'One’s own answers, the newest first', {
    description: 'With how others saw the same tasks, where the settings of the project say that people may see it.',
  })
    .input(inProject.extend({ ...page, limit: page.limit.default(10) }))
    .output(pageOf(myAnswer).extend({ showsOthers: z.boolean() })),
}
