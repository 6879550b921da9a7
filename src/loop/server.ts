import { implement } from '@orpc/server'
import type { Measure } from '../assure/thread/work.ts'
import { authorised } from '../people/access.ts'
import type { CallContext, Platform } from '../platform/context.ts'
import { fail } from '../platform/errors.ts'
import type { JobHandler } from '../platform/jobs.ts'
import { type Db, inTransaction } from '../platform/sql.ts'
import { turnOf } from './advance.ts'
import { foresee } from './check-plan.ts'
import { rounds as contract, type Round } from './contract.ts'
import { askMore, closeRound, goOn, retryRound, startRound } from './lead.ts'
import { makeRoundTasks } from './stations/collecting.ts'
import type { RoundJobInput } from './stations/job.ts'
import { takeRoundSnapshot } from './stations/learning.ts'
import { measureRound } from './stations/quality.ts'
import { findRound, listRounds, lockRound, stationsOf } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const missing = (): never => fail('not_found', 'There is no such round.', { where: 'round' })
const shown = async (db: Db, project: string, id: string): Promise<Round> =>
  (await findRound(db, project, id)) ?? missing()

export const rounds = os.router({
  list: os.list.handler(({ input, context: { platform } }) => listRounds(platform.db, input)),

  show: os.show.handler(({ input: { project, round }, context: { platform } }) => shown(platform.db, project, round)),

  foresee: os.foresee.handler(({ input: { project, plan }, context: { platform } }) =>
    foresee(platform.db, project, plan),
  ),

  start: os.start.handler(async ({ input, context: { platform, caller } }) => {
    const id = await inTransaction(platform.db, (trx) => startRound(trx, platform, { ...input, by: caller.id }))
    platform.wake()
    return shown(platform.db, input.project, id)
  }),

  retry: os.retry.handler(async ({ input, context: { platform, caller } }) => {
    await inTransaction(platform.db, (trx) => retryRound(trx, platform, { ...input, by: caller.id }))
    platform.wake()
    return shown(platform.db, input.project, input.round)
  }),

  goOn: os.goOn.handler(async ({ input, context: { platform, caller } }) => {
    await inTransaction(platform.db, (trx) => goOn(trx, platform, { ...input, by: caller.id }))
    platform.wake()
    return shown(platform.db, input.project, input.round)
  }),

  askMore: os.askMore.handler(async ({ input, context: { platform, caller } }) => {
    await inTransaction(platform.db, (trx) => askMore(trx, platform, { ...input, by: caller.id }))
    platform.wake()
    return shown(platform.db, input.project, input.round)
  }),

  close: os.close.handler(async ({ input, context: { platform, caller } }) => {
    await inTransaction(platform.db, (trx) => closeRound(trx, platform, { ...input, by: caller.id }))
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
