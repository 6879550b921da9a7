/** Quality: how far people agree, and what each of them does: work, time, agreement, side of the screen. */
import { z } from 'zod'
import { endpoint, id, inProject } from '../../platform/contract.ts'

/** An estimate with its interval, or why there is none. */
const interval = z.union([
  z.object({ value: z.number(), low: z.number(), high: z.number(), n: z.number().int() }),
  z.object({ undefined: z.string() }),
])
export type Interval = z.infer<typeof interval>

const person = z.object({ id, name: z.string(), simulatedAs: z.string().nullable() })

export const personQuality = z.object({
  person,
  answered: z.number().int(),
  activeMs: z.number(),
  medianMs: z.number().nullable(),
  skipped: z.number().int(),
  /** Share of this person's labels that another person gave too, over all pairs on the same targets. Not accuracy. */
  agreement: interval,
  /** Share of decided comparisons on the left of the screen, with the p of an exact test against one half. */
  leftSide: z.union([
    z.object({
      value: z.number(),
      low: z.number(),
      high: z.number(),
      n: z.number().int(),
      p: z.number(),
      adjusted: z.number(),
    }),
    z.object({ undefined: z.string() }),
  ]),
  reviews: z.object({ accepted: z.number().int(), corrected: z.number().int(), returned: z.number().int() }),
})
export type PersonQuality = z.infer<typeof personQuality>

export const attributeAgreement = z.object({
  step: z.string(),
  attribute: z.string(),
  /** Krippendorff's alpha, nominal; interval over items. */
  alpha: interval,
  percent: interval,
  people: z.number().int(),
  labels: z.record(z.string(), z.number().int()),
})
export type AttributeAgreement = z.infer<typeof attributeAgreement>

export const quality = {
  agreement: endpoint('GET', '/projects/{project}/quality/agreement', 'quality.read', 'Agreement on each attribute')
    .input(inProject)
    .output(z.object({ rows: z.array(attributeAgreement), simulated: z.boolean() })),
  people: endpoint(
    'GET',
    '/projects/{project}/quality/people',
    'quality.read',
    'Work, time, agreement and side bias of each person',
  )
    .input(inProject)
    .output(z.object({ rows: z.array(personQuality) })),
  mine: endpoint('GET', '/projects/{project}/quality/mine', 'annotate', 'One’s own work, and what reviewers said of it')
    .input(inProject)
    .output(
      personQuality.omit({ leftSide: true }).extend({
        notes: z.array(
          z.object({
            verdict: z.enum(['accept', 'correct', 'return']),
            reason: z.string(),
            opening: z.string(),
            at: z.string(),
          }),
        ),
      }),
    ),
}
