/** What every endpoint of every feature declares: its route, its shapes, and who may call it. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { speakPlainly } from './input-words.ts'

speakPlainly()

/** What a role in a project may do. The table of roles is `people/roles.ts`. */
export const actions = [
  'project.read',
  'project.write',
  'guideline.read',
  'guideline.write',
  'member.read',
  'member.write',
  'prompt.read',
  'prompt.write',
  'policy.read',
  'policy.write',
  'task.read',
  'task.write',
  'annotate',
  'annotation.read',
  'review',
  'quality.read',
  'export',
  'audit.read',
  'model.read',
  'model.write',
] as const
export type Action = (typeof actions)[number]

/**
 * Who may call: anyone, anyone signed in, an owner of the organisation, or whoever's role in the project named by the
 * path parameter `project` allows the action. A project that is not one's own answers 404, never 403.
 */
type Access = 'public' | 'person' | 'owner' | Action

// A type, not an interface: oRPC asks for an index signature.
export type EndpointMeta = { access: Access }

type Path = `/${string}`
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Begins an endpoint: `endpoint('GET', '/projects/{project}', 'project.read', 'Show a project').input(...).output(...)`. */
export const endpoint = (
  method: Method,
  path: Path,
  access: Access,
  summary: string,
  more: { description?: string; inputStructure?: 'compact' | 'detailed' } = {},
) =>
  oc
    .$meta<EndpointMeta>({ access })
    .meta({ access })
    .route({ method, path, summary, ...more })

export const id = z.uuid()
export const inProject = z.object({ project: id })

/** A filter of several values, any of which will do: a list, or `open,answered` as it stands in an address. */
export const anyOf = <T extends z.ZodType>(value: T) =>
  z
    .preprocess(
      (given: string | z.input<T>[]) => (typeof given === 'string' ? given.split(',') : given),
      z.array(value).min(1).max(100),
    )
    .optional()

/** One page of a list, read by key: `after` is the `next` of the page before, the id of its last row. */
export const page = {
  after: id.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}
/** `after` of a list that is not in the order of ids: only the list knows what it says. */
export const cursor = z.string().max(500).optional()
export const pageOf = <T extends z.ZodType>(row: T) => z.object({ rows: z.array(row), next: z.string().nullable() })

/** An estimate with its interval of 95% and what it rests on. */
export const estimate = z.object({ value: z.number(), low: z.number(), high: z.number(), n: z.number().int() })
export type Estimate = z.infer<typeof estimate>
/** Why there is none. */
export const why = z.object({ undefined: z.string() })
export const known = z.union([estimate, why])
export type Known = z.infer<typeof known>

/** What failed, in the one form of `errors.ts`. */
export const problem = z.object({
  code: z.string(),
  message: z.string(),
  where: z.string().optional(),
  hint: z.string().optional(),
})

export const timestamp = z.iso.datetime({ offset: true })
export const done = z.object({ ok: z.literal(true) })
