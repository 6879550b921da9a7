import { implement } from '@orpc/server'
import { ask, isPassing } from '../../models/policies/ask.ts'
import { costOf } from '../../models/policies/rules.ts'
import { findPolicy, type StoredPolicy } from '../../models/policies/store.ts'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext, Platform } from '../../platform/context.ts'
import { fail, toProblem } from '../../platform/errors.ts'
import type { JobHandler, JobRun } from '../../platform/jobs.ts'
import { inTransaction } from '../../platform/sql.ts'
import { saltOf } from '../../projects/store.ts'
import { conversationTo } from '../tasks/read.ts'
import { sampling as contract } from './contract.ts'
import { makeTasks } from './make-tasks.ts'
import { startSampling } from './start.ts'
import {
  cancelWaiting,
  keepFailure,
  keepReply,
  listSamples,
  reopenFailed,
  sampleCounts,
  type WaitingSample,
  waitingSamples,
} from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

export const sampling = os.router({
  start: os.start.handler(async ({ input: { project, ...plan }, context: { platform, caller } }) => {
    const started = await inTransaction(platform.db, async (trx) => {
      const { job, asked } = await startSampling(trx, platform.jobs, project, plan, caller.id)
      const { prompts: _, ...after } = plan
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'sample.start', subject: `job ${job}`, project, after: { ...after, asked } }],
        platform.clock(),
      )
      return { job, asked }
    })
    platform.wake()
    return started
  }),

  list: os.list.handler(({ input, context: { platform } }) => listSamples(platform.db, input)),

  retry: os.retry.handler(async ({ input: { project, job: failed }, context: { platform, caller } }) => {
    const started = await inTransaction(platform.db, async (trx) => {
      const job = await platform.jobs.start(trx, {
        kind: 'sample',
        title: 'Sample what failed again',
        project,
        input: {},
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
    const tasks = (await makeTasks(platform.db, project, plan)).length
    await inTransaction(platform.db, (trx) =>
      recordAudit(
        trx,
        [
          {
            actor: caller.id,
            action: 'task.create',
            subject: `project ${project}`,
            project,
            after: { ...plan, tasks },
          },
        ],
        platform.clock(),
      ),
    )
    return { tasks }
  }),
})

const tries = 4
const pageSize = 200

/** Asks with back-off: 1, 2, 4 seconds, each with some chance, so that many do not come back at once. */
async function askPatiently(platform: Platform, policy: StoredPolicy, sample: WaitingSample, signal: AbortSignal) {
  const conversation = await conversationTo(platform.db, sample.message)
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(platform, policy, { conversation, parameters: sample.parameters, seed: sample.seed, signal })
    } catch (error) {
      if (signal.aborted || attempt === tries || !isPassing(error)) throw error
      await pause(1000 * 2 ** (attempt - 1) * (0.5 + Math.random()), signal)
    }
  }
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((done) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      done()
    })
  })

/** Draws every waiting sample of its job; taken up again after a crash, it asks only for what is still waiting. */
export const sampleJob =
  (platform: Platform): JobHandler =>
  async (run: JobRun) => {
    const { db } = platform
    const project = run.project!
    const salt = await saltOf(db, project)
    const policies = new Map<string, StoredPolicy>()
    const { total, done: before, failed: failedBefore } = await sampleCounts(db, run.id)
    let finished = before + failedBefore
    const draw = async (sample: WaitingSample) => {
      const policy = policies.get(sample.policy) ?? (await findPolicy(db, project, sample.policy))!
      policies.set(sample.policy, policy)
      try {
        const reply = await askPatiently(platform, policy, sample, run.signal)
        const cost = costOf(policy.price, reply.tokensIn, reply.tokensOut)
        await inTransaction(db, (trx) => keepReply(trx, project, salt, sample, reply, cost))
      } catch (error) {
        if (run.signal.aborted) return
        await keepFailure(db, sample.id, toProblem(error))
      }
      run.progress(++finished, total)
    }
    const { concurrency = 8 } = run.input as { concurrency?: number }
    while (!run.signal.aborted) {
      const page = await waitingSamples(db, run.id, pageSize)
      if (!page.length) break
      const queue = page.values()
      await Promise.all(
        Array.from({ length: concurrency }, async () => {
          for (const sample of queue) {
            if (run.signal.aborted) return
            await draw(sample)
          }
        }),
      )
    }
    if (run.signal.aborted) {
      const reason = run.signal.reason as { reason?: string }
      if (reason?.reason === 'cancelled') await cancelWaiting(db, run.id)
      run.signal.throwIfAborted()
    }
    const { done, failed, cost } = await sampleCounts(db, run.id)
    return { responses: done, failed, cost }
  }
