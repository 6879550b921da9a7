/** Datasets: what people said, as it was at one moment, in the form that trainers learn from. */
import { z } from 'zod'
import { roles } from '../../people/roles.ts'
import { id, timestamp } from '../../platform/contract.ts'

export const datasetKind = z.enum(['preference', 'demonstration'])
export type DatasetKind = z.infer<typeof datasetKind>

export const filters = z.strictObject({
  /** Preferences: the side that leads; every person's own answer; or the share of people who prefer what leads. */
  rule: z.enum(['majority', 'each', 'soft']).default('majority'),
  /** What is compared: the whole, or one of a template's aspects. */
  attribute: z.string().min(1).max(60).default('preference'),
  minVotes: z.number().int().min(1).max(1000).default(1),
  /** Share of the votes on a pair that its most frequent answer has. */
  minAgreement: z.number().min(0).max(1).default(0),
  ties: z.enum(['leave-out', 'half']).default('leave-out'),
  people: z
    .strictObject({
      include: z.array(id).max(10_000).optional(),
      exclude: z.array(id).max(10_000).optional(),
      simulated: z.boolean().optional(),
      roles: z.array(z.enum(roles)).optional(),
    })
    .prefault({}),
  guidelineVersions: z.array(z.number().int().min(1)).max(1000).optional(),
  /** Prompts with any of these. */
  tags: z.array(z.string().min(1).max(200)).max(100).optional(),
  from: timestamp.optional(),
  /** Up to, and not at. */
  to: timestamp.optional(),
  /** Preferences: people alone unless said otherwise. Demonstrations: what people wrote and what was imported. */
  sources: z
    .array(z.enum(['person', 'import']))
    .min(1)
    .optional(),
  split: z
    .strictObject({
      seed: z.number().int().min(0).max(4_294_967_295).default(1),
      /** Share of prompts held out for tests. */
      test: z.number().min(0).max(0.9).default(0.1),
      /** Forget what earlier datasets held out: their tests no longer measure what is trained on this one. */
      anew: z.boolean().default(false),
    })
    .prefault({}),
})
export type FiltersInput = z.input<typeof filters>
export type Filters = z.infer<typeof filters> & { sources: ('person' | 'import')[] }
