/** Gates: what a policy must show before it may take the place of the one before; and the record of who did. */
import { z } from 'zod'
import { endpoint, id, inProject, page, pageOf, timestamp } from '../../platform/contract.ts'
import { gateNames } from '../../projects/contract.ts'
import { brief, named } from '../head-to-head/contract.ts'

export const verdicts = ['pass', 'fail', 'unknown'] as const

export const gate = z.object({
  gate: z.enum(gateNames),
  value: z.number().nullable(),
  low: z.number().optional(),
  high: z.number().optional(),
  /** Comparisons, tokens, prompts or answers that the value rests on. */
  n: z.number().int().optional(),
  /** Where the whole interval has to lie. */
  threshold: z.object({ above: z.number().optional(), below: z.number().optional() }),
  verdict: z.enum(verdicts),
  /** One that is not required is shown and stops nobody. */
  required: z.boolean(),
  /** One sentence. */
  why: z.string(),
  /** What the project asks for less of than is usual: "above 40%, usually above 50%". */
  looser: z.string().optional(),
})
export type Gate = z.infer<typeof gate>

export const promotion = z.object({
  id,
  policy: named,
  headToHead: id.nullable(),
  gates: z.array(gate),
  /** Why a lead promoted it although it did not pass; null: it passed. */
  override: z.string().nullable(),
  by: z.string().nullable(),
  at: timestamp,
  /** No other was promoted since. */
  inForce: z.boolean(),
})
export type Promotion = z.infer<typeof promotion>

export const gates = {
  show: endpoint('GET', '/projects/{project}/gates', 'quality.read', 'What stands between a policy and its promotion')
    .input(inProject.extend({ headToHead: id.optional() }))
    .output(
      z.object({
        /** The one asked for, else the newest; null: there is none yet. */
        headToHead: brief.nullable(),
        gates: z.array(gate),
        decision: z.enum(verdicts),
        current: promotion.nullable(),
      }),
    ),
  promotions: endpoint('GET', '/projects/{project}/promotions', 'quality.read', 'Promotions, the newest first')
    .input(inProject.extend({ ...page, policy: id.optional() }))
    .output(pageOf(promotion)),
  promote: endpoint(
    'POST',
    '/projects/{project}/promotions',
    'model.write',
    'Promote the candidate of a head to head whose gates all pass',
  )
    .input(inProject.extend({ headToHead: id }))
    .output(promotion),
  override: endpoint(
    'POST',
    '/projects/{project}/promotions/override',
    'project.write',
    'Promote a policy although its gates do not pass; the reason is kept and shown',
  )
    .input(inProject.extend({ policy: id, headToHead: id.optional(), reason: z.string().trim().min(1).max(1000) }))
    .output(promotion),
}
