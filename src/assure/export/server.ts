import { implement } from '@orpc/server'
import { sql } from 'kysely'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext, Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import type { JobHandler } from '../../platform/jobs.ts'
import { first, inTransaction } from '../../platform/sql.ts'
import { exports as contract } from './contract.ts'
import { keptDays, listFiles, writeFile } from './files.ts'
import { type ExportOptions, exportFormats, openExport } from './formats.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

export const exports = os.router({
  formats: os.formats.handler(() => ({ rows: exportFormats })),

  start: os.start.handler(async ({ input: { project, ...wanted }, context: { platform, caller } }) => {
    openExport(platform.db, { project, ...wanted })
    const job = await inTransaction(platform.db, async (trx) => {
      const job = await platform.jobs.start(trx, {
        kind: 'export',
        title: `Export ${wanted.format}`,
        project,
        input: wanted,
        createdBy: caller.id,
      })
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'export.start', subject: `job ${job}`, project, after: wanted }],
        platform.clock(),
      )
      return job
    })
    platform.wake()
    return { job }
  }),

  list: os.list.handler(async ({ input: { project }, context: { platform } }) => ({
    rows: await listFiles(platform.db, project),
  })),

  part: os.part.handler(async ({ input: { project, export: id, part }, context: { platform } }) => {
    const row = await first(
      platform.db,
      sql<{ bytes: Buffer }>`
        SELECT p.bytes FROM exports e JOIN export_parts p ON p.export_id = e.id
        WHERE e.id = ${id} AND e.project_id = ${project} AND p.part = ${part}`,
    )
    if (!row)
      return fail('not_found', 'There is no such export, or no such part of it.', {
        where: 'export',
        hint: `Exports are kept for ${keptDays} days.`,
      })
    return new Blob([new Uint8Array(row.bytes)])
  }),
})

export const exportJob =
  ({ db, clock }: Platform): JobHandler =>
  (run) => {
    const wanted = run.input as Omit<ExportOptions, 'project'>
    const exported = openExport(db, { ...wanted, project: run.project! })
    return writeFile(db, run, { name: wanted.format, at: clock() }, exported)
  }
