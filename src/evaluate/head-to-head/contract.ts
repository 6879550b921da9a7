/** Head to head: two policies answer the same prompts, people say blind which answer is better, and so does a reward. */
import { z } from 'zod'
import { priorities } from '../../collect/tasks/contract.ts'
import { parameters } from '../../models/policies/contract.ts'
import {
  cursor,
  endpoint,
  estimate,
  id,
  inProject,
  known,
  page,
  pageOf,
  problem,
  timestamp,
} from '../../platform/contract.ts'

export const states = ['sampling', 'judging', 'done', 'failed'] as const

/** Which prompts: those named, all of a tag, those held out of a dataset snapshot; without any, all of the project. */
const prompts = z
  .object({
    ids: z.array(id).min(1).max(10_000).optional(),
    tag: z.string().trim().min(1).max(60).optional(),
    heldOutOf: id.optional(),
  })
  .refine((given) => Object.values(given).filter((value) => value !== undefined).length < 2, {
    message: 'choose prompts by one of ids, tag and heldOutOf',
  })

const wanted = z.object({
  prompts: prompts.prefault({}),
  /** So many prompts at most, drawn at random by the seed. */
  limit: z.number().int().min(1).max(10_000).default(200),
  /** How many people judge each pair. */
  overlap: z.number().int().min(1).max(100).default(1),
  /** Smaller comes first: what decides about a model should not wait behind what trains one. */
  priority: z.number().int().min(-1000).max(1000).default(priorities.evaluation),
  skills: z.array(z.string().max(60)).max(20).default([]),
  /** Of both policies alike; what is left open is each policy's own. */
  parameters: parameters.default({}),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .default(0),
})

/** What was asked for, and what was fixed when it began. */
export const plan = wanted.extend({
  /** People whose work looked careless or biased then, before anybody had judged: what they say here counts for nothing. */
  withoutPeople: z.array(id).default([]),
})
export type Plan = z.infer<typeof plan>

/** Who scores beside people: the reward that learns while they work, or a reward model of the project. */
export const reward = z.union([z.literal('online'), id])

export const newHeadToHead = wanted.extend({ candidate: id, baseline: id, reward: reward.optional() })

/** A policy, and the model that answers as it, where its files lie here: from there its lineage goes on. */
export const named = z.object({ id, name: z.string(), checkpoint: id.nullable() })
export type Named = z.infer<typeof named>

const counts = { wins: z.number().int(), losses: z.number().int(), ties: z.number().int() }

/** What checkers of text look for in the answers; hints beside their length, no gate asks for them. */
export const textChecks = ['refusal', 'repetition', 'language', 'personal'] as const
export type TextCheck = (typeof textChecks)[number]

export const headToHead = z.object({
  id,
  candidate: named,
  baseline: named,
  state: z.enum(states),
  problem: problem.nullable(),
  plan,
  prompts: z.number().int(),
  progress: z.object({
    responses: z.object({ done: z.number().int(), failed: z.number().int(), total: z.number().int() }),
    judgements: z.object({ done: z.number().int(), wanted: z.number().int() }),
  }),
  /** Prompts to which both gave the same text: ties that nobody was asked about. */
  identical: z.number().int(),
  /** Prompts that the candidate was trained on: no test of it. */
  trainedOn: z.number().int(),
  /** By people alone; value is the share that the candidate won, a tie as half, n comparisons. */
  human: z.object({
    winRate: known,
    /** At equal length. */
    lengthControlled: known,
    ...counts,
    /** Of the ties, those by rule: identical texts, as often as the other prompts were judged on average. */
    tiesByRule: z.number().int(),
    /** Judgements that preferred neither because both are bad; they are no part of the win rate. */
    bothBad: z.number().int(),
    judgements: z.number().int(),
    people: z.number().int(),
    simulated: z.boolean(),
    /** Judgements of those whom the plan leaves out: part of no figure here. */
    leftOut: z.object({ judgements: z.number().int(), people: z.number().int() }),
  }),
  /** By the reward alone, one comparison a prompt; null: none was asked for. */
  byReward: z.object({ reward, name: z.string(), winRate: known, lengthControlled: known, ...counts }).nullable(),
  /** Characters. */
  length: z.object({
    candidate: z.number().nullable(),
    baseline: z.number().nullable(),
    difference: known,
    /** Mean of the candidate over mean of the baseline. */
    ratio: known,
  }),
  /** Shares of answers in which each check finds something; empty until it is measured. */
  texts: z.array(z.object({ check: z.enum(textChecks), candidate: estimate, baseline: estimate })),
  /** Nats a token of the candidate against the baseline, on the candidate's responses; n is the number of tokens. */
  kl: known,
  /** Whether both are models whose files lie here: then KL can be measured. */
  bothLocal: z.boolean(),
  round: id.nullable(),
  createdAt: timestamp,
  endedAt: timestamp.nullable(),
})
export type HeadToHead = z.infer<typeof headToHead>

/** One of a list: which, and how far; the result costs reading all that was said, and is shown one at a time. */
export const brief = headToHead.pick({
  id: true,
  candidate: true,
  baseline: true,
  state: true,
  round: true,
  createdAt: true,
  endedAt: true,
})
export type Brief = z.infer<typeof brief>

export const winners = ['candidate', 'baseline', 'tie', 'both-bad', 'not-judged'] as const

export const pair = z.object({
  prompt: id,
  turns: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), text: z.string() })),
  candidate: z.string().nullable(),
  baseline: z.string().nullable(),
  task: id.nullable(),
  identical: z.boolean(),
  trainedOn: z.boolean(),
  /** Why one of the two responses is not there. */
  problem: z.string().nullable(),
  people: z.object({ winner: z.enum(winners), ...counts, bothBad: z.number().int(), leftOut: z.number().int() }),
  reward: z
    .object({ winner: z.enum(['candidate', 'baseline', 'tie']), candidate: z.number(), baseline: z.number() })
    .nullable(),
})
export type Pair = z.infer<typeof pair>

const one = inProject.extend({ headToHead: id })
const at = '/projects/{project}/head-to-heads/{headToHead}'

export const headToHeads = {
  start: endpoint('POST', '/projects/{project}/head-to-heads', 'task.write', 'Set two policies against each other', {
    description: 'Both answer the same prompts; then each pair of answers becomes a blind compare task.',
  })
    .input(inProject.extend(newHeadToHead.shape))
    .output(headToHead),
  list: endpoint('GET', '/projects/{project}/head-to-heads', 'quality.read', 'Head to heads, the newest first')
    .input(inProject.extend(page))
    .output(pageOf(brief)),
  show: endpoint('GET', at, 'quality.read', 'One head to head: how far it is, and its result so far')
    .input(one)
    .output(headToHead),
  pairs: endpoint('GET', `${at}/pairs`, 'quality.read', 'The pairs of answers, where people and reward disagree first')
    .input(
      one.extend({
        ...page,
        after: cursor,
        winner: z.enum(winners).optional(),
        /** Only where people and reward name different winners. */
        disagree: z.enum(['true', 'false']).optional(),
      }),
    )
    .output(pageOf(pair)),
  retry: endpoint('POST', `${at}/retry`, 'task.write', 'Ask again for the answers that failed')
    .input(one)
    .output(headToHead),
  finish: endpoint('POST', `${at}/finish`, 'task.write', 'Take what is not judged yet out of the queue and close it')
    .input(one)
    .output(headToHead),
}
