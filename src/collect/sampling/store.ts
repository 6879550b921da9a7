/** SQL of samples, and of tasks made from responses. */
import { sql } from 'kysely'
import type { Reply } from '../../models/policies/ask.ts'
import type { Parameters } from '../../models/policies/contract.ts'
import { fail, type Problem } from '../../platform/errors.ts'
import { newId, sha256 } from '../../platform/ids.ts'
import { all, type Db, json, one, pageFrom } from '../../platform/sql.ts'
import type { Sample } from './contract.ts'
import type { Candidate, Pairing } from './rules.ts'

export interface Which {
  prompts?: string[]
  tag?: string
}
const matching = (project: string, { prompts, tag }: Which) => sql`
  p.project_id = ${project} AND ${prompts ? sql`p.id = ANY(${prompts}::uuid[])` : sql`true`} AND ${tag ? sql`${tag} = ANY(p.tags)` : sql`true`}`

export const countPrompts = async (db: Db, project: string, which: Which): Promise<number> =>
  (await one(db, sql<{ n: number }>`SELECT count(*)::int AS n FROM prompts p WHERE ${matching(project, which)}`)).n

/**
 * One row a response asked for, before anything is asked; returns how many. No two responses of a policy share a seed:
 * prompts whose answers hang on the same draws would not count as independent.
 */
export async function planSamples(
  trx: Db,
  project: string,
  job: string,
  which: Which,
  {
    policies,
    responses,
    parameters,
    seed,
  }: { policies: string[]; responses: number; parameters: Parameters; seed: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    INSERT INTO samples (id, project_id, job_id, prompt_id, policy_id, seed, parameters)
    SELECT gen_random_uuid(), ${project}, ${job}, p.id, policy.id, ${seed} + ${responses}::bigint * place + n, ${json(parameters)}
    FROM (SELECT p.id, row_number() OVER (ORDER BY p.id) - 1 AS place FROM prompts p WHERE ${matching(project, which)}) p
      CROSS JOIN unnest(${policies}::uuid[]) AS policy(id) CROSS JOIN generate_series(0, ${responses - 1}::int) AS n`.execute(
    trx,
  )
  return Number(numAffectedRows ?? 0)
}

export interface WaitingSample {
  id: string
  prompt: string
  message: string
  policy: string
  seed: number
  parameters: Parameters
}

/** Policies of which something is still to be asked. */
export const policiesWaitedFor = async (db: Db, job: string): Promise<string[]> =>
  (
    await all(
      db,
      sql<{
        id: string
      }>`SELECT DISTINCT policy_id AS id FROM samples WHERE job_id = ${job} AND state = 'waiting' ORDER BY id`,
    )
  ).map(({ id }) => id)

/** What is still to be asked of a policy, a page at a time. */
export const waitingSamples = (db: Db, job: string, policy: string, limit: number): Promise<WaitingSample[]> =>
  all(
    db,
    sql<WaitingSample>`
      SELECT s.id, s.prompt_id AS prompt, p.message_id AS message, s.policy_id AS policy, s.seed, s.parameters
      FROM samples s JOIN prompts p ON p.id = s.prompt_id
      WHERE s.job_id = ${job} AND s.policy_id = ${policy} AND s.state = 'waiting' ORDER BY s.prompt_id, s.seed LIMIT ${limit}`,
  )

export const sampleCounts = (db: Db, job: string) =>
  one(
    db,
    sql<{ total: number; done: number; failed: number; cost: number | null }>`
      SELECT count(*) AS total, count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'failed') AS failed,
        sum(cost)::double precision AS cost FROM samples WHERE job_id = ${job}`,
  )

export interface Drawn {
  sample: WaitingSample
  reply: Reply
  cost: number | null
}

/** PostgreSQL holds no NUL, which a model of raw bytes may well say. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD')

/** Of these samples, those that still wait, locked: two runs of a job may have asked for one. */
async function stillWaiting(trx: Db, samples: string[]): Promise<Set<string>> {
  const rows = await all(
    trx,
    sql<{ id: string }>`
      SELECT id FROM samples WHERE id = ANY(${samples}::uuid[]) AND state = 'waiting' ORDER BY id FOR UPDATE`,
  )
  return new Set(rows.map(({ id }) => id))
}

/** Stores each response to a sample that still waits as a message under its prompt, with parameters and seed. */
export async function keepReplies(trx: Db, project: string, salt: Buffer, drawn: readonly Drawn[]): Promise<void> {
  if (!drawn.length) return
  const waiting = await stillWaiting(
    trx,
    drawn.map(({ sample }) => sample.id),
  )
  const kept = drawn.filter(({ sample }) => waiting.has(sample.id))
  const rows = kept.map(({ sample, reply: { text: said, ...reply }, cost }) => {
    const text = storable(said)
    return {
      message: newId(),
      sample: sample.id,
      parent: sample.message,
      policy: sample.policy,
      text,
      hash: sha256(salt, text),
      origin: JSON.stringify({
        parameters: sample.parameters,
        seed: sample.seed,
        sample: sample.id,
        ...(reply.finish ? { finish: reply.finish } : {}),
      }),
      tokensIn: reply.tokensIn,
      tokensOut: reply.tokensOut,
      latencyMs: reply.latencyMs,
      cost,
    }
  })
  const column = <K extends keyof (typeof rows)[number]>(name: K) => rows.map((row) => row[name])
  await sql`
    INSERT INTO messages (id, project_id, parent_id, role, text, hash, author, author_id, origin)
    SELECT id, ${project}, parent, 'assistant', text, hash, 'policy', policy, origin FROM unnest(${column('message')}::uuid[],
      ${column('parent')}::uuid[], ${column('text')}::text[], ${column('hash')}::bytea[], ${column('policy')}::uuid[],
      ${column('origin')}::jsonb[]) AS m(id, parent, text, hash, policy, origin)`.execute(trx)
  await sql`
    UPDATE samples s SET state = 'done', message_id = d.message, tokens_in = d.tokens_in, tokens_out = d.tokens_out, cost = d.cost,
      latency_ms = d.latency_ms, attempt = attempt + 1, problem = NULL, at = now()
    FROM unnest(${column('sample')}::uuid[], ${column('message')}::uuid[], ${column('tokensIn')}::int[], ${column('tokensOut')}::int[],
      ${column('cost')}::numeric[], ${column('latencyMs')}::int[]) AS d(id, message, tokens_in, tokens_out, cost, latency_ms)
    WHERE s.id = d.id`.execute(trx)
}

export async function keepFailures(trx: Db, failures: readonly { sample: string; problem: Problem }[]): Promise<void> {
  if (!failures.length) return
  await sql`
    UPDATE samples s SET state = 'failed', problem = f.problem, attempt = attempt + 1, at = now()
    FROM unnest(${failures.map(({ sample }) => sample)}::uuid[],
      ${failures.map(({ problem }) => JSON.stringify(problem))}::jsonb[]) AS f(id, problem)
    WHERE s.id = f.id AND s.state = 'waiting'`.execute(trx)
}

export const cancelWaiting = (db: Db, job: string) =>
  sql`UPDATE samples SET state = 'cancelled', at = now() WHERE job_id = ${job} AND state = 'waiting'`.execute(db)

/** Moves what failed or was cancelled to another job; returns how many. */
export async function reopenFailed(trx: Db, project: string, from: string, to: string): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE samples SET state = 'waiting', job_id = ${to} WHERE project_id = ${project} AND job_id = ${from} AND state IN ('failed', 'cancelled')`.execute(
    trx,
  )
  return Number(numAffectedRows ?? 0)
}

interface ListInput {
  project: string
  after?: string
  limit: number
  job?: string
  state?: Sample['state'][]
}

/** Microseconds since 1970, and an id. */
const sampleCursor = /^(\d{1,16})~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

function readCursor(after: string): { at: string; id: string } {
  const [, at, id] = sampleCursor.exec(after) ?? []
  if (!at || !id)
    return fail('bad_input', 'This is not the `next` of a page before.', { where: 'after', hint: 'Begin without it.' })
  return { at, id }
}

/** Newest first; the cursor is time and id, for ids here are random. */
export async function listSamples(db: Db, { project, after, limit, job, state }: ListInput) {
  const from = after === undefined ? undefined : readCursor(after)
  const rows = await all(
    db,
    sql<Omit<Sample, 'at'> & { at: Date; key: string }>`
      SELECT s.id, s.prompt_id AS prompt, p.opening, po.name AS policy, s.state, s.seed, s.problem, s.tokens_out AS "tokensOut",
        s.cost::double precision AS cost, s.latency_ms AS "latencyMs", s.at, coalesce(m.origin->>'finish' = 'length', false) AS "cutOff",
        (extract(epoch FROM s.at) * 1000000)::bigint || '~' || s.id AS key
      FROM samples s JOIN prompts p ON p.id = s.prompt_id JOIN policies po ON po.id = s.policy_id
        LEFT JOIN messages m ON m.id = s.message_id
      WHERE s.project_id = ${project} AND ${job ? sql`s.job_id = ${job}` : sql`true`} AND ${state ? sql`s.state = ANY(${state})` : sql`true`}
        AND ${from ? sql`(s.at, s.id) < (to_timestamp(0) + ${from.at}::bigint * interval '1 microsecond', ${from.id}::uuid)` : sql`true`}
      ORDER BY s.at DESC, s.id DESC LIMIT ${limit + 1}`,
  )
  const { rows: shown, next } = pageFrom(rows, limit, ({ key }) => key)
  return { rows: shown.map(({ key: _, ...row }) => ({ ...row, at: row.at.toISOString() })), next }
}

/** Responses of prompt `p` that could be judged; equal texts stand for one. */
const candidates = (job: string | undefined) => sql`
  SELECT DISTINCT ON (m.hash) m.id, m.author_id FROM messages m
  WHERE m.parent_id = p.message_id AND m.role = 'assistant' AND m.text IS NOT NULL
    AND ${job ? sql`m.id IN (SELECT s.message_id FROM samples s WHERE s.job_id = ${job} AND s.prompt_id = p.id)` : sql`true`}
  ORDER BY m.hash, m.id`

/** A pair whatever its order, as `askedPairs` knows it. */
export const pairKey = (pair: readonly string[]): string => [...pair].sort().join(' ')

/** Pairs of these prompts that people are or were asked about under a template, to learn from what they say. */
export async function askedPairs(db: Db, template: string, prompts: string[]): Promise<Set<string>> {
  const rows = await all(
    db,
    sql<{ targets: string[] }>`
      SELECT targets FROM tasks WHERE prompt_id = ANY(${prompts}::uuid[]) AND template_id = ${template}
        AND purpose IN ('label', 're-annotation') AND cardinality(targets) = 2`,
  )
  return new Set(rows.map(({ targets }) => pairKey(targets)))
}

/** How many pairs `pairsOf` makes of what `candidatesOf` reads. */
export const countPairs = async (
  db: Db,
  project: string,
  { job, ...which }: Which & { job?: string },
  how: Pairing,
): Promise<number> =>
  (
    await one(
      db,
      sql<{ n: number }>`
        SELECT coalesce(sum(${how === 'one-pair' ? sql`least(c.pairs, 1)` : sql`c.pairs`}), 0)::bigint AS n
        FROM prompts p CROSS JOIN LATERAL (
          SELECT coalesce(sum(n) ^ 2 - sum(${how === 'between-policies' ? sql`n ^ 2` : sql`n`}), 0) / 2 AS pairs
          FROM (SELECT count(*) AS n FROM (${candidates(job)}) m GROUP BY author_id) of_origin) c
        WHERE ${matching(project, which)}`,
    )
  ).n

interface PromptCandidates {
  prompt: string
  hash: Buffer
  candidates: Candidate[]
}

/** Responses that could be judged, by prompt, a page of prompts at a time; `job`: only those that it drew. */
export const candidatesOf = (
  db: Db,
  project: string,
  { job, ...which }: Which & { job?: string },
  after: string,
  limit: number,
): Promise<PromptCandidates[]> =>
  all(
    db,
    sql<PromptCandidates>`
      SELECT p.id AS prompt, p.hash, (
        SELECT coalesce(json_agg(json_build_object('id', c.id, 'author', c.author_id) ORDER BY c.id), '[]') FROM (${candidates(job)}) c) AS candidates
      FROM prompts p WHERE ${matching(project, which)} AND p.id > ${after}::uuid ORDER BY p.id LIMIT ${limit}`,
  )
