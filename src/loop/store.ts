/** SQL of rounds. */
import { sql } from 'kysely'
import type { Problem } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import { all, type Db, first, json, one, pageFrom } from '../platform/sql.ts'
import type { Facts, Plan, Round, Station } from './contract.ts'
import { type StationName, stations } from './rules.ts'

interface RoundRow {
  id: string
  project: string
  number: number
  plan: Plan
  policy: string
  policyName: string
  state: Round['state']
  station: StationName
  reason: string | null
  createdBy: string | null
  createdAt: Date
  endedAt: Date | null
}

/** A round as its stations work on it. */
export interface OpenRound {
  id: string
  project: string
  number: number
  plan: Plan
  policy: string
  station: StationName
  createdBy: string | null
}

export interface StationRow {
  station: StationName
  state: 'working' | 'blocked' | 'done' | 'failed'
  subject: string | null
  facts: Facts
  problem: Problem | null
  acceptedBy: string | null
  acceptedWhy: string | null
  beganAt: Date
  endedAt: Date | null
}

const columns = sql`r.id, r.project_id AS project, r.number, r.plan, r.policy_id AS policy, p.name AS "policyName", r.state,
  r.station, r.reason, r.created_by AS "createdBy", r.created_at AS "createdAt", r.ended_at AS "endedAt"`

const stationColumns = sql`s.station, s.state, s.subject, s.facts, s.problem, q.name AS "acceptedBy",
  s.accepted_why AS "acceptedWhy", s.began_at AS "beganAt", s.ended_at AS "endedAt"`

export const stationsOf = (db: Db, round: string): Promise<StationRow[]> =>
  all(
    db,
    sql<StationRow>`
      SELECT ${stationColumns} FROM round_stations s LEFT JOIN people q ON q.id = s.accepted_by WHERE s.round_id = ${round}`,
  )

const ahead = (station: StationName): Station => ({
  station,
  state: 'ahead',
  facts: {},
  subject: null,
  problem: null,
  accepted: null,
  beganAt: null,
  endedAt: null,
  seconds: null,
})

const toStation = (row: StationRow): Station => ({
  station: row.station,
  state: row.state,
  facts: row.facts,
  subject: row.subject,
  problem: row.problem,
  accepted: row.acceptedWhy === null ? null : { by: row.acceptedBy ?? '', why: row.acceptedWhy },
  beganAt: row.beganAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
  seconds: row.endedAt && (row.endedAt.getTime() - row.beganAt.getTime()) / 1000,
})

async function toRounds(db: Db, rows: RoundRow[]): Promise<Round[]> {
  const known = await all(
    db,
    sql<StationRow & { round: string; promotedName: string | null }>`
      SELECT ${stationColumns}, s.round_id AS round, po.name AS "promotedName"
      FROM round_stations s LEFT JOIN people q ON q.id = s.accepted_by
      LEFT JOIN policies po ON s.station = 'promotion' AND po.id = (s.facts->>'policy')::uuid
      WHERE s.round_id = ANY(${rows.map(({ id }) => id)}::uuid[])`,
  )
  return rows.map((row) => {
    const own = known.filter(({ round }) => round === row.id)
    const last = own.find(({ station, state }) => station === 'promotion' && state === 'done')
    return {
      id: row.id,
      number: row.number,
      state: row.state,
      at: row.station,
      plan: row.plan,
      policy: { id: row.policy, name: row.policyName },
      promoted: last?.facts.policy ? { id: last.facts.policy, name: last.promotedName ?? '' } : null,
      reason: row.reason,
      stations: stations.map((name) => {
        const found = own.find(({ station }) => station === name)
        return found ? toStation(found) : ahead(name)
      }),
      createdAt: row.createdAt.toISOString(),
      endedAt: row.endedAt?.toISOString() ?? null,
    }
  })
}

/** Newest first; the cursor is the number of the last round shown. */
export async function listRounds(
  db: Db,
  { project, after, limit }: { project: string; after?: string; limit: number },
): Promise<{ rows: Round[]; next: string | null }> {
  const rows = await all(
    db,
    sql<RoundRow>`
      SELECT ${columns} FROM rounds r JOIN policies p ON p.id = r.policy_id
      WHERE r.project_id = ${project} AND ${after ? sql`r.number < ${Number(after)}` : sql`true`}
      ORDER BY r.number DESC LIMIT ${limit + 1}`,
  )
  const page = pageFrom(rows, limit, ({ number }) => String(number))
  return { rows: await toRounds(db, page.rows), next: page.next }
}

export async function findRound(db: Db, project: string, id: string): Promise<Round | undefined> {
  const row = await first(
    db,
    sql<RoundRow>`
      SELECT ${columns} FROM rounds r JOIN policies p ON p.id = r.policy_id WHERE r.id = ${id} AND r.project_id = ${project}`,
  )
  return row && (await toRounds(db, [row]))[0]
}

/** Fails with a unique violation while another round of the project is under way. */
export async function addRound(trx: Db, project: string, plan: Plan, by: string | null, at: Date): Promise<string> {
  const { id } = await one(
    trx,
    sql<{ id: string }>`
      INSERT INTO rounds (id, project_id, number, plan, policy_id, station, created_by, created_at)
      SELECT ${newId()}::uuid, ${project}::uuid, coalesce(max(number), 0) + 1, ${json(plan)}, ${plan.policy}::uuid, ${stations[0]},
        ${by}::uuid, ${at} FROM rounds WHERE project_id = ${project}::uuid RETURNING id`,
  )
  return id
}

export const openRounds = (db: Db): Promise<{ id: string; project: string }[]> =>
  all(
    db,
    sql<{ id: string; project: string }>`
      SELECT id, project_id AS project FROM rounds WHERE state = 'open' ORDER BY created_at`,
  )

/** The round, if it is open and nobody else is at it. */
export const holdRound = (trx: Db, id: string): Promise<OpenRound | undefined> =>
  first(
    trx,
    sql<OpenRound>`
      SELECT id, project_id AS project, number, plan, policy_id AS policy, station, created_by AS "createdBy"
      FROM rounds WHERE id = ${id} AND state = 'open' FOR UPDATE SKIP LOCKED`,
  )

/** The round, whatever its state, once nobody else is at it. */
export const lockRound = (trx: Db, project: string, id: string) =>
  first(
    trx,
    sql<OpenRound & { state: Round['state'] }>`
      SELECT id, project_id AS project, number, plan, policy_id AS policy, station, created_by AS "createdBy", state
      FROM rounds WHERE id = ${id} AND project_id = ${project} FOR UPDATE`,
  )

export const moveRound = (trx: Db, id: string, station: StationName) =>
  sql`UPDATE rounds SET station = ${station} WHERE id = ${id}`.execute(trx)

export const setRoundState = (trx: Db, id: string, state: Round['state'], endedAt: Date | null, reason?: string) =>
  sql`UPDATE rounds SET state = ${state}, ended_at = ${endedAt}, reason = ${reason ?? null} WHERE id = ${id}`.execute(
    trx,
  )

export interface StationChange {
  state: StationRow['state']
  subject: string | null
  facts: Facts
  problem?: Problem
}

/** Notes how a station stands; false where nothing has changed. */
export async function keepStation(
  trx: Db,
  round: string,
  station: StationName,
  { state, subject, facts, problem }: StationChange,
  at: Date,
): Promise<boolean> {
  const endedAt = state === 'done' || state === 'failed' ? at : null
  const { numAffectedRows } = await sql`
    INSERT INTO round_stations AS s (round_id, station, state, subject, facts, problem, began_at, ended_at)
    VALUES (${round}, ${station}, ${state}, ${subject}::uuid, ${json(facts)}, ${problem ? json(problem) : null}, ${at}, ${endedAt})
    ON CONFLICT (round_id, station) DO UPDATE SET state = excluded.state, subject = excluded.subject, facts = excluded.facts,
      problem = excluded.problem, ended_at = excluded.ended_at
    WHERE (s.state, s.subject, s.facts, s.problem) IS DISTINCT FROM (excluded.state, excluded.subject, excluded.facts, excluded.problem)`.execute(
    trx,
  )
  return Number(numAffectedRows ?? 0) > 0
}

/** What is still to come of the round goes by this plan. */
export const setPlan = (trx: Db, id: string, plan: Plan) =>
  sql`UPDATE rounds SET plan = ${json(plan)} WHERE id = ${id}`.execute(trx)

export const acceptStation = (trx: Db, round: string, station: StationName, by: string, why: string) =>
  sql`UPDATE round_stations SET accepted_by = ${by}, accepted_why = ${why} WHERE round_id = ${round} AND station = ${station}`.execute(
    trx,
  )

/** A station that is begun again. */
export const forgetStation = (trx: Db, round: string, station: StationName) =>
  sql`DELETE FROM round_stations WHERE round_id = ${round} AND station = ${station}`.execute(trx)

/** A station whose work goes on from where it failed. */
export const reopenStation = (trx: Db, round: string, station: StationName) =>
  sql`
    UPDATE round_stations SET state = 'working', problem = NULL, ended_at = NULL WHERE round_id = ${round} AND station = ${station}`.execute(
    trx,
  )
