import { implement } from '@orpc/server'
import { findCheckpoint } from '../../models/checkpoints/store.ts'
import { authorised } from '../../people/access.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { inTransaction, pageFrom } from '../../platform/sql.ts'
import { runs as contract } from './contract.ts'
import { tracedAnnotations } from './lineage.ts'
import { lineageGraph } from './lineage-graph.ts'
import { eventsOf } from './record.ts'
import { seriesOf } from './series.ts'
import { shown, shownRun } from './shown.ts'
import { mustFind, resumeRun, startRun, stopRun } from './start.ts'
import { findRun, listRuns } from './store.ts'

const noModel = (): never => fail('not_found', 'There is no such model.', { where: 'model' })

const os = implement(contract).$context<CallContext>().use(authorised)

export const runs = os.router({
  start: os.start.handler(async ({ input: { forkedFrom, ...wanted }, context: { platform, caller } }) => {
    const started = await inTransaction(platform.db, async (trx) => {
      if (forkedFrom && !(await findRun(trx, wanted.project, forkedFrom)))
        fail('not_found', 'There is no such run to fork.', { where: 'forkedFrom' })
      const id = await startRun(trx, platform, { ...wanted, forkedFrom, createdBy: caller.id })
      return mustFind(trx, wanted.project, id)
    })
    platform.wake()
    return shown(started)
  }),

  list: os.list.handler(async ({ input: { project, ...query }, context: { platform } }) => {
    const { rows, next } = await listRuns(platform.db, project, query)
    return { rows: rows.map(shown), next }
  }),

  show: os.show.handler(async ({ input: { project, run }, context: { platform } }) =>
    shownRun(platform.db, await mustFind(platform.db, project, run)),
  ),

  series: os.series.handler(async ({ input: { project, run, points }, context: { platform } }) => {
    await mustFind(platform.db, project, run)
    return seriesOf(platform.db, run, points)
  }),

  events: os.events.handler(async ({ input: { project, run, limit, ...query }, context: { platform } }) => {
    await mustFind(platform.db, project, run)
    const found = await eventsOf(platform.db, run, { ...query, limit: limit + 1 })
    const shown = found.map(({ seq, at, event }) => ({ seq, at: at.toISOString(), event: { ...event } }))
    return pageFrom(shown, limit, ({ seq }) => seq)
  }),

  stop: os.stop.handler(async ({ input: { project, run }, context: { platform, caller } }) => {
    const stopped = await inTransaction(platform.db, async (trx) => {
      await stopRun(trx, platform, { project, run, by: caller.id })
      return mustFind(trx, project, run)
    })
    platform.jobs.wake()
    return shown(stopped)
  }),

  resume: os.resume.handler(async ({ input: { project, run }, context: { platform, caller } }) => {
    const resumed = await inTransaction(platform.db, async (trx) => {
      await resumeRun(trx, platform, { project, run, by: caller.id })
      return mustFind(trx, project, run)
    })
    platform.wake()
    return shown(resumed)
  }),

  lineage: os.lineage.handler(async ({ input: { project, model }, context: { platform } }) => {
    const { id, name } = (await findCheckpoint(platform.db, project, model)) ?? noModel()
    return { model: { id, name }, ...(await lineageGraph(platform.db, project, id)) }
  }),

  lineageAnnotations: os.lineageAnnotations.handler(
    async ({ input: { project, model, after, limit }, context: { platform } }) => {
      const { id: checkpoint } = (await findCheckpoint(platform.db, project, model)) ?? noModel()
      const found = await tracedAnnotations(platform.db, { project, checkpoint, after, limit: limit + 1 })
      const rows = found.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }))
      return pageFrom(rows, limit, ({ id }) => id)
    },
  ),
})
