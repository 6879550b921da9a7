import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { inTransaction, sqlState, uniqueViolation } from '../../platform/sql.ts'
import type { Models } from '../models.ts'
import { ask } from './ask.ts'
import { policies as contract } from './contract.ts'
import { addPolicy, changePolicy, findPolicy, listPolicies, setPolicyArchived, shown } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const missing = (): never => fail('not_found', 'There is no such policy.', { where: 'policy' })
const nameTaken = (error: unknown): never => {
  if (sqlState(error) === uniqueViolation)
    fail('conflict', 'Another policy of this project has that name.', { where: 'name' })
  throw error
}

export const policies = (models: Models) =>
  os.router({
    list: os.list.handler(async ({ input: { project }, context: { platform } }) => ({
      rows: (await listPolicies(platform.db, project)).map(shown),
    })),

    create: os.create.handler(({ input: { project, key, ...policy }, context: { platform, caller } }) =>
      inTransaction(platform.db, async (trx) => {
        const secret = key ? platform.vault.seal(key) : null
        const id = await addPolicy(trx, project, { ...policy, kind: 'endpoint', secret }).catch(nameTaken)
        await recordAudit(
          trx,
          [{ actor: caller.id, action: 'policy.create', subject: `policy ${id}`, project, after: policy }],
          platform.clock(),
        )
        return shown((await findPolicy(trx, project, id)) ?? missing())
      }),
    ),

    change: os.change.handler(({ input: { project, policy: id, key, ...change }, context: { platform, caller } }) =>
      inTransaction(platform.db, async (trx) => {
        const before = (await findPolicy(trx, project, id, true)) ?? missing()
        // A key goes only where it was meant to go: another URL starts without one.
        const kept = change.url !== undefined && change.url !== before.url ? null : before.secret
        const secret = key === undefined ? kept : key === null ? null : platform.vault.seal(key)
        await changePolicy(trx, id, { ...before, ...change, secret }, platform.clock()).catch(nameTaken)
        await recordAudit(
          trx,
          [
            {
              actor: caller.id,
              action: 'policy.change',
              subject: `policy ${id}`,
              project,
              before: shown(before),
              after: change,
            },
          ],
          platform.clock(),
        )
        return shown((await findPolicy(trx, project, id)) ?? missing())
      }),
    ),

    archive: os.archive.handler(async ({ input: { project, policy: id, archived }, context: { platform, caller } }) => {
      await inTransaction(platform.db, async (trx) => {
        if (!(await findPolicy(trx, project, id, true))) missing()
        await setPolicyArchived(trx, id, archived ? platform.clock() : null)
        await recordAudit(
          trx,
          [{ actor: caller.id, action: 'policy.archive', subject: `policy ${id}`, project, after: archived }],
          platform.clock(),
        )
      })
      return { ok: true as const }
    }),

    test: os.test.handler(async ({ input: { project, policy: id, prompt }, context: { platform } }) => {
      const policy = (await findPolicy(platform.db, project, id)) ?? missing()
      return ask({ platform, models }, policy, {
        conversation: [{ role: 'user', text: prompt }],
        parameters: {},
        seed: 1,
      })
    }),
  })
