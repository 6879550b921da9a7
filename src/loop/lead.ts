/** What a lead does with a round, each inside the caller's transaction, and audited; the caller wakes the platform after it. */
import { askMorePeople } from '../evaluate/head-to-head/read.ts'
import { recordAudit } from '../platform/audit.ts'
import { fail } from '../platform/errors.ts'
import { type Db, sqlState, uniqueViolation } from '../platform/sql.ts'
import { tell, turnOf } from './advance.ts'
import { checkPlan, checkSettings } from './check-plan.ts'
import type { Acceptable, Plan, Settings } from './contract.ts'
import { type StationName, stations } from './rules.ts'
import { roundStations } from './stations/index.ts'
import type { Ground } from './stations/station.ts'
import {
  acceptStation,
  addRound,
  forgetStation,
  lockRound,
  moveRound,
  reopenStation,
  setPlan,
  setRoundState,
  stationsOf,
} from './store.ts'

export interface OfRound {
  project: string
  round: string
  /** A person; nobody: the operator of the command line. */
  by?: string
}

const audited = (trx: Db, { clock }: Ground, act: string, { project, round, by }: OfRound, after: unknown) =>
  recordAudit(
    trx,
    [{ actor: by ?? 'operator', action: `round.${act}`, subject: `round ${round}`, project, after }],
    clock(),
  )

/** Begins a round; returns its id. */
export async function startRound(
  trx: Db,
  ground: Ground,
  { project, plan, by }: { project: string; plan: Plan; by?: string },
): Promise<string> {
  await checkPlan(trx, project, plan)
  const round = await addRound(trx, project, plan, by ?? null, ground.clock()).catch((error: unknown) => {
    if (sqlState(error) !== uniqueViolation) throw error
    return fail('conflict', 'A round of this project is under way already.', {
      where: 'round',
      hint: 'Wait until it is through, or close it.',
    })
  })
  await audited(trx, ground, 'start', { project, round, by }, plan)
  await tell(trx, { project, id: round })
  return round
}

const missing = (): never => fail('not_found', 'There is no such round.', { where: 'round' })

/** The round, held until the transaction ends, with its stations. */
async function held(trx: Db, ground: Ground, { project, round: id }: OfRound) {
  const round = (await lockRound(trx, project, id)) ?? missing()
  const rows = await stationsOf(trx, id)
  const row = rows.find(({ station }) => station === round.station)
  return { round, row, turn: turnOf(trx, ground, round, rows) }
}

/** In place of those in the plan. */
export type NewSettings = Partial<Record<'reward' | 'training', Settings>>

/** The plan with other settings of what is not trained yet. */
function planWith(plan: Plan, settings: NewSettings, station: StationName): Plan {
  const isThrough = (name: StationName) => stations.indexOf(name) < stations.indexOf(station)
  for (const [part, name] of [
    ['reward', 'reward'],
    ['training', 'policy'],
  ] as const)
    if (settings[part] && isThrough(name))
      fail('conflict', `The ${name} of this round is trained already.`, {
        where: `settings.${part}`,
        hint: 'Close this round, and begin another with these settings.',
      })
  const { reward = plan.reward.settings, training = plan.training.settings } = settings
  return { ...plan, reward: { ...plan.reward, settings: reward }, training: { ...plan.training, settings: training } }
}

/** Tries the station again at which a round has failed; `settings` take the place of those in the plan. */
export async function retryRound(
  trx: Db,
  ground: Ground,
  { settings = {}, ...of }: OfRound & { settings?: NewSettings },
): Promise<void> {
  const { round, row, turn } = await held(trx, ground, of)
  const { station, project } = round
  if (round.state !== 'failed') fail('conflict', 'Nothing of this round has failed.', { where: 'round' })
  if (settings.reward ?? settings.training) {
    const plan = planWith(round.plan, settings, station)
    await checkSettings(trx, project, plan)
    await setPlan(trx, round.id, plan)
  }
  // A run goes on with the settings that it began with: others take another run.
  const isChanged = (station === 'reward' && settings.reward) || (station === 'policy' && settings.training)
  const goesOn = row && !isChanged && (await roundStations[station].again?.(turn, row))
  if (goesOn) await reopenStation(trx, round.id, station)
  else {
    if (row && isChanged) await roundStations[station].stop?.(turn, row)
    await forgetStation(trx, round.id, station)
  }
  await setRoundState(trx, round.id, 'open', null)
  await audited(trx, ground, 'retry', of, { station, ...settings })
  await tell(trx, round)
}

/** Lets a station go on with what is there. */
export async function goOn(
  trx: Db,
  ground: Ground,
  { station, why, ...of }: OfRound & { by: string; station: Acceptable; why: string },
): Promise<void> {
  const { round, row, turn } = await held(trx, ground, of)
  const hasFailed = round.state === 'failed' && (station === 'reward' || station === 'policy')
  if ((round.state !== 'open' && !hasFailed) || round.station !== station)
    fail('conflict', `This round does not wait at its ${station}.`, { where: 'station' })
  if (!row) return fail('conflict', 'This station has not begun yet.', { where: 'station' })
  await roundStations[station].accept?.(turn, row)
  await acceptStation(trx, round.id, station, of.by, why)
  if (hasFailed) {
    await reopenStation(trx, round.id, station)
    await setRoundState(trx, round.id, 'open', null)
  }
  await audited(trx, ground, 'go-on', of, { station, why })
  await tell(trx, round)
}

/**
 * Goes back from the promotion to the evaluation, with more people for each pair. Only where there was too little for a
 * verdict: to ask on until it passes would promote anything.
 */
export async function askMore(
  trx: Db,
  ground: Ground,
  { overlap, ...of }: OfRound & { overlap: number },
): Promise<void> {
  const { round, row, turn } = await held(trx, ground, of)
  if (round.state !== 'open' || round.station !== 'promotion' || !row?.facts.lacks)
    fail('conflict', 'The promotion of this round does not wait for comparisons.', { where: 'round' })
  const headToHead = turn.subjectOf('evaluation')
  await askMorePeople(trx, ground, { project: round.project, id: headToHead, overlap, by: of.by })
  await forgetStation(trx, round.id, 'promotion')
  await reopenStation(trx, round.id, 'evaluation')
  await moveRound(trx, round.id, 'evaluation')
  await audited(trx, ground, 'ask-more', of, { headToHead, overlap })
  await tell(trx, round)
}

/** Ends a round without a promotion; what goes on for it ends. */
export async function closeRound(trx: Db, ground: Ground, { why, ...of }: OfRound & { why: string }): Promise<void> {
  const { round, row, turn } = await held(trx, ground, of)
  if (round.state === 'done' || round.state === 'closed')
    fail('conflict', 'This round has ended already.', { where: 'round' })
  if (row) await roundStations[round.station].stop?.(turn, row)
  await setRoundState(trx, round.id, 'closed', ground.clock(), why)
  await audited(trx, ground, 'close', of, { station: round.station, why })
  await tell(trx, round)
}
