/** Rounds: the plan of one, the picture of one, and what a lead does with it. */
import { z } from 'zod'
import { pairing } from '../collect/sampling/contract.ts'
import { parameters } from '../models/policies/contract.ts'
import { done, endpoint, id, inProject, page, pageOf, problem, timestamp } from '../platform/contract.ts'
import { stations } from './rules.ts'

/** Settings of a training run that a plan may fix. What they may be, the run says, which a plan is held against when it is made. */
const settings = z.record(z.string().max(60), z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]))
export type Settings = z.infer<typeof settings>

export const plan = z.object({
  /** What the round begins with: it is trained on, and the new policy is measured against it. A local checkpoint. */
  policy: id,
  prompts: z
    .object({ tag: z.string().max(60).optional(), limit: z.number().int().min(1).max(100_000).optional() })
    .prefault({}),
  samples: z
    .object({
      /** Who answers; without any, the policy alone. */
      policies: z.array(id).max(20).default([]),
      responses: z.number().int().min(1).max(16).default(2),
      parameters: parameters.default({}),
    })
    .prefault({}),
  judgements: z
    .object({
      pairing: pairing.default('one-pair'),
      overlap: z.number().int().min(1).max(100).default(2),
      /** Tasks to wait for; without it, all. */
      wanted: z.number().int().min(1).optional(),
      skills: z.array(z.string().max(60)).max(20).default([]),
    })
    .prefault({}),
  quality: z
    .object({
      /** Krippendorff's alpha below which somebody has to say that the round goes on. */
      minimumAlpha: z.number().min(-1).max(1).optional(),
      /** Answers of people who look careless or biased stay out of the dataset. */
      withoutSuspects: z.boolean().default(true),
    })
    .prefault({}),
  dataset: z
    .object({
      minimumAgreement: z.number().min(0).max(1).default(0),
      testShare: z.number().min(0.05).max(0.9).default(0.2),
    })
    .prefault({}),
  reward: z
    .object({
      /** A reward model of its own, trained on the dataset; or the one that learns while people work. */
      source: z.enum(['train', 'online']).default('train'),
      /** A preset to begin from; without it, the policy. */
      base: z.string().max(100).optional(),
      settings: settings.default({}),
    })
    .prefault({}),
  training: z
    .object({
      algorithm: z.enum(['dpo', 'kto', 'orpo', 'grpo', 'rloo', 'ppo', 'rejection']).default('dpo'),
      settings: settings.default({}),
    })
    .prefault({}),
  evaluation: z
    .object({
      limit: z.number().int().min(1).max(10_000).default(200),
      overlap: z.number().int().min(1).max(100).default(1),
      parameters: parameters.default({}),
    })
    .prefault({}),
  promotion: z.enum(['when-gates-pass', 'by-hand']).default('when-gates-pass'),
  /** So many more rounds begin by themselves, each with the policy that the one before has promoted. */
  repeat: z.number().int().min(0).max(100).default(1),
})
export type Plan = z.infer<typeof plan>
export type NewPlan = z.input<typeof plan>

const stationState = z.enum(['ahead', 'working', 'blocked', 'done', 'failed'])

/** What a station knows of its work; which it has depends on the station. */
export const facts = z.object({
  done: z.number().optional(),
  total: z.number().optional(),
  /** Of what failed on the way, without ending it. */
  failed: z.number().optional(),
  leftMs: z.number().optional(),
  contested: z.number().optional(),
  people: z.number().optional(),
  simulated: z.boolean().optional(),
  cost: z.number().nullable().optional(),
  activeMs: z.number().optional(),
  alpha: z.object({ value: z.number(), low: z.number(), high: z.number(), n: z.number() }).optional(),
  /** Why a number that belongs here is not there. */
  unknown: z.string().optional(),
  suspects: z.array(z.string()).optional(),
  name: z.string().optional(),
  rows: z.number().optional(),
  testRows: z.number().optional(),
  accuracy: z.number().optional(),
  loss: z.number().optional(),
  winRate: z.object({ value: z.number(), low: z.number(), high: z.number(), n: z.number() }).optional(),
  /** The model of the last good step of a run that diverged. */
  lastGood: z.string().optional(),
  kl: z.number().optional(),
  gates: z.object({ passed: z.number(), failed: z.number(), unknown: z.number() }).optional(),
  overridden: z.string().optional(),
  policy: id.optional(),
  /** Why the gate of preference has no verdict: so many judgements of so many decided between the two. */
  lacks: z.object({ decided: z.number(), needed: z.number(), pairs: z.number(), overlap: z.number() }).optional(),
})
export type Facts = z.infer<typeof facts>

export const station = z.object({
  station: z.enum(stations),
  state: stationState,
  facts,
  /** The job, snapshot, run, head to head or promotion behind it. */
  subject: id.nullable(),
  problem: problem.nullable(),
  accepted: z.object({ by: z.string(), why: z.string() }).nullable(),
  beganAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
  /** From its beginning to its end; null before that. */
  seconds: z.number().nullable(),
})
export type Station = z.infer<typeof station>

export const round = z.object({
  id,
  number: z.number().int(),
  state: z.enum(['open', 'failed', 'done', 'closed']),
  /** Where it stands; at the end, where it ended. */
  at: z.enum(stations),
  plan,
  policy: z.object({ id, name: z.string() }),
  promoted: z.object({ id, name: z.string() }).nullable(),
  reason: z.string().nullable(),
  stations: z.array(station),
  createdAt: timestamp,
  endedAt: timestamp.nullable(),
})
export type Round = z.infer<typeof round>

/** Stations that a lead may let go on with what is there. */
export const acceptable = ['judgements', 'quality', 'reward', 'policy', 'evaluation'] as const
export type Acceptable = (typeof acceptable)[number]

export const foresight = z.object({
  /** That are asked. */
  prompts: z.number().int(),
  /** About so many are held out and evaluated on, with so many comparisons. */
  heldOut: z.number().int(),
  comparisons: z.number().int(),
  /** Comparisons below which the gate of preference gives no verdict. */
  needed: z.number().int(),
  /** What the win rate must lie above, and the smallest one that so many comparisons can tell from it. */
  threshold: z.number(),
  leastWinRate: z.number(),
})
export type Foresight = z.infer<typeof foresight>

const inRound = inProject.extend({ round: id })
const why = z.string().trim().min(1).max(1000)

export const rounds = {
  list: endpoint('GET', '/projects/{project}/rounds', 'project.read', 'Rounds, the newest first')
    .input(
      inProject.extend({
        ...page,
        /** A number. */
        after: z
          .string()
          .regex(/^\d{1,9}$/, 'This is not the number of a round.')
          .optional(),
      }),
    )
    .output(pageOf(round)),
  show: endpoint('GET', '/projects/{project}/rounds/{round}', 'project.read', 'One round with its stations')
    .input(inRound)
    .output(round),
  start: endpoint('POST', '/projects/{project}/rounds', 'model.write', 'Begin a round', {
    description: 'One round of a project is under way at a time. What the plan leaves open has defaults.',
  })
    .input(inProject.extend({ plan }))
    .output(round),
  foresee: endpoint(
    'POST',
    '/projects/{project}/rounds/foresee',
    'model.write',
    'What a plan comes to: how many comparisons there will be, and what they can tell',
  )
    .input(inProject.extend({ plan }))
    .output(foresight),
  retry: endpoint(
    'POST',
    '/projects/{project}/rounds/{round}/retry',
    'model.write',
    'Try the station again at which a round has failed',
    {
      description:
        'With settings, these take the place of those in the plan, and the run begins anew; without, it goes on from where it stood.',
    },
  )
    .input(inRound.extend({ settings: z.object({ reward: settings, training: settings }).partial().default({}) }))
    .output(round),
  goOn: endpoint(
    'POST',
    '/projects/{project}/rounds/{round}/go-on',
    'model.write',
    'Let a round go on with what is there: fewer judgements, or lower agreement, than planned; the last good model of a run that diverged',
  )
    .input(inRound.extend({ station: z.enum(acceptable), why }))
    .output(round),
  askMore: endpoint(
    'POST',
    '/projects/{project}/rounds/{round}/ask-more',
    'model.write',
    'Have more people judge each pair, where the gate of preference has too few comparisons for a verdict',
  )
    .input(inRound.extend({ overlap: z.number().int().min(2).max(100) }))
    .output(round),
  close: endpoint('POST', '/projects/{project}/rounds/{round}/close', 'model.write', 'End a round without a promotion')
    .input(inRound.extend({ why }))
    .output(done),
}
