import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import { recordAudit, verifyAudit } from '../../platform/audit.ts'
import type { CallContext, Platform } from '../../platform/context.ts'
import type { JobHandler } from '../../platform/jobs.ts'
import { inTransaction } from '../../platform/sql.ts'
import { audit as contract } from './contract.ts'
import { listAudit } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

export const audit = os.router({
  list: os.list.handler(({ input, context: { platform } }) => listAudit(platform.db, input)),

  verify: os.verify.handler(async ({ input: { project }, context: { platform, caller } }) => {
    const job = await inTransaction(platform.db, async (trx) => {
      const title = 'Verify the audit log'
      const job = await platform.jobs.start(trx, {
        kind: 'verify-audit',
        title,
        project,
        input: {},
        createdBy: caller.id,
      })
      const entry = { actor: caller.id, action: 'audit.verify', subject: `job ${job}`, project }
      await recordAudit(trx, [entry], platform.clock())
      return job
    })
    platform.wake()
    return { job }
  }),
})

export const verifyAuditJob =
  ({ db }: Platform): JobHandler =>
  ({ signal, progress }) =>
    verifyAudit(db, (rows, total) => {
      signal.throwIfAborted()
      progress(rows, total, `${rows} of ${total} rows`)
    })
