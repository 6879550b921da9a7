/** Quality: how far people agree, and what each of them does: work, time, agreement, side of the screen. */
import { z } from 'zod'
import { endpoint, id, inProject, page, pageOf, timestamp } from '../../platform/contract.ts'

/** An estimate with its interval, or why there is none. */
const interval = z.union([
  z.object({ value: z.number(), low: z.number(), high: z.number(), n: z.number().int() }),
  z.object({ undefined: z.string() }),
])
export type Interval = z.infer<typeof interval>

/** A test against what would be without any bias; `adjusted` for the number of people tested, where people are. */
const tested = z.object({
  value: z.number(),
  low: z.number(),
  high: z.number(),
  n: z.number().int(),
  p: z.number(),
})
const why = z.object({ undefined: z.string() })

/** Answers that the numbers rest on; `capped`: the newest ones, and older ones are left out. */
const basis = z.object({ answers: z.number().int(), capped: z.boolean() })
export type Basis = z.infer<typeof basis>

const person = z.object({ id, name: z.string(), simulatedAs: z.string().nullable() })

export const suspicions = ['careless', 'reversed', 'side', 'length', 'streaks', 'haste'] as const
export type Suspicion = (typeof suspicions)[number]

/** What stands out in somebody's work: a reason in plain words, and what to do. Never a verdict. */
export const finding = z.object({
  kind: z.enum(suspicions),
  /** One sentence, with the numbers behind it. */
  why: z.string(),
  advice: z.string(),
  statistic: z.string(),
  value: z.number(),
  low: z.number(),
  high: z.number(),
  n: z.number().int(),
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
  agreement: interval,
  /** Share of decided comparisons on the left of the screen, with the p of an exact test against one half. */
  leftSide: z.union([tested.extend({ adjusted: z.number() }), why]),
  /** Probability that an answer names the truth, as far as all answers together tell; and what chance would reach. */
  reliability: z.union([
    z.object({ value: z.number(), low: z.number(), high: z.number(), n: z.number().int(), chance: z.number() }),
    why,
  ]),
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
  alpha: interval,
  percent: interval,
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

const point = z.object({ label: z.string(), value: z.number(), low: z.number(), high: z.number(), n: z.number().int() })

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

const share = z.object({ label: z.string(), percent: interval })

export const quality = {
  agreement: endpoint('GET', '/projects/{project}/quality/agreement', 'quality.read', 'Agreement on each attribute')
    .input(inProject)
    .output(
      z.object({
        rows: z.array(attributeAgreement),
        /** Percent agreement of the preference by the tag of the prompt; and by day, week or month of the last answer. */
        slices: z.array(share),
        overTime: z.object({ every: z.enum(['day', 'week', 'month']), rows: z.array(share) }),
        simulated: z.boolean(),
        basis,
      }),
    ),
  pairs: endpoint('GET', '/projects/{project}/quality/pairs', 'quality.read', 'Agreement of each two people')
    .input(inProject.extend({ attribute: z.string().max(60).default('preference') }))
    .output(
      z.object({
        people: z.array(person),
        /** Percent agreement of two people on what both answered; Wilson's interval. */
        pairs: z.array(z.object({ first: id, second: id, agreement: interval, kappa: z.number().nullable() })),
      }),
    ),
  contested: endpoint(
    'GET',
    '/projects/{project}/quality/contested',
    'quality.read',
    'Tasks that people judged differently, and why',
  )
    .input(inProject.extend({ ...page, kind: z.enum(contestedKinds).optional() }))
    .output(pageOf(contestedRow).extend({ counts: z.record(z.enum(contestedKinds), z.number().int()), basis })),
  bias: endpoint('GET', '/projects/{project}/quality/bias', 'quality.read', 'What pulls at the answers of everybody')
    .input(inProject)
    .output(
      z.object({
        /** Share of the left side of the screen among decided comparisons, against one half. */
        position: z.union([tested, why]),
        /** Log odds that a response gains by being twice as long. */
        length: z.union([tested, why]),
        /** Share of the longer response among decided comparisons, against one half. */
        longer: z.union([tested, why]),
        /** Chance that an answer which the others share took longer than one of the same person that they do not. */
        speed: z.union([tested, why]),
        simulated: z.boolean(),
        basis,
      }),
    ),
  people: endpoint(
    'GET',
    '/projects/{project}/quality/people',
    'quality.read',
    'Work, time, agreement and side bias of each person',
  )
    .input(inProject)
    .output(z.object({ rows: z.array(personQuality), basis })),
  suspects: endpoint(
    'GET',
    '/projects/{project}/quality/suspects',
    'quality.read',
    'People whose work looks careless or biased, and why',
  )
    .input(inProject)
    .output(
      z.object({
        /** The surest first; somebody may stand there on several counts. */
        rows: z.array(finding.extend({ person })),
        /** People with answers, accused or not. */
        people: z.number().int(),
        basis,
      }),
    ),
  drift: endpoint(
    'GET',
    '/projects/{project}/quality/drift',
    'quality.read',
    'Whether people agree less with the others than they used to',
  )
    .input(inProject.extend({ person: id.optional() }))
    .output(
      z.object({
        every: z.enum(['day', 'week', 'month']),
        /** Share of answers that the majority of the others gave too, of all together. */
        pool: z.object({
          points: z.array(point),
          change: z.union([change, why]),
          alarms: z.union([alarms, why]),
        }),
        people: z.array(personDrift),
        /** Of the person asked for. */
        points: z.array(point),
        simulated: z.boolean(),
        basis,
      }),
    ),
  groups: endpoint(
    'GET',
    '/projects/{project}/quality/groups',
    'quality.read',
    'Whether people who share a skill see things their own way',
  )
    .input(inProject)
    .output(
      z.object({
        rows: z.array(groupBias),
        /** People with answers who carry any skill. */
        people: z.number().int(),
        fewest: z.number().int(),
        basis,
      }),
    ),
  gold: endpoint(
    'GET',
    '/projects/{project}/quality/gold',
    'quality.read',
    'Answers to tasks whose right answer is known',
  )
    .input(inProject)
    .output(
      z.object({
        /** Tasks of purpose gold or calibration on pairs with an imported judgement, which is their key. */
        tasks: z.number().int(),
        all: interval,
        people: z.array(z.object({ person, right: interval })),
        every: z.enum(['day', 'week', 'month']),
        points: z.array(point),
      }),
    ),
  mine: endpoint('GET', '/projects/{project}/quality/mine', 'annotate', 'One’s own work, and what reviewers said of it')
    .input(inProject)
    .output(
      personQuality.omit({ leftSide: true, reliability: true, length: true, speed: true, findings: true }).extend({
        /** Median time of the last twenty answers, to hold against one's own median. */
        recentMedianMs: z.number().nullable(),
        /** Given back by a reviewer and not answered again yet. */
        waiting: z.number().int(),
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
