import { implement } from '@orpc/server'
import { sql } from 'kysely'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { first, inTransaction } from '../../platform/sql.ts'
import { sampling as contract } from './contract.ts'
import { type MakeTasksInput, pairsToMake } from './make-tasks.ts'
import { startSampling } from './start.ts'
import { listSamples, reopenFailed } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

export const sampling = os.router({
  start: os.start.handler(async ({ input: { project, ...plan }, context: { platform, caller } }) => {
    const started = await inTransaction(platform.db, (trx) =>
      startSampling(trx, platform, project, plan, { createdBy: caller.id }),
    )
    platform.wake()
    return started
  }),

  list: os.list.handler(({ input, context: { platform } }) => listSamples(platform.db, input)),

  retry: os.retry.handler(async ({ input: { project, job: failed }, context: { platform, caller } }) => {
    const started = await inTransaction(platform.db, async (trx) => {
      // As many at a time as before; each sample has its parameters.
      const before = await first(
        trx,
        sql<{ input: object }>`SELECT input FROM jobs WHERE id = ${failed} AND project_id = ${project}`,
      )
      const job = await platform.jobs.start(trx, {
        kind: 'sample',
        title: 'Sample what failed again',
        project,
        input: before?.input ?? {},
        createdBy: caller.id,
      })
      const asked = await reopenFailed(trx, project, failed, job)
      if (!asked) fail('not_found', 'Nothing of that job failed.', { where: 'job' })
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'sample.retry', subject: `job ${failed}`, project, after: { job, asked } }],
        platform.clock(),
      )
      return { job, asked }
    })
    platform.wake()
    return started
  }),

  makeTasks: os.makeTasks.handler(async ({ input: { project, ...plan }, context: { platform, caller } }) => {
    const pairs = await pairsToMake(platform.db, project, plan)
    const job = await platform.jobs.start(platform.db, {
      kind: 'make-tasks',
      title: 'Make tasks',
      project,
      input: { plan, by: caller.id } satisfies MakeTasksInput,
      createdBy: caller.id,
    })
    platform.wake()
    return { job, pairs }
  }),
})
