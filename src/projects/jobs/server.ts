import { implement, withEventMeta } from '@orpc/server'
import { authorise, authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail, isProblem } from '../../platform/errors.ts'
import { cancelJob, findJob, listJobs, retryJob } from '../../platform/jobs/store.ts'
import type { Live } from '../../platform/live.ts'
import { inTransaction } from '../../platform/sql.ts'
import { audience } from './audience.ts'
import { jobs as contract } from './contract.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const missing = (): never => fail('not_found', 'There is no such job.', { where: 'job' })

export const jobs = (live: Live) =>
  os.router({
    list: os.list.handler(({ input, context: { platform } }) => listJobs(platform.db, input)),

    mine: os.mine.handler(({ input, context: { platform, caller } }) =>
      listJobs(platform.db, { ...input, createdBy: caller.id, project: caller.keyProject ?? undefined }),
    ),

    show: os.show.handler(async ({ input: { project, job }, context: { platform } }) => {
      const { view, result } = (await findJob(platform.db, project, job)) ?? missing()
      return { ...view, result }
    }),

    cancel: os.cancel.handler(async ({ input: { project, job }, context: { platform, caller } }) => {
      const cancelled = await inTransaction(platform.db, async (trx) => {
        if (!(await findJob(trx, project, job))) return missing()
        const cancelled = await cancelJob(trx, project, job)
        if (!cancelled) return fail('conflict', 'This job has ended already.', { where: 'job' })
        const entry = { actor: caller.id, action: 'job.cancel', subject: `job ${job}`, project }
        await recordAudit(trx, [entry], platform.clock())
        return cancelled
      })
      platform.jobs.wake()
      return cancelled
    }),

    retry: os.retry.handler(async ({ input: { project, job }, context: { platform, caller } }) => {
      const again = await inTransaction(platform.db, async (trx) => {
        if (!(await findJob(trx, project, job))) return missing()
        const again = await retryJob(trx, project, job)
        if (!again)
          return fail('conflict', 'Only a job that failed or was cancelled can be tried again.', { where: 'job' })
        const entry = { actor: caller.id, action: 'job.retry', subject: `job ${job}`, project }
        await recordAudit(trx, [entry], platform.clock())
        return again
      })
      platform.jobs.wake()
      return again
    }),

    live: os.live.handler(async function* ({ input, context, signal, lastEventId }) {
      const after = lastEventId && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined
      const ended = signal ?? new AbortController().signal
      let sees = await audience(context.platform.db, context.caller, input?.project)
      for await (const heard of live.follow(after, ended)) {
        if (heard === 'gap') yield { topic: 'gap', project: null, data: null }
        else if (heard === 'pulse') {
          // Signed out, disabled, taken out of a project: it ends here, within seconds.
          const still = await authorise(context, 'person', undefined).catch((error: unknown) =>
            isProblem(error) ? undefined : Promise.reject(error),
          )
          if (!still) return
          sees = await audience(context.platform.db, still.caller, input?.project)
        } else if (sees(heard))
          yield withEventMeta(
            { topic: heard.topic, project: heard.project, data: heard.data },
            { id: String(heard.id) },
          )
      }
    }),
  })
