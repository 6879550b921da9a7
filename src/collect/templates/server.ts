import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { inTransaction } from '../../platform/sql.ts'
import { templates as contract } from './contract.ts'
import { checkSteps, comparesPairs } from './rules.ts'
import { compareName, compareTemplate, listTemplates, lockTemplates, saveTemplate } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

export const templates = os.router({
  list: os.list.handler(async ({ input: { project }, context: { platform } }) => {
    const rows = await listTemplates(platform.db, project)
    return { rows: rows.length ? rows : [await inTransaction(platform.db, (trx) => compareTemplate(trx, project))] }
  }),

  change: os.change.handler(({ input: { project, template: id, version, steps }, context: { platform, caller } }) =>
    inTransaction(platform.db, async (trx) => {
      await lockTemplates(trx, project)
      const before =
        (await listTemplates(trx, project)).find((template) => template.id === id) ??
        fail('not_found', 'There is no such template.', { where: 'template' })
      if (before.version !== version)
        fail('conflict', 'Someone else has changed what is asked meanwhile.', {
          where: 'version',
          hint: 'Load it again; what you set is still on this screen.',
        })
      const checked = checkSteps(steps)
      if (before.name === compareName && !comparesPairs(checked))
        fail('bad_input', 'A comparison has to ask, of every pair, which response is better.', { where: 'steps' })
      const after = await saveTemplate(trx, project, before.name, checked, id)
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'template.change', subject: `template ${id}`, project, before, after }],
        platform.clock(),
      )
      return after
    }),
  ),
})
