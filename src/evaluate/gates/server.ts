import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext, Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { inTransaction, pageFrom } from '../../platform/sql.ts'
import { headToHead as found, listHeadToHeads } from '../head-to-head/read.ts'
import { gates as contract } from './contract.ts'
import { currentPolicy, decisionOf, gatesOf, listPromotions, type Promote, promote } from './read.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

async function promoted(platform: Platform, wanted: Promote & { by: string }, action: string) {
  const promotion = await inTransaction(platform.db, async (trx) => {
    const promotion = await promote(trx, wanted, platform.clock())
    const { project, by, policy } = wanted
    await recordAudit(
      trx,
      [{ actor: by, action, subject: `policy ${policy}`, project, after: promotion }],
      platform.clock(),
    )
    return promotion
  })
  platform.wake()
  return promotion
}

export const gates = os.router({
  show: os.show.handler(
    async ({
      input: { project, headToHead: asked },
      context: {
        platform: { db },
      },
    }) => {
      const shown = asked
        ? ((await found(db, project, asked)) ??
          fail('not_found', 'There is no such head to head.', { where: 'headToHead' }))
        : (await listHeadToHeads(db, project, { limit: 1 }))[0]
      const all = shown ? await gatesOf(db, project, shown.id) : []
      const current = await currentPolicy(db, project)
      return {
        headToHead: shown ?? null,
        gates: all,
        decision: decisionOf(all),
        current: current?.promotion ?? null,
      }
    },
  ),

  promotions: os.promotions.handler(async ({ input: { project, limit, ...which }, context: { platform } }) => {
    const rows = await listPromotions(platform.db, project, { ...which, limit: limit + 1 })
    return pageFrom(rows, limit, ({ id }) => id)
  }),

  promote: os.promote.handler(async ({ input: { project, headToHead }, context: { platform, caller } }) => {
    const { candidate } =
      (await found(platform.db, project, headToHead)) ??
      fail('not_found', 'There is no such head to head.', { where: 'headToHead' })
    return promoted(platform, { project, policy: candidate.id, headToHead, by: caller.id }, 'policy.promote')
  }),

  override: os.override.handler(async ({ input: { reason, ...wanted }, context: { platform, caller } }) =>
    promoted(platform, { ...wanted, override: reason, by: caller.id }, 'policy.override'),
  ),
})
