/** What quality measures, as it is shown: estimates, tests, findings, reasons. */
import { z } from 'zod'
import { estimate, id, known, timestamp, why } from '../../platform/contract.ts'

/** A test against what would be without any bias; `adjusted` for the number of people tested, where people are. */
export const tested = estimate.extend({ p: z.number() })

/** Answers that the numbers rest on; `capped`: the newest ones, and older ones are left out. */
export const basis = z.object({ answers: z.number().int(), capped: z.boolean() })
export type Basis = z.infer<typeof basis>

export const person = z.object({ id, name: z.string(), simulatedAs: z.string().nullable() })

export const suspicions = ['careless', 'reversed', 'side', 'length', 'streaks', 'haste'] as const
export type Suspicion = (typeof suspicions)[number]

/** What stands out in somebody's work: a reason in plain words, and what to do. Never a verdict. */
export const finding = estimate.extend({
  kind: z.enum(suspicions),
  /** One sentence, with the numbers behind it. */
  why: z.string(),
  advice: z.string(),
  statistic: z.string(),
  /** What would be expected, or what must be reached. */
  expected: z.number(),
  p: z.number(),
  /** After correcting for the number of people tested. */
  adjusted: z.number(),
})
export type Finding = z.infer<typeof finding>

export const personQuality = z.object({
  person,
  answered: z.number().int(),
  activeMs: z.number(),
  medianMs: z.number().nullable(),
  skipped: z.number().int(),
  /** Share of this person's labels that another person gave too, over all pairs on the same targets. Not accuracy. */
  agreement: known,
  /** Share of decided comparisons on the left of the screen, with the p of an exact test against one half. */
  leftSide: z.union([tested.extend({ adjusted: z.number() }), why]),
  /** Probability that an answer names the truth, as far as all answers together tell; and what chance would reach. */
  reliability: z.union([estimate.extend({ chance: z.number() }), why]),
  /** Log odds that a response gains with this person by being twice as long; p against the slope of all. */
  length: z.union([tested.extend({ adjusted: z.number(), longer: z.number() }), why]),
  /** Chance that an answer which the others share took longer than one that they do not; one half without any link. */
  speed: z.union([tested.extend({ adjusted: z.number() }), why]),
  /** The surest first. */
  findings: z.array(finding),
  reviews: z.object({ accepted: z.number().int(), corrected: z.number().int(), returned: z.number().int() }),
})
export type PersonQuality = z.infer<typeof personQuality>

export const attributeAgreement = z.object({
  step: z.string(),
  attribute: z.string(),
  /** Krippendorff's alpha, nominal; interval over items. */
  alpha: known,
  percent: known,
  people: z.number().int(),
  labels: z.record(z.string(), z.number().int()),
})
export type AttributeAgreement = z.infer<typeof attributeAgreement>

/** Why people differ: somebody slipped, the task can be read in two ways, or people hold different views. */
export const contestedKinds = ['error', 'ambiguity', 'values'] as const
export type ContestedKind = (typeof contestedKinds)[number]

export const contestedRow = z.object({
  id: z.string(),
  task: id,
  opening: z.string(),
  step: z.string(),
  attribute: z.string(),
  kind: z.enum(contestedKinds),
  why: z.string(),
  votes: z.record(z.string(), z.number().int()),
  /** The most probable label, each vote weighed by its author's reliability. */
  leading: z.object({ label: z.string(), share: z.number() }),
})
export type ContestedRow = z.infer<typeof contestedRow>

/** The likeliest place at which a rate changed, and how likely so much is by chance. */
export const change = z.object({
  /** Of the first answer after it. */
  at: timestamp,
  /** Answers before it. */
  after: z.number().int(),
  before: z.number(),
  since: z.number(),
  n: z.number().int(),
  p: z.number(),
  /** Of people: after correcting for their number. */
  adjusted: z.number(),
})
export type Change = z.infer<typeof change>

/** Alarms of the CUSUM that watches for `worse` where `usual` is the rate of the whole series. */
export const alarms = z.object({
  n: z.number().int(),
  last: timestamp.nullable(),
  usual: z.number(),
  worse: z.number(),
  falseAlarmsPer1000: z.number(),
})
export type Alarms = z.infer<typeof alarms>

export const point = estimate.extend({ label: z.string() })

export const personDrift = z.object({ person, change: z.union([change, why]), alarms: z.union([alarms, why]) })
export type PersonDrift = z.infer<typeof personDrift>

/** Reliability of a group, what a group of the same size drawn at random would have, and the p of the difference. */
const groupTest = z.object({ value: z.number(), expected: z.number(), p: z.number(), adjusted: z.number() })

export const groupBias = z.object({
  skill: z.string(),
  people: z.number().int(),
  others: z.number().int(),
  result: z.union([z.object({ inGroup: groupTest, crossGroup: groupTest, items: z.number().int() }), why]),
})
export type GroupBias = z.infer<typeof groupBias>

export const share = z.object({ label: z.string(), percent: known })
