/** SQL of jobs. Every change of state is told to open pages in the same statement. */
import { type RawBuilder, sql } from 'kysely'
import type { Problem } from '../errors.ts'
import { newId } from '../ids.ts'
import type { NewJob } from '../jobs.ts'
import { all, type Db, first, json, pageFrom } from '../sql.ts'
import type { Job } from './shape.ts'

/** Of a row of `jobs`, in SQL, so that lists and live events are made by one hand. */
const view = sql`jsonb_build_object('id', id, 'project', project_id, 'kind', kind, 'title', title, 'state', state,
  'cancelling', cancel_requested AND state = 'running', 'done', done, 'total', total, 'note', note, 'attempt', attempt,
  'problem', problem, 'createdBy', created_by, 'createdAt', created_at, 'startedAt', started_at, 'endedAt', ended_at)`

export interface JobRow {
  id: string
  project_id: string | null
  kind: string
  input: unknown
  attempt: number
  attempts: number
  checkpoint: unknown
  created_by: string | null
}

const rows = (changing: RawBuilder<unknown>): RawBuilder<JobRow & { view: Job }> => sql<JobRow & { view: Job }>`
  WITH changed AS (${changing}), told AS (
    INSERT INTO live_events (project_id, person_id, action, topic, data)
    SELECT project_id, CASE WHEN project_id IS NULL THEN created_by END, 'project.read', 'job', ${view} FROM changed
    WHERE project_id IS NOT NULL OR created_by IS NOT NULL
  )
  SELECT id, project_id, kind, input, attempt, attempts, checkpoint, created_by, ${view} AS view FROM changed`

export async function addJob(
  db: Db,
  { kind, title, project, input, createdBy, attempts = 3 }: NewJob,
): Promise<string> {
  const id = newId()
  await all(
    db,
    rows(sql`INSERT INTO jobs (id, project_id, kind, title, input, created_by, attempts)
      VALUES (${id}, ${project}, ${kind}, ${title}, ${json(input ?? {})}, ${createdBy ?? null}, ${attempts}) RETURNING *`),
  )
  return id
}

/** Makes a waiting job this run's; undefined: it is not waiting any more, or nobody here knows its kind. */
export const claimJob = (db: Db, id: string, kinds: string[]): Promise<JobRow | undefined> =>
  first(
    db,
    rows(sql`UPDATE jobs SET state = 'running', attempt = attempt + 1, started_at = coalesce(started_at, now()), note = ''
      WHERE id = ${id} AND state = 'waiting' AND kind = ANY(${kinds}::text[]) RETURNING *`),
  )

/** Of a run: what is written below counts only while the job is still this attempt's. */
export interface Holder {
  id: string
  attempt: number
}
const held = ({ id, attempt }: Holder) => sql`id = ${id} AND attempt = ${attempt} AND state = 'running'`
const kept = async (db: Db, query: RawBuilder<unknown>): Promise<boolean> => (await all(db, query)).length > 0

export interface Progress {
  done: number
  total: number | null
  note: string
}

const progressed = ({ done, total, note }: Progress) => sql`done = ${done}, total = ${total}, note = ${note}`

export const saveProgress = (db: Db, holder: Holder, progress: Progress): Promise<boolean> =>
  kept(db, rows(sql`UPDATE jobs SET ${progressed(progress)} WHERE ${held(holder)} RETURNING *`))

/** `progress`: how far the work is that the checkpoint stands for, where that was said. */
export const saveCheckpoint = (db: Db, holder: Holder, checkpoint: unknown, progress?: Progress): Promise<boolean> =>
  kept(
    db,
    sql`
      UPDATE jobs SET checkpoint = ${json(checkpoint)} ${progress ? sql`, ${progressed(progress)}` : sql``}
      WHERE ${held(holder)} RETURNING id`,
  )

export const finishJob = (db: Db, holder: Holder, result: unknown): Promise<boolean> =>
  kept(
    db,
    rows(sql`UPDATE jobs SET state = 'done', result = ${json(result)}, checkpoint = NULL, ended_at = now()
      WHERE ${held(holder)} RETURNING *`),
  )

export const endJob = (
  db: Db,
  holder: Holder,
  state: 'failed' | 'cancelled',
  problem: Problem | null,
  result: unknown = null,
): Promise<boolean> =>
  kept(
    db,
    rows(sql`UPDATE jobs SET state = ${state}, problem = ${problem ? json(problem) : null},
        result = ${result === null ? null : json(result)}, ended_at = now()
      WHERE ${held(holder)} RETURNING *`),
  )

/** Back among the waiting. A process that stopped in good order has used up no try. */
export const returnJob = (
  db: Db,
  holder: Holder,
  { note, counts }: { note: string; counts: boolean },
): Promise<boolean> =>
  kept(
    db,
    rows(sql`UPDATE jobs SET state = 'waiting', note = ${note}, attempt = attempt - ${counts ? 0 : 1}
      WHERE ${held(holder)} RETURNING *`),
  )

/** Of `holders`, those that are to stop: cancelled, or no longer theirs. */
export const endedRuns = (db: Db, holders: Holder[]): Promise<{ id: string; cancelled: boolean }[]> =>
  all(
    db,
    sql<{ id: string; cancelled: boolean }>`
      SELECT h.id, coalesce(j.cancel_requested AND j.attempt = h.attempt, false) AS cancelled
      FROM unnest(${holders.map(({ id }) => id)}::uuid[], ${holders.map(({ attempt }) => attempt)}::int[]) AS h (id, attempt)
      LEFT JOIN jobs j ON j.id = h.id
      WHERE j.id IS NULL OR j.cancel_requested OR j.attempt <> h.attempt OR j.state <> 'running'`,
  )

/** The key of the advisory lock that a run holds. */
const lockKey = (id: RawBuilder<unknown>) => sql`hashtextextended(${id}::text, 0)`

const gone = json({
  code: 'internal',
  message: 'The process that ran this job ended, every time it was tried.',
  hint: 'The log of that time says why; it may have run out of memory.',
})

/** Jobs that say they run while nobody holds their lock: back among the waiting, or failed where their tries are used up. */
export const takeBackOrphans = (db: Db) =>
  all(
    db,
    rows(sql`UPDATE jobs SET
        state = CASE WHEN cancel_requested THEN 'cancelled' WHEN attempt >= attempts THEN 'failed' ELSE 'waiting' END,
        problem = CASE WHEN attempt >= attempts AND NOT cancel_requested THEN ${gone} END,
        ended_at = CASE WHEN attempt >= attempts OR cancel_requested THEN now() END,
        note = CASE WHEN attempt >= attempts OR cancel_requested THEN note
          ELSE 'Its process ended; it goes on from where it stood.' END
      WHERE id IN (
        WITH running AS MATERIALIZED (SELECT id FROM jobs WHERE state = 'running' FOR UPDATE SKIP LOCKED)
        SELECT id FROM running WHERE pg_try_advisory_xact_lock(${lockKey(sql`id`)}))
      RETURNING *`),
  )

/** Waiting jobs of these kinds for which no ticket is under way: their ticket was lost, or none was ever written. */
export const withoutTicket = (db: Db, kinds: string[]): Promise<{ id: string }[]> =>
  all(
    db,
    sql<{ id: string }>`
      SELECT j.id FROM jobs j WHERE j.state = 'waiting' AND j.kind = ANY(${kinds}::text[]) AND NOT EXISTS (
        SELECT 1 FROM pgboss.job t WHERE t.name = 'jobs' AND t.data ->> 'job' = j.id::text
          AND (t.state < 'active' OR (t.state = 'active' AND t.started_on > now() - interval '10 seconds')))
      ORDER BY j.id LIMIT 100`,
  )

export const cancelJob = async (db: Db, project: string, id: string): Promise<Job | undefined> =>
  (
    await first(
      db,
      rows(sql`UPDATE jobs SET cancel_requested = true,
          state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END,
          ended_at = CASE state WHEN 'waiting' THEN now() ELSE ended_at END
        WHERE id = ${id} AND project_id = ${project} AND state IN ('waiting', 'running') RETURNING *`),
    )
  )?.view

/** Tries a job again that failed or was cancelled, from its last checkpoint. */
export const retryJob = async (db: Db, project: string, id: string): Promise<Job | undefined> =>
  (
    await first(
      db,
      rows(sql`UPDATE jobs SET state = 'waiting', cancel_requested = false, problem = NULL, result = NULL, ended_at = NULL,
          note = '', attempts = attempt + 3
        WHERE id = ${id} AND project_id = ${project} AND state IN ('failed', 'cancelled') RETURNING *`),
    )
  )?.view

export const findJob = (db: Db, project: string, id: string): Promise<{ view: Job; result: unknown } | undefined> =>
  first(
    db,
    sql<{
      view: Job
      result: unknown
    }>`SELECT ${view} AS view, result FROM jobs WHERE id = ${id} AND project_id = ${project}`,
  )

interface Wanted {
  project?: string
  createdBy?: string
  /** The job that the page before ended with. */
  after?: string
  limit: number
}

/** The newest first. */
export async function listJobs(db: Db, wanted: Wanted): Promise<{ rows: Job[]; next: string | null }> {
  const { project = null, createdBy = null, after = null, limit } = wanted
  const found = await all(
    db,
    sql<{ view: Job }>`SELECT ${view} AS view FROM jobs
      WHERE (${project}::uuid IS NULL OR project_id = ${project}::uuid)
        AND (${createdBy}::uuid IS NULL OR created_by = ${createdBy}::uuid)
        AND (${after}::uuid IS NULL OR id < ${after}::uuid)
      ORDER BY id DESC LIMIT ${limit + 1}`,
  )
  return pageFrom(
    found.map(({ view }) => view),
    limit,
    ({ id }) => id,
  )
}
