/** Review: a second pair of eyes accepts an answer, corrects it with one that supersedes it, or returns it with a reason. */
import { z } from 'zod'
import { answer, work } from '../../collect/tasks/contract.ts'
import { anyOf, endpoint, id, inProject, page, pageOf, timestamp } from '../../platform/contract.ts'

export const verdicts = ['accept', 'correct', 'return'] as const

/** The work to check: what the author saw and what the author answered. Who it was is not shown. */
const reviewWork = work.extend({ answers: z.array(answer) })
export type ReviewWork = z.infer<typeof reviewWork>

export const review = z.object({
  id,
  submission: id,
  task: id,
  opening: z.string(),
  author: z.object({ id, name: z.string(), simulated: z.boolean() }),
  reviewer: z.object({ id, name: z.string(), simulated: z.boolean() }),
  verdict: z.enum(verdicts),
  reason: z.string(),
  at: timestamp,
})
export type Review = z.infer<typeof review>

export const reviews = {
  claim: endpoint(
    'POST',
    '/projects/{project}/reviews/claim',
    'review',
    'Claim the next answer to check; never one’s own',
  )
    .input(inProject)
    .output(z.union([reviewWork, z.object({ assignment: z.null() })])),
  decide: endpoint('POST', '/projects/{project}/reviews/{assignment}', 'review', 'Accept, correct or return the answer')
    .input(
      inProject.extend({
        assignment: id,
        verdict: z.enum(verdicts),
        reason: z.string().trim().max(5000).default(''),
        /** The corrected answers, with the verdict `correct`. */
        answers: z.array(answer).max(200).optional(),
        activeMs: z.number().int().min(0).max(86_400_000).default(0),
        openedAt: timestamp.optional(),
      }),
    )
    .output(z.object({ review: id })),
  request: endpoint(
    'POST',
    '/projects/{project}/submissions/{submission}/review',
    'review',
    'Put an answer into the review queue, ahead of others',
  )
    .input(inProject.extend({ submission: id }))
    .output(z.object({ task: id })),
  list: endpoint('GET', '/projects/{project}/reviews', 'annotation.read', 'Reviews, newest first')
    .input(inProject.extend({ ...page, verdict: anyOf(z.enum(verdicts)), author: anyOf(id) }))
    .output(pageOf(review)),
  queue: endpoint(
    'GET',
    '/projects/{project}/reviews/queue',
    'review',
    'How many answers wait for review, those that the caller holds included',
  )
    .input(inProject)
    .output(z.object({ waiting: z.number().int() })),
}
