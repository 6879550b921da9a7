/** Sampling: several responses a prompt from each policy, and tasks made of them. */
import { z } from 'zod'
import { parameters } from '../../models/policies/contract.ts'
import { anyOf, cursor, endpoint, id, inProject, page, pageOf, problem, timestamp } from '../../platform/contract.ts'
import { purposes } from '../tasks/contract.ts'

/** Which prompts: those named, or all that match. */
const which = {
  prompts: z.array(id).max(100_000).optional(),
  tag: z.string().max(60).optional(),
}

export const sample = z.object({
  id,
  prompt: id,
  opening: z.string(),
  policy: z.string(),
  state: z.enum(['waiting', 'done', 'failed', 'cancelled']),
  seed: z.number(),
  problem: problem.omit({ where: true }).nullable(),
  /** Whether its response ends at the limit of tokens. */
  cutOff: z.boolean(),
  tokensOut: z.number().int().nullable(),
  cost: z.number().nullable(),
  latencyMs: z.number().int().nullable(),
  at: timestamp,
})
export type Sample = z.infer<typeof sample>

/** What the job of `makeTasks` comes to. */
export const madeTasks = z.object({ tasks: z.number().int() })

/** How tasks are made of a prompt's responses. */
export const pairing = z.enum(['one-pair', 'all-pairs', 'between-policies'])

export const sampling = {
  start: endpoint('POST', '/projects/{project}/samples', 'prompt.write', 'Draw responses from policies; a job does it')
    .input(
      inProject.extend({
        ...which,
        policies: z.array(id).min(1).max(20),
        responses: z.number().int().min(1).max(64).default(2),
        parameters: parameters.default({}),
        seed: z
          .number()
          .int()
          .min(0)
          .max(2 ** 31)
          .default(0),
        concurrency: z.number().int().min(1).max(64).default(8),
      }),
    )
    .output(z.object({ job: id, asked: z.number().int() })),
  list: endpoint('GET', '/projects/{project}/samples', 'prompt.read', 'Samples, newest first; failures are rows too')
    .input(inProject.extend({ ...page, after: cursor, job: id.optional(), state: anyOf(sample.shape.state) }))
    .output(pageOf(sample)),
  retry: endpoint('POST', '/projects/{project}/samples/{job}/retry', 'prompt.write', 'Ask again for what failed')
    .input(inProject.extend({ job: id }))
    .output(z.object({ job: id, asked: z.number().int() })),
  makeTasks: endpoint(
    'POST',
    '/projects/{project}/tasks',
    'task.write',
    'Make compare tasks of responses that prompts already have; a job does it',
  )
    .input(
      inProject.extend({
        ...which,
        pairing: pairing.default('one-pair'),
        template: id.optional(),
        overlap: z.number().int().min(1).max(1000).default(1),
        purpose: z.enum(purposes).exclude(['review', 'gold']).default('label'),
        skills: z.array(z.string().max(60)).max(20).default([]),
        priority: z.number().int().min(-1000).max(1000).default(0),
      }),
    )
    .output(z.object({ job: id, pairs: z.number().int() })),
}
