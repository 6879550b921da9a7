import { implement } from '@orpc/server'
import type { Measure } from '../assure/thread/work.ts'
import { currentPolicy } from '../evaluate/gates/read.ts'
import { findPolicy } from '../models/policies/store.ts'
import { authorised } from '../people/access.ts'
import { recordAudit } from '../platform/audit.ts'
import type { CallContext, Platform } from '../platform/context.ts'
import { fail } from '../platform/errors.ts'
import type { JobHandler } from '../platform/jobs.ts'
import { type Db, inTransaction, sqlState, uniqueViolation } from '../platform/sql.ts'
import { tell, turnOf } from './advance.ts'
import { rounds as contract, type Plan, type Round } from './contract.ts'
import { makeRoundTasks } from './stations/collecting.ts'
import { roundStations } from './stations/index.ts'
import type { RoundJobInput } from './stations/job.ts'
import { takeRoundSnapshot } from './stations/learning.ts'
import { measureRound } from './stations/quality.ts'
import {
  acceptStation,
  addRound,
  findRound,
  forgetStation,
  listRounds,
  lockRound,
  reopenStation,
  setRoundState,
  stationsOf,
} from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const missing = (): never => fail('not_found', 'There is no such round.', { where: 'round' })
const shown = async (db: Db, project: string, id: string): Promise<Round> =>
  (await findRound(db, project, id)) ?? missing()

/** Refuses a plan that could not be carried through, before anybody works for it. */
async function checkPlan(trx: Db, project: string, { policy, samples, promotion }: Plan): Promise<void> {
  const found = await findPolicy(trx, project, policy)
  if (!found) return fail('not_found', 'There is no such policy.', { where: 'plan.policy' })
  if (!found.checkpointId)
    fail('bad_input', `"${found.name}" is an endpoint of somebody else: it cannot be trained.`, {
      where: 'plan.policy',
      hint: 'Begin with a local model: train one under Learn, Runs, or add one under Learn, Models.',
    })
  const current = await currentPolicy(trx, project)
  if (promotion === 'when-gates-pass' && current && current.id !== policy)
    fail('bad_input', `${current.name} is in force: no gates let what grew from ${found.name} take its place.`, {
      where: 'plan.policy',
      hint: `Begin with ${current.name}; or leave the promotion to a lead, who may override the gates with a reason.`,
    })
  for (const id of samples.policies)
    if (!(await findPolicy(trx, project, id)))
      fail('not_found', 'There is no such policy.', { where: 'plan.samples.policies' })
}

const underWay = (error: unknown): never => {
  if (sqlState(error) === uniqueViolation)
    fail('conflict', 'A round of this project is under way already.', {
      where: 'round',
      hint: 'Wait until it is through, or close it.',
    })
  throw error
}

export const rounds = os.router({
  list: os.list.handler(({ input, context: { platform } }) => listRounds(platform.db, input)),

  show: os.show.handler(({ input: { project, round }, context: { platform } }) => shown(platform.db, project, round)),

  start: os.start.handler(async ({ input: { project, plan }, context: { platform, caller } }) => {
    const id = await inTransaction(platform.db, async (trx) => {
      await checkPlan(trx, project, plan)
      const at = platform.clock()
      const added = await addRound(trx, project, plan, caller.id, at)
      const subject = `round ${added}`
      await recordAudit(trx, [{ actor: caller.id, action: 'round.start', subject, project, after: plan }], at)
      await tell(trx, { project, id: added })
      return added
    }).catch(underWay)
    platform.wake()
    return shown(platform.db, project, id)
  }),

  retry: os.retry.handler(async ({ input: { project, round: id }, context: { platform, caller } }) => {
    await inTransaction(platform.db, async (trx) => {
      const round = (await lockRound(trx, project, id)) ?? missing()
      if (round.state !== 'failed') fail('conflict', 'Nothing of this round has failed.', { where: 'round' })
      const rows = await stationsOf(trx, id)
      const row = rows.find(({ station }) => station === round.station)
      const goesOn = row && (await roundStations[round.station].again?.(turnOf(trx, platform, round, rows), row))
      if (goesOn) await reopenStation(trx, id, round.station)
      else await forgetStation(trx, id, round.station)
      await setRoundState(trx, id, 'open', null)
      const after = { station: round.station }
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'round.retry', subject: `round ${id}`, project, after }],
        platform.clock(),
      )
      await tell(trx, round)
    })
    platform.wake()
    return shown(platform.db, project, id)
  }),

  goOn: os.goOn.handler(async ({ input: { project, round: id, station, why }, context: { platform, caller } }) => {
    await inTransaction(platform.db, async (trx) => {
      const round = (await lockRound(trx, project, id)) ?? missing()
      if (round.state !== 'open' || round.station !== station)
        fail('conflict', `This round does not wait at its ${station}.`, { where: 'station' })
      const rows = await stationsOf(trx, id)
      const row = rows.find((one) => one.station === station)
      if (!row) return fail('conflict', 'This station has not begun yet.', { where: 'station' })
      await roundStations[station].accept?.(turnOf(trx, platform, round, rows), row)
      await acceptStation(trx, id, station, caller.id, why)
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'round.go-on', subject: `round ${id}`, project, after: { station, why } }],
        platform.clock(),
      )
      await tell(trx, round)
    })
    platform.wake()
    return shown(platform.db, project, id)
  }),

  close: os.close.handler(async ({ input: { project, round: id, why }, context: { platform, caller } }) => {
    await inTransaction(platform.db, async (trx) => {
      const round = (await lockRound(trx, project, id)) ?? missing()
      if (round.state === 'done' || round.state === 'closed')
        fail('conflict', 'This round has ended already.', { where: 'round' })
      const rows = await stationsOf(trx, id)
      const row = rows.find(({ station }) => station === round.station)
      if (row) await roundStations[round.station].stop?.(turnOf(trx, platform, round, rows), row)
      const at = platform.clock()
      await setRoundState(trx, id, 'closed', at, why)
      const after = { station: round.station, why }
      await recordAudit(trx, [{ actor: caller.id, action: 'round.close', subject: `round ${id}`, project, after }], at)
      await tell(trx, round)
    })
    platform.wake()
    return { ok: true as const }
  }),
})

/** What a station of a round does that takes longer than a moment. */
export const roundJob =
  (platform: Platform, measure: Measure): JobHandler =>
  async (run) => {
    const { db } = platform
    const { round: id, station } = run.input as RoundJobInput
    const rows = await stationsOf(db, id)
    const { round, turn } = await inTransaction(db, async (trx) => {
      const round = (await lockRound(trx, run.project!, id)) ?? missing()
      return { round, turn: turnOf(db, platform, round, rows) }
    })
    if (station === 'judgements') {
      const { signal, progress } = run
      return { tasks: await makeRoundTasks(platform, round, turn.subjectOf('samples'), { signal, progress }) }
    }
    if (station === 'quality') return measureRound(db, round, measure)
    const { id: snapshot } = await takeRoundSnapshot(db, round, turn.factsOf('quality'), run, platform.clock())
    return { snapshot }
  }
