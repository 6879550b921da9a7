/** SQL of head to heads. */
import { type RawBuilder, sql } from 'kysely'
import { queued } from '../../collect/tasks/states.ts'
import type { Problem } from '../../platform/errors.ts'
import { publish } from '../../platform/live.ts'
import { all, type Db, first, json, one } from '../../platform/sql.ts'
import type { HeadToHead, Named, Plan } from './contract.ts'
import type { TextCounts } from './texts.ts'

export interface Row {
  id: string
  project: string
  candidate: Named
  baseline: Named
  state: HeadToHead['state']
  problem: Problem | null
  plan: Plan
  /** Both are checkpoints. */
  bothLocal: boolean
  reward: string | null
  /** Of a reward model. */
  rewardName: string | null
  measureJob: string | null
  measured: Measured | null
  round: string | null
  createdAt: Date
  endedAt: Date | null
}

/** What was measured besides the numbers of each pair. */
export interface Measured {
  /** Why there are no scores by the reward. */
  noScores?: string
  /** Why there is no KL. */
  noKl?: string
  texts?: TextCounts
}

const named = (policy: 'c' | 'b') => {
  const [id, name, checkpoint] = ['id', 'name', 'checkpoint_id'].map((column) => sql.ref(`${policy}.${column}`))
  return sql`json_build_object('id', ${id}, 'name', ${name}, 'checkpoint', ${checkpoint})`
}

const rows = (rest: RawBuilder<unknown>): RawBuilder<Row> => sql<Row>`
  SELECT h.id, h.project_id AS project, ${named('c')} AS candidate, ${named('b')} AS baseline, h.state, h.problem, h.plan,
    h.reward,
    c.checkpoint_id IS NOT NULL AND b.checkpoint_id IS NOT NULL AS "bothLocal",
    r.name AS "rewardName", h.measure_job AS "measureJob", h.measured, h.round_id AS round, h.created_at AS "createdAt",
    h.ended_at AS "endedAt"
  FROM head_to_heads h JOIN policies c ON c.id = h.candidate_id JOIN policies b ON b.id = h.baseline_id
  LEFT JOIN checkpoints r ON r.id::text = h.reward ${rest}`

export const findRow = (db: Db, project: string, id: string): Promise<Row | undefined> =>
  first(db, rows(sql`WHERE h.id = ${id}::uuid AND h.project_id = ${project}::uuid`))

/** Locks it until the transaction ends. `pass`: undefined where somebody else is at it, instead of waiting. */
export async function lockRow(trx: Db, id: string, pass = false): Promise<Row | undefined> {
  const lock = pass ? sql`FOR UPDATE OF h SKIP LOCKED` : sql`FOR UPDATE OF h`
  return first(trx, rows(sql`WHERE h.id = ${id}::uuid ${lock}`))
}

export const listRows = (db: Db, project: string, after: string | undefined, limit: number): Promise<Row[]> =>
  all(
    db,
    rows(sql`
      WHERE h.project_id = ${project}::uuid AND ${after ? sql`h.id < ${after}::uuid` : sql`true`}
      ORDER BY h.id DESC LIMIT ${limit}`),
  )

export const openIds = async (db: Db): Promise<string[]> =>
  (
    await all(
      db,
      sql<{ id: string }>`SELECT id FROM head_to_heads WHERE state IN ('sampling', 'judging') ORDER BY id LIMIT 1000`,
    )
  ).map(({ id }) => id)

interface NewRow {
  id: string
  project: string
  candidate: string
  baseline: string
  plan: Plan
  reward: string | null
  round: string | null
  createdBy: string | null
  at: Date
}

/** Snapshots that a policy's checkpoint learned from: its own run's, those of what it was trained from, and of its rewards. */
const snapshotsBehind = (policy: string) => sql`
  WITH RECURSIVE behind(checkpoint) AS (
    SELECT checkpoint_id FROM policies WHERE id = ${policy} AND checkpoint_id IS NOT NULL
    UNION
    SELECT next.id FROM behind JOIN checkpoints c ON c.id = behind.checkpoint LEFT JOIN runs r ON r.id = c.run_id
    CROSS JOIN LATERAL (VALUES (c.base_id), (r.reward_id)) AS next(id) WHERE next.id IS NOT NULL)
  SELECT DISTINCT r.snapshot_id FROM behind JOIN checkpoints c ON c.id = behind.checkpoint
  JOIN runs r ON r.id = c.run_id WHERE r.snapshot_id IS NOT NULL`

/** Prompts that a policy's checkpoint learned from. */
const trainedOn = (policy: string) => sql`
  SELECT DISTINCT prompt_id FROM snapshot_rows WHERE split = 'train' AND snapshot_id IN (${snapshotsBehind(policy)})`

/** Notes it with a pair for each prompt of a sampling job. */
export async function addRow(trx: Db, job: string, row: NewRow): Promise<void> {
  await sql`
    INSERT INTO head_to_heads (id, project_id, candidate_id, baseline_id, plan, reward, round_id, created_by, created_at)
    VALUES (${row.id}, ${row.project}, ${row.candidate}, ${row.baseline}, ${json(row.plan)}, ${row.reward}, ${row.round},
      ${row.createdBy}, ${row.at})`.execute(trx)
  await sql`
    WITH trained AS (${trainedOn(row.candidate)})
    INSERT INTO head_to_head_pairs (head_to_head_id, prompt_id, candidate_sample, baseline_sample, trained_on)
    SELECT ${row.id}, c.prompt_id, c.id, b.id, c.prompt_id IN (SELECT prompt_id FROM trained) FROM samples c
    JOIN samples b ON b.job_id = c.job_id AND b.prompt_id = c.prompt_id AND b.policy_id = ${row.baseline}
    WHERE c.job_id = ${job} AND c.policy_id = ${row.candidate}`.execute(trx)
}

/** Sets its state and tells open pages. */
export async function setState(
  trx: Db,
  { id, project }: Pick<Row, 'id' | 'project'>,
  state: Row['state'],
  more: { problem?: Problem; endedAt?: Date } = {},
): Promise<void> {
  await sql`
    UPDATE head_to_heads SET state = ${state}, problem = ${more.problem ? json(more.problem) : null},
      ended_at = ${more.endedAt ?? null} WHERE id = ${id}`.execute(trx)
  await publish(trx, { project, action: 'quality.read', topic: 'head-to-head', data: { headToHead: id, state } })
}

/**
 * Prompts by their ids, a tag, or the part of a snapshot that was held out of training; drawn at random by the seed, those that
 * the candidate has learned from after all others: they prove nothing of it.
 */
export async function drawPrompts(
  trx: Db,
  { project, candidate, plan }: { project: string; candidate: string; plan: Plan },
): Promise<string[]> {
  const { prompts, limit, seed } = plan
  const { ids, tag, heldOutOf } = prompts
  const matches = ids
    ? sql`p.id = ANY(${ids}::uuid[])`
    : tag
      ? sql`${tag} = ANY(p.tags)`
      : heldOutOf
        ? sql`p.id IN (SELECT prompt_id FROM snapshot_rows WHERE snapshot_id = ${heldOutOf} AND split = 'test')`
        : sql`true`
  const found = await all(
    trx,
    sql<{ id: string }>`
      SELECT p.id FROM prompts p LEFT JOIN (${trainedOn(candidate)}) t ON t.prompt_id = p.id
      WHERE p.project_id = ${project} AND ${matches}
      ORDER BY t.prompt_id IS NOT NULL, md5(p.id::text || ${String(seed)}), p.id LIMIT ${limit}`,
  )
  return found.map(({ id }) => id)
}

const samplesOf = (id: string) => sql`
  head_to_head_pairs p JOIN samples s ON s.id IN (p.candidate_sample, p.baseline_sample) WHERE p.head_to_head_id = ${id}`

export interface Responses {
  total: number
  done: number
  /** Failed, cancelled, or waiting for a job that has ended. */
  failed: number
  /** Of those that failed, the first reason that is known. */
  problem: Problem | null
}

export const responsesOf = (db: Db, id: string): Promise<Responses> =>
  one(
    db,
    sql<Responses>`
      SELECT count(*)::int AS total, count(*) FILTER (WHERE s.state = 'done')::int AS done,
        count(*) FILTER (WHERE s.state <> 'done' AND NOT (s.state = 'waiting' AND j.state IN ('waiting', 'running')))::int AS failed,
        (array_agg(s.problem ORDER BY s.id) FILTER (WHERE s.state = 'failed' AND s.problem IS NOT NULL))[1] AS problem
      FROM head_to_head_pairs p JOIN samples s ON s.id IN (p.candidate_sample, p.baseline_sample)
      LEFT JOIN jobs j ON j.id = s.job_id WHERE p.head_to_head_id = ${id}`,
  )

/** Jobs that still draw its answers, or are to. */
export const samplingJobs = async (db: Db, id: string): Promise<string[]> =>
  (
    await all(db, sql<{ job: string }>`SELECT DISTINCT s.job_id AS job FROM ${samplesOf(id)} AND s.state = 'waiting'`)
  ).map(({ job }) => job)

/** Moves what was not answered to a new sampling job; returns how many. */
export async function reopenSamples(trx: Db, id: string, job: string): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE samples SET state = 'waiting', job_id = ${job}, problem = NULL
    WHERE id IN (SELECT s.id FROM ${samplesOf(id)} AND s.state <> 'done')`.execute(trx)
  return Number(numAffectedRows ?? 0)
}

export interface ReadyPair {
  prompt: string
  candidate: string
  baseline: string
  identical: boolean
}

/**
 * Pairs whose both answers are there, and that have no task yet, in an order by lot: whoever is asked first, and when it ends
 * early, those judged are a random part.
 */
export const readyPairs = (trx: Db, id: string): Promise<ReadyPair[]> =>
  all(
    trx,
    sql<ReadyPair>`
      SELECT p.prompt_id AS prompt, a.id AS candidate, b.id AS baseline, a.hash = b.hash AS identical
      FROM head_to_head_pairs p JOIN samples c ON c.id = p.candidate_sample JOIN samples d ON d.id = p.baseline_sample
      JOIN messages a ON a.id = c.message_id JOIN messages b ON b.id = d.message_id
      WHERE p.head_to_head_id = ${id} AND p.task_id IS NULL AND NOT p.identical
      ORDER BY md5(p.head_to_head_id::text || p.prompt_id::text)`,
  )

export const markIdentical = (trx: Db, id: string, prompts: string[]) =>
  sql`
    UPDATE head_to_head_pairs SET identical = true WHERE head_to_head_id = ${id} AND prompt_id = ANY(${prompts}::uuid[])`.execute(
    trx,
  )

export const setTasks = (trx: Db, id: string, tasks: { prompt: string; task: string }[]) =>
  sql`
    UPDATE head_to_head_pairs p SET task_id = t.task
    FROM unnest(${tasks.map(({ prompt }) => prompt)}::uuid[], ${tasks.map(({ task }) => task)}::uuid[]) AS t(prompt, task)
    WHERE p.head_to_head_id = ${id} AND p.prompt_id = t.prompt`.execute(trx)

/** Whether a task still waits for somebody: open in the queue, or handed out. */
export const isBeingJudged = async (db: Db, id: string): Promise<boolean> =>
  (await first(
    db,
    sql`
      SELECT 1 FROM head_to_head_pairs p JOIN queue q ON q.task_id = p.task_id
      WHERE p.head_to_head_id = ${id} AND q.state IN (${queued.open}, ${queued.handedOut}) LIMIT 1`,
  )) !== undefined

/** Notes which tasks go because it is ended; they are still to be taken out of the queue. */
export const cutShort = async (trx: Db, id: string): Promise<string[]> =>
  (
    await all(
      trx,
      sql<{ task: string }>`
        UPDATE head_to_head_pairs p SET cut_short = true FROM queue q
        WHERE q.task_id = p.task_id AND p.head_to_head_id = ${id} AND q.state IN (${queued.open}, ${queued.handedOut})
        RETURNING p.task_id AS task`,
    )
  ).map(({ task }) => task)

/** Forgets which tasks went when it was ended, and says which they are: not those that a lead had taken out. */
export const askAgain = async (trx: Db, id: string): Promise<string[]> =>
  (
    await all(
      trx,
      sql<{ task: string }>`
        UPDATE head_to_head_pairs SET cut_short = false WHERE head_to_head_id = ${id} AND cut_short RETURNING task_id AS task`,
    )
  ).map(({ task }) => task)

/** All its tasks, and what its answers cost. */
export const askedOf = (db: Db, id: string): Promise<{ tasks: string[]; cost: number | null }> =>
  one(
    db,
    sql<{ tasks: string[]; cost: number | null }>`
      SELECT ARRAY(SELECT task_id FROM head_to_head_pairs WHERE head_to_head_id = ${id} AND task_id IS NOT NULL) AS tasks,
        (SELECT sum(s.cost)::float8 FROM ${samplesOf(id)}) AS cost`,
  )

export const setOverlap = (trx: Db, id: string, overlap: number) =>
  sql`
    UPDATE head_to_heads SET plan = jsonb_set(plan, '{overlap}', to_jsonb(${overlap}::int)) WHERE id = ${id}`.execute(
    trx,
  )

export const setMeasureJob = (trx: Db, id: string, job: string) =>
  sql`UPDATE head_to_heads SET measure_job = ${job} WHERE id = ${id}`.execute(trx)

export const jobState = async (db: Db, job: string): Promise<string> =>
  (await one(db, sql<{ state: string }>`SELECT state FROM jobs WHERE id = ${job}`)).state
