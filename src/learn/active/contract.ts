/** Active choice: which open tasks come next, by what the reward would learn from them, and what that was worth so far. */
import { z } from 'zod'
import { endpoint, inProject, known } from '../../platform/contract.ts'

export const choice = z.object({
  on: z.boolean(),
  /** Share of tasks that come as they arrived. */
  arrivalShare: z.number(),
  /** Open tasks that are ahead of the queue now. */
  ahead: z.object({ chosen: z.number().int(), arrival: z.number().int() }),
  /** Share of decided first answers that was foreseen before it was learned, by how the task came. */
  foreseen: z.object({ chosen: known, arrival: known }),
  /** Two models on the same held-out answers: one learned from chosen ones, one from as many that came as they arrived. */
  gain: z.union([
    z.object({
      /** Shares right. */
      chosen: z.number(),
      arrival: z.number(),
      /** The first less the second, with its interval. */
      difference: z.number(),
      low: z.number(),
      high: z.number(),
      /** Answers that each learned from, and answers that both were tried on. */
      learned: z.number().int(),
      tried: z.number().int(),
    }),
    z.object({ undefined: z.string() }),
  ]),
})
export type Choice = z.infer<typeof choice>

export const active = {
  show: endpoint(
    'GET',
    '/projects/{project}/reward/choice',
    'model.read',
    'Whether the reward chooses which tasks come next, and what it gained by that',
  )
    .input(inProject)
    .output(choice),
}
