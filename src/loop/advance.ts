/**
 * Moves rounds on. What a station works at goes on elsewhere; here, about twice a second, somebody looks how it stands and
 * begins what comes next, in a transaction that holds the round: two servers never begin a thing twice, and a crash
 * leaves either all of a step or nothing.
 */
import { recordAudit } from '../platform/audit.ts'
import type { Platform } from '../platform/context.ts'
import { type Problem, toProblem } from '../platform/errors.ts'
import { emit } from '../platform/events.ts'
import { publish } from '../platform/live.ts'
import { type Db, inTransaction } from '../platform/sql.ts'
import type { Facts } from './contract.ts'
import { type StationName, stationAfter } from './rules.ts'
import { roundStations } from './stations/index.ts'
import type { Ground, Look, Turn } from './stations/station.ts'
import {
  addRound,
  holdRound,
  keepStation,
  moveRound,
  type OpenRound,
  openRounds,
  type StationRow,
  setRoundState,
  stationsOf,
} from './store.ts'

/** What a station needs to know of the others. */
export function turnOf(trx: Db, platform: Ground, round: OpenRound, rows: readonly StationRow[]): Turn {
  const rowOf = (station: StationName) => rows.find((row) => row.station === station)
  return {
    trx,
    platform,
    round,
    subjectOf: (station) => rowOf(station)!.subject!,
    factsOf: (station): Facts => rowOf(station)?.facts ?? {},
  }
}

/** Tells open pages that the picture has changed. */
export const tell = (trx: Db, { project, id }: Pick<OpenRound, 'project' | 'id'>) =>
  publish(trx, { project, action: 'project.read', topic: 'round', data: { round: id } })

/** The next round, with the policy that this one has promoted, where the plan asks for one. */
async function beginNext(trx: Db, platform: Ground, round: OpenRound, promoted: string): Promise<void> {
  const { plan, project, createdBy } = round
  if (plan.repeat === 0) return
  // Who answered beside the policy was there to begin with: from now on the policy is compared with itself.
  const samples = { ...plan.samples, policies: [] }
  const next = { ...plan, samples, policy: promoted, repeat: plan.repeat - 1 }
  const at = platform.clock()
  const id = await addRound(trx, project, next, createdBy, at)
  await recordAudit(trx, [{ actor: 'system', action: 'round.start', subject: `round ${id}`, project, after: next }], at)
}

/** The last station is through. */
async function endRound(trx: Db, platform: Ground, round: OpenRound, promoted?: string): Promise<void> {
  await setRoundState(trx, round.id, 'done', platform.clock())
  await emit(trx, {
    project: round.project,
    kind: 'round.ended',
    subject: round.id,
    data: { promoted: promoted ?? null },
  })
  if (promoted) await beginNext(trx, platform, round, promoted)
}

async function keep(turn: Turn, row: StationRow | undefined, look: Look): Promise<boolean> {
  const { trx, round, platform } = turn
  const subject = ('subject' in look ? look.subject : undefined) ?? row?.subject ?? null
  const problem: Problem | undefined =
    look.state === 'failed'
      ? look.problem
      : look.state === 'blocked'
        ? { code: 'conflict', message: look.why, hint: look.hint }
        : undefined
  const change = { state: look.state, subject, facts: look.facts, problem }
  const hasChanged = await keepStation(trx, round.id, round.station, change, platform.clock())
  if (hasChanged) await tell(trx, round)
  return hasChanged
}

/** Goes on to the station after, or ends the round. */
async function leave({ trx, platform, round }: Turn, { facts }: Look): Promise<void> {
  const next = stationAfter(round.station)
  if (next) await moveRound(trx, round.id, next)
  else await endRound(trx, platform, round, facts.policy)
  await tell(trx, round)
}

async function step(trx: Db, platform: Platform, id: string): Promise<boolean> {
  const round = await holdRound(trx, id)
  if (!round) return false
  const rows = await stationsOf(trx, id)
  const turn = turnOf(trx, platform, round, rows)
  const row = rows.find(({ station }) => station === round.station)
  const station = roundStations[round.station]
  if (!row) {
    const { subject, facts } = await station.begin(turn)
    await keep(turn, undefined, { state: 'working', facts, subject: subject ?? undefined })
    return true
  }
  const look = await station.look(turn, row)
  await keep(turn, row, look)
  if (look.state === 'failed') await setRoundState(trx, id, 'failed', null)
  if (look.state === 'done') await leave(turn, look)
  return look.state === 'done'
}

/** A station that threw, while beginning or while looking, has failed with what it threw. */
async function noteFailure(trx: Db, platform: Platform, id: string, error: unknown): Promise<void> {
  const round = await holdRound(trx, id)
  if (!round) return
  const rows = await stationsOf(trx, id)
  const row = rows.find(({ station }) => station === round.station)
  const look: Look = { state: 'failed', facts: row?.facts ?? {}, problem: toProblem(error) }
  await keep(turnOf(trx, platform, round, rows), row, look)
  await setRoundState(trx, id, 'failed', null)
}

/** Takes one round one step on; answers whether there may be more to do at once. */
export async function advance(platform: Platform, id: string): Promise<boolean> {
  try {
    return await inTransaction(platform.db, (trx) => step(trx, platform, id))
  } catch (error) {
    platform.log.warn({ err: error, round: id }, 'a station of a round failed')
    await inTransaction(platform.db, (trx) => noteFailure(trx, platform, id, error))
    return false
  }
}

/** So many times as long as a look at a round took, nobody here looks again: one of 100,000 tasks keeps no database busy. */
const restFactor = 4

/** Takes every round that is under way one step on, the next time too; `now` in milliseconds. Answers whether there is more to do. */
export function roundsMover(platform: Platform, now = () => performance.now()): () => Promise<boolean> {
  const restsUntil = new Map<string, number>()
  return async () => {
    const open = await openRounds(platform.db)
    for (const id of restsUntil.keys()) if (!open.some((round) => round.id === id)) restsUntil.delete(id)
    let isMore = false
    for (const { id } of open) {
      const begun = now()
      if (begun < (restsUntil.get(id) ?? 0)) continue
      if (await advance(platform, id)) isMore = true
      else {
        const ended = now()
        restsUntil.set(id, ended + restFactor * (ended - begun))
      }
    }
    if (isMore) platform.wake()
    return isMore
  }
}
