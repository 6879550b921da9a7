/** Policies: models that answer prompts. Endpoints of others; checkpoints of our own join them. */
import { z } from 'zod'
import { done, endpoint, id, inProject, timestamp } from '../../platform/contract.ts'

export const parameters = z.object({
  temperature: z.number().min(0).max(4).optional(),
  topP: z.number().min(0).max(1).optional(),
  maxTokens: z.number().int().min(1).max(100_000).optional(),
  system: z.string().max(20_000).optional(),
  stop: z.array(z.string().min(1).max(100)).max(8).optional(),
})
export type Parameters = z.infer<typeof parameters>

/** In currency units a million tokens. */
export const price = z.object({ input: z.number().min(0).optional(), output: z.number().min(0).optional() })
export type Price = z.infer<typeof price>

export const policy = z.object({
  id,
  name: z.string(),
  kind: z.enum(['endpoint', 'checkpoint']),
  url: z.string().nullable(),
  model: z.string(),
  /** The checkpoint that answers, of a policy of that kind. */
  checkpointId: id.nullable(),
  /** The key itself is never shown again. */
  hasKey: z.boolean(),
  parameters,
  price,
  archived: z.boolean(),
  createdAt: timestamp,
})
export type Policy = z.infer<typeof policy>

const name = z.string().trim().min(1).max(100)
const url = z.url({ protocol: /^https?$/ }).max(2000)
const key = z.string().min(1).max(1000)

export const policies = {
  list: endpoint('GET', '/projects/{project}/policies', 'policy.read', 'List policies')
    .input(inProject)
    .output(z.object({ rows: z.array(policy) })),
  create: endpoint('POST', '/projects/{project}/policies', 'policy.write', 'Add an OpenAI-compatible endpoint')
    .input(
      inProject.extend({
        name,
        url,
        model: z.string().trim().min(1).max(300),
        key: key.optional(),
        parameters: parameters.default({}),
        price: price.default({}),
      }),
    )
    .output(policy),
  change: endpoint(
    'PATCH',
    '/projects/{project}/policies/{policy}',
    'policy.write',
    'Change a policy; a changed URL drops its key',
  )
    .input(
      inProject.extend({
        policy: id,
        name: name.optional(),
        url: url.optional(),
        model: z.string().trim().min(1).max(300).optional(),
        key: key.nullable().optional(),
        parameters: parameters.optional(),
        price: price.optional(),
      }),
    )
    .output(policy),
  archive: endpoint(
    'POST',
    '/projects/{project}/policies/{policy}/archive',
    'policy.write',
    'Put a policy away, or take it out again',
  )
    .input(inProject.extend({ policy: id, archived: z.boolean() }))
    .output(done),
  test: endpoint(
    'POST',
    '/projects/{project}/policies/{policy}/test',
    'policy.write',
    'Ask one question, to see that it answers',
  )
    .input(inProject.extend({ policy: id, prompt: z.string().min(1).max(10_000) }))
    .output(
      z.object({
        text: z.string(),
        /** Why it ends, where that is known; `length`: at the limit of tokens. */
        finish: z.enum(['end', 'stopped', 'length']).optional(),
        tokensIn: z.number().int().nullable(),
        tokensOut: z.number().int().nullable(),
        latencyMs: z.number().int(),
      }),
    ),
}
