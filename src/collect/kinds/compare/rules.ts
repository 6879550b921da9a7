/** Compare: which of two responses is better, how much, on which aspects, and why. */
import { z } from 'zod'
import type { Column } from '../../../formats/index.ts'
import { defineKind } from '../kind.ts'

/** -3 the first target is much better, 0 a tie, 3 the second is much better: targets in stored order, never sides. */
export const strength = z.number().int().min(-3).max(3)

/** What is wrong with one follows on from its name: "Aspect 3 needs a name". */
const word = z.string().trim().min(1, 'needs a name').max(60, 'has a name of more than 60 characters')
const different = (words: string[], ctx: z.RefinementCtx) => {
  for (const [place, name] of words.entries())
    if (name && words.indexOf(name) < place)
      ctx.addIssue({ code: 'custom', path: [place], message: 'has the name of another' })
}

/** An aspect is an attribute of its own, beside what is called so already. */
const aspect = word.refine((name) => !['preference', '__proto__'].includes(name), {
  message: 'has a name that is taken',
})

export const settings = z.object({
  aspects: z.array(aspect).max(12).superRefine(different).default(['quality', 'relevance', 'safety']),
  /** What aspects mean, by name. */
  descriptions: z.record(word, z.string().trim().max(300)).optional(),
  reasons: z
    .array(word)
    .max(40)
    .superRefine(different)
    .default(['more correct', 'more complete', 'clearer', 'better tone', 'safer', 'follows the instruction']),
  askConfidence: z.boolean().default(false),
  requireReason: z.boolean().default(false),
})
export type CompareSettings = z.infer<typeof settings>

const more = {
  aspects: z.record(z.string(), strength).optional(),
  reasons: z.array(z.string().max(200)).max(40).optional(),
  comment: z.string().max(5000).optional(),
  confidence: z.number().int().min(1).max(5).optional(),
}
const payload = z.union([z.strictObject({ strength, ...more }), z.strictObject({ bothBad: z.literal(true), ...more })])
export type ComparePayload = z.infer<typeof payload>

/** An answer that is not finished: it may lack a verdict while aspects are already chosen. */
export type CompareDraft = Partial<{ strength: number; bothBad: true } & Omit<ComparePayload, 'strength' | 'bothBad'>>

const hasReason = ({ reasons, comment }: CompareDraft) => Boolean(reasons?.length || comment?.trim())

const labelOf = (value: number) => (value < 0 ? 'first' : value > 0 ? 'second' : 'tie')

export const compare = defineKind<ComparePayload, CompareSettings>({
  name: 'compare',
  version: 1,
  title: 'Compare two responses',
  settings,

  payload: (allowed) =>
    payload.superRefine((value, ctx) => {
      for (const aspect of Object.keys(value.aspects ?? {}))
        if (!allowed.aspects.includes(aspect))
          ctx.addIssue({
            code: 'custom',
            path: ['aspects', aspect],
            message: `no such aspect; it is one of ${allowed.aspects.join(', ')}`,
          })
      for (const [i, reason] of (value.reasons ?? []).entries())
        if (!allowed.reasons.includes(reason))
          ctx.addIssue({ code: 'custom', path: ['reasons', i], message: 'no such reason' })
      if (allowed.requireReason && !hasReason(value))
        ctx.addIssue({ code: 'custom', path: ['reasons'], message: 'give a reason or a comment' })
    }),

  missing: (payload, { requireReason }) => {
    const draft = (payload ?? {}) as CompareDraft
    return [
      ...(draft.strength === undefined && !draft.bothBad ? ['which response is better'] : []),
      ...(requireReason && !hasReason(draft) ? ['a reason or a comment'] : []),
    ]
  },

  swapped: { first: 'second', second: 'first' },

  votes: ({ payload }) => [
    'bothBad' in payload
      ? { attribute: 'preference', label: 'both_bad' }
      : { attribute: 'preference', label: labelOf(payload.strength), value: payload.strength },
    ...Object.entries(payload.aspects ?? {}).map(([aspect, value]) => ({
      attribute: aspect,
      label: labelOf(value),
      value,
    })),
  ],

  // Two bad responses say nothing of which is better, so they make no pair.
  pairs: ({ payload, targets: [first, second] }) => {
    const pair = (attribute: string, value: number) => ({
      attribute,
      chosen: value > 0 ? second! : first!,
      rejected: value > 0 ? first! : second!,
      strength: Math.abs(value),
    })
    return [
      ...('bothBad' in payload ? [] : [pair('preference', payload.strength)]),
      ...Object.entries(payload.aspects ?? {}).map(([aspect, value]) => pair(aspect, value)),
    ]
  },

  rows: ({ payload, targets: [first, second] }) => [
    {
      first: first!,
      second: second!,
      strength: 'bothBad' in payload ? null : payload.strength,
      both_bad: 'bothBad' in payload,
      ...Object.fromEntries(
        Object.entries(payload.aspects ?? {}).map(([aspect, value]) => [`aspect_${aspect}`, value]),
      ),
      reasons: payload.reasons?.join('; ') ?? null,
      comment: payload.comment ?? null,
      confidence: payload.confidence ?? null,
    },
  ],

  columns: ({ aspects }) => [
    { name: 'first', type: 'string' },
    { name: 'second', type: 'string' },
    { name: 'strength', type: 'integer' },
    { name: 'both_bad', type: 'boolean' },
    ...aspects.map((aspect): Column => ({ name: `aspect_${aspect}`, type: 'integer' })),
    { name: 'reasons', type: 'string' },
    { name: 'comment', type: 'string' },
    { name: 'confidence', type: 'integer' },
  ],
})
