import { implement } from '@orpc/server'
import { authorised } from '../people/access.ts'
import { recordAudit } from '../platform/audit.ts'
import type { CallContext } from '../platform/context.ts'
import { fail } from '../platform/errors.ts'
import { inTransaction } from '../platform/sql.ts'
import { projects as contract } from './contract.ts'
import { addProject, changeProject, findProject, listProjects, setArchived } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const missing = (): never => fail('not_found', 'There is no such project.', { where: 'project' })

export const projects = os.router({
  list: os.list.handler(async ({ context: { platform, caller } }) => {
    const rows = await listProjects(platform.db, caller.id, caller.owner)
    return { rows: rows.filter((row) => !caller.keyProject || caller.keyProject === row.id) }
  }),

  create: os.create.handler(async ({ input, context: { platform, caller } }) => {
    if (caller.keyProject) fail('forbidden', 'This API key is narrowed to one project.')
    return inTransaction(platform.db, async (trx) => {
      const id = await addProject(trx, input, caller.id)
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'project.create', subject: `project ${id}`, project: id, after: input }],
        platform.clock(),
      )
      return (await findProject(trx, id, 'lead')) ?? missing()
    })
  }),

  show: os.show.handler(
    async ({ input, context: { platform, role } }) =>
      (await findProject(platform.db, input.project, role!)) ?? missing(),
  ),

  change: os.change.handler(async ({ input: { project, ...change }, context: { platform, caller, role } }) =>
    inTransaction(platform.db, async (trx) => {
      const before = (await findProject(trx, project, role!)) ?? missing()
      await changeProject(trx, project, change)
      const after = (await findProject(trx, project, role!)) ?? missing()
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'project.change', subject: `project ${project}`, project, before, after }],
        platform.clock(),
      )
      return after
    }),
  ),

  archive: os.archive.handler(async ({ input: { project, archived }, context: { platform, caller } }) => {
    await inTransaction(platform.db, async (trx) => {
      await setArchived(trx, project, archived ? platform.clock() : null)
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'project.archive', subject: `project ${project}`, project, after: archived }],
        platform.clock(),
      )
    })
    return { ok: true as const }
  }),
})
