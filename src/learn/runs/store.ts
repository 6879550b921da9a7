/** SQL of runs. */
import { type RawBuilder, sql } from 'kysely'
import type { Problem } from '../../platform/errors.ts'
import { emit } from '../../platform/events.ts'
import { publish } from '../../platform/live.ts'
import { all, containing, type Db, first, json, pageFrom } from '../../platform/sql.ts'
import { type Algorithm, isOnline } from '../../trainer/schedule/spec.ts'
import type { Run, RunState, RunSummary } from './contract.ts'
import type { RunSettings } from './settings.ts'

/** A run with what only the server needs to know. */
export interface StoredRun extends Run {
  project: string
  snapshotId: string
  baseId: string | null
  rewardId: string | null
}

interface Row extends Omit<StoredRun, 'reward' | 'checkpoint' | 'forkedFrom' | 'createdAt' | 'startedAt' | 'endedAt'> {
  rewardName: string | null
  checkpointName: string | null
  forkedFromId: string | null
  forkedFromName: string | null
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
}

const selected = sql`
  SELECT r.id, r.project_id AS project, r.job_id AS job, r.name, r.algorithm, r.engine, r.spec AS settings, r.snapshot_id AS "snapshotId",
    json_build_object('id', s.id, 'name', s.name, 'kind', s.kind) AS snapshot, coalesce(b.name, r.base) AS base, r.base_id AS "baseId",
    r.reward_id AS "rewardId", w.name AS "rewardName", r.round_id AS round, r.forked_from AS "forkedFromId", f.name AS "forkedFromName",
    r.state, r.checkpoint_id AS "checkpointId", c.name AS "checkpointName",
    (SELECT p.id FROM policies p WHERE p.checkpoint_id = r.checkpoint_id ORDER BY p.id LIMIT 1) AS "policyId",
    (SELECT count(*)::int FROM runs o WHERE r.state = 'waiting' AND o.id <> r.id
      AND (o.state = 'running' OR (o.state = 'waiting' AND o.id < r.id))) AS "waitsFor",
    r.summary, r.problem, coalesce(j.done, 0) AS step, j.total AS steps, coalesce(j.note, '') AS note,
    r.created_by AS "createdBy", r.created_at, r.started_at, r.ended_at
  FROM runs r JOIN snapshots s ON s.id = r.snapshot_id LEFT JOIN jobs j ON j.id = r.job_id
  LEFT JOIN checkpoints b ON b.id = r.base_id LEFT JOIN checkpoints w ON w.id = r.reward_id
  LEFT JOIN checkpoints c ON c.id = r.checkpoint_id LEFT JOIN runs f ON f.id = r.forked_from`

function toRun(row: Row): StoredRun {
  const { rewardName, checkpointName, forkedFromId, forkedFromName, created_at, started_at, ended_at, ...rest } = row
  const named = (id: string | null, name: string | null) => (id && name ? { id, name } : null)
  return {
    ...rest,
    reward: named(rest.rewardId, rewardName) ?? (isOnline(rest.algorithm) ? 'online' : null),
    checkpoint: named(rest.checkpointId, checkpointName),
    forkedFrom: named(forkedFromId, forkedFromName),
    createdAt: created_at.toISOString(),
    startedAt: started_at?.toISOString() ?? null,
    endedAt: ended_at?.toISOString() ?? null,
  }
}

/** Undefined where the project has no such run. */
export async function findRun(db: Db, project: string, id: string): Promise<StoredRun | undefined> {
  const row = await first(db, sql<Row>`${selected} WHERE r.project_id = ${project} AND r.id = ${id}`)
  return row && toRun(row)
}

/** By id or by name, which no other run of the project has. */
export async function findRunNamed(db: Db, project: string, name: string): Promise<StoredRun | undefined> {
  const row = await first(db, sql<Row>`${selected} WHERE r.project_id = ${project} AND ${name} IN (r.id::text, r.name)`)
  return row && toRun(row)
}

/** The newest first; `after` is the run that the page before ended with. */
export async function listRuns(
  db: Db,
  project: string,
  { after = null, limit, state, search }: { after?: string | null; limit: number; state?: RunState[]; search?: string },
): Promise<{ rows: StoredRun[]; next: string | null }> {
  const rows = await all(
    db,
    sql<Row>`${selected} WHERE r.project_id = ${project} AND (${after}::uuid IS NULL OR r.id < ${after}::uuid)
      AND ${state ? sql`r.state = ANY(${state})` : sql`true`}
      AND ${search ? sql`r.name ILIKE ${containing(search)}` : sql`true`} ORDER BY r.id DESC LIMIT ${limit + 1}`,
  )
  return pageFrom(rows.map(toRun), limit, ({ id }) => id)
}

interface NewRun {
  id: string
  project: string
  name: string
  algorithm: Algorithm
  settings: RunSettings
  snapshot: string
  base: string
  baseId: string | null
  rewardId: string | null
  round: string | null
  forkedFrom: string | null
  createdBy: string | null
  job: string
}

/** False: the project has a run of this name. */
export async function addRun(trx: Db, run: NewRun): Promise<boolean> {
  const added = await first(
    trx,
    sql`
      INSERT INTO runs (id, project_id, job_id, name, algorithm, spec, snapshot_id, base, base_id, reward_id, round_id,
        forked_from, created_by)
      VALUES (${run.id}, ${run.project}, ${run.job}, ${run.name}, ${run.algorithm}, ${json(run.settings)}, ${run.snapshot},
        ${run.base}, ${run.baseId}, ${run.rewardId}, ${run.round}, ${run.forkedFrom}, ${run.createdBy})
      ON CONFLICT (project_id, name) DO NOTHING RETURNING id`,
  )
  return added !== undefined
}

/** `dpo 3`: the algorithm with the first number that is free. Whoever chooses one waits for the one before. */
export async function freeRunName(trx: Db, project: string, algorithm: string): Promise<string> {
  await sql`SELECT 1 FROM projects WHERE id = ${project} FOR NO KEY UPDATE`.execute(trx)
  const rows = await all(
    trx,
    sql<{
      name: string
    }>`SELECT name FROM runs WHERE project_id = ${project} AND starts_with(name, ${`${algorithm} `})`,
  )
  const taken = new Set(rows.map(({ name }) => name))
  let number = 1
  while (taken.has(`${algorithm} ${number}`)) number++
  return `${algorithm} ${number}`
}

/** Tells open pages that a run has something new to show. */
export const tellOfRun = (trx: Db, project: string, run: string): Promise<void> =>
  publish(trx, { project, action: 'model.read', topic: 'run', data: { run } })

/** Changes a run that has not ended; false where it has. */
async function change(trx: Db, run: { id: string; project: string }, set: RawBuilder<unknown>): Promise<boolean> {
  const changed = await first(
    trx,
    sql`UPDATE runs SET ${set} WHERE id = ${run.id} AND state IN ('waiting', 'running') RETURNING id`,
  )
  if (changed) await tellOfRun(trx, run.project, run.id)
  return changed !== undefined
}

export const markRunning = (trx: Db, run: { id: string; project: string }, at: Date): Promise<boolean> =>
  change(trx, run, sql`state = 'running', started_at = coalesce(started_at, ${at})`)

/** The server stops: the run goes on with its next start. */
export const markWaiting = (trx: Db, run: { id: string; project: string }): Promise<boolean> =>
  change(trx, run, sql`state = 'waiting'`)

interface RunEnd {
  state: 'stopped' | 'done' | 'failed'
  summary?: RunSummary
  problem?: Problem
  checkpoint?: string
}

/** Ends a run that has not ended, and says so in the event log; false where it has. */
export async function endRun(
  trx: Db,
  run: { id: string; project: string },
  { state, summary, problem, checkpoint }: RunEnd,
  at: Date,
): Promise<boolean> {
  const ended = await change(
    trx,
    run,
    sql`state = ${state}, summary = coalesce(${summary ? json(summary) : null}, summary), problem = ${problem ? json(problem) : null},
      checkpoint_id = ${checkpoint ?? null}, ended_at = ${at}`,
  )
  if (!ended) return false
  const data = { run: run.id, state, ...(checkpoint ? { checkpoint } : {}) }
  await emit(trx, { project: run.project, kind: 'run.ended', subject: run.id, data })
  return true
}

/** Sets a run that was stopped, or failed without a model, back among the waiting; false where it is neither. */
export async function reopenRun(trx: Db, run: { id: string; project: string }, job: string): Promise<boolean> {
  const reopened = await first(
    trx,
    sql`
      UPDATE runs SET state = 'waiting', problem = NULL, ended_at = NULL, job_id = ${job}
      WHERE id = ${run.id} AND state IN ('stopped', 'failed') AND checkpoint_id IS NULL RETURNING id`,
  )
  if (reopened) await tellOfRun(trx, run.project, run.id)
  return reopened !== undefined
}

/** Runs whose job has ended without them: cancelled before it began, or given up after its process died too often. */
export const abandonedRuns = (db: Db) =>
  all(
    db,
    sql<{ id: string; project: string; jobState: string; problem: Problem | null }>`
      SELECT r.id, r.project_id AS project, j.state AS "jobState", j.problem FROM runs r JOIN jobs j ON j.id = r.job_id
      WHERE r.state IN ('waiting', 'running') AND j.state IN ('cancelled', 'failed')
      ORDER BY r.id FOR UPDATE OF r SKIP LOCKED`,
  )
