import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { inTransaction } from '../../platform/sql.ts'
import { findProjectByName } from '../../projects/store.ts'
import type { Adding } from './add.ts'
import { models as contract } from './contract.ts'
import { cardOf } from './rules.ts'
import { modelFiles, nameOf, pathOf, sources } from './sources.ts'
import { childrenOf, findCheckpoint, isTaken, listCheckpoints, setCheckpointArchived, shown } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const missing = (): never => fail('not_found', 'There is no such model.', { where: 'model' })

export const checkpoints = os.router({
  list: os.list.handler(async ({ input: { project }, context: { platform } }) => ({
    rows: (await listCheckpoints(platform.db, project)).map(shown),
  })),

  show: os.show.handler(
    async ({
      input: { project, model: id },
      context: {
        platform: { db },
      },
    }) => {
      const model = shown((await findCheckpoint(db, project, id)) ?? missing())
      const { name } = (await findProjectByName(db, project))!
      return { ...model, card: cardOf(model, name), children: await childrenOf(db, model.id) }
    },
  ),

  archive: os.archive.handler(async ({ input: { project, model, archived }, context: { platform, caller } }) => {
    await inTransaction(platform.db, async (trx) => {
      // A model may be called like the id of one elsewhere: what was found counts, never what was asked for.
      const { id } = (await findCheckpoint(trx, project, model)) ?? missing()
      await setCheckpointArchived(trx, id, archived ? platform.clock() : null)
      const entry = { actor: caller.id, action: 'model.archive', subject: `model ${id}`, project, after: archived }
      await recordAudit(trx, [entry], platform.clock())
    })
    return { ok: true as const }
  }),

  sources: os.sources.handler(async () => ({ rows: sources() })),

  add: os.add.handler(async ({ input: { project, source, name, licence }, context: { platform, caller } }) => {
    const path = pathOf(source)
    if (path !== undefined) await modelFiles(path)
    const input: Adding = { checkpoint: newId(), source, name: name ?? nameOf(source), licence, by: caller.id }
    const job = await inTransaction(platform.db, async (trx) => {
      if (name && (await isTaken(trx, project, name)))
        fail('conflict', 'A model or policy of this project has that name.', { where: 'name' })
      const started = await platform.jobs.start(trx, {
        kind: 'add-model',
        title: `Add ${input.name}`,
        project,
        input,
        createdBy: caller.id,
      })
      const entry = { actor: caller.id, action: 'model.adding', subject: `job ${started}`, project, after: input }
      await recordAudit(trx, [entry], platform.clock())
      return started
    })
    platform.wake()
    return { job, model: input.checkpoint }
  }),
})
