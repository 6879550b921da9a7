import { implement } from '@orpc/server'
import { sql } from 'kysely'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext, Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import type { JobHandler } from '../../platform/jobs.ts'
import { all, type Db, first, inTransaction } from '../../platform/sql.ts'
import { exports as contract, type ExportedFile } from './contract.ts'
import { type ExportOptions, exportFormats, openExport } from './formats.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

/** A part as it is kept and fetched. */
const partBytes = 4 * 1024 * 1024
const keptDays = 2

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

  list: os.list.handler(async ({ input: { project }, context: { platform } }) => {
    const rows = await all(
      platform.db,
      sql<Omit<ExportedFile, 'createdAt'> & { at: Date }>`
        SELECT id, name, rows, parts, created_at AS at FROM exports WHERE project_id = ${project} ORDER BY created_at DESC LIMIT 100`,
    )
    return { rows: rows.map(({ at, ...row }) => ({ ...row, createdAt: at.toISOString() })) }
  }),

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

/** Chunks of any size as parts of one size. */
async function* inParts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let kept: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    kept.push(chunk)
    size += chunk.length
    if (size >= partBytes) {
      yield Buffer.concat(kept)
      kept = []
      size = 0
    }
  }
  if (size) yield Buffer.concat(kept)
}

async function forgetOld(db: Db): Promise<void> {
  await sql`
    WITH old AS (DELETE FROM exports WHERE created_at < now() - make_interval(days => ${keptDays}) RETURNING id)
    DELETE FROM export_parts WHERE export_id IN (SELECT id FROM old)`.execute(db)
}

/** Writes the file part by part; cut off, it starts over. */
export const exportJob =
  ({ db, clock }: Platform): JobHandler =>
  async ({ id, project, input, signal, progress }) => {
    const wanted = input as Omit<ExportOptions, 'project'>
    await forgetOld(db)
    await sql`DELETE FROM export_parts WHERE export_id = ${id}`.execute(db)
    const { bytes, rows, unwritten, extension } = openExport(db, { ...wanted, project: project! })
    let parts = 0
    for await (const part of inParts(bytes)) {
      signal.throwIfAborted()
      await sql`INSERT INTO export_parts (export_id, part, bytes) VALUES (${id}, ${parts++}, ${part})`.execute(db)
      progress(rows(), null, `${rows()} rows`)
    }
    const day = clock().toISOString().slice(0, 10)
    const name = `${wanted.format}-${day}.${extension}`
    await sql`
      INSERT INTO exports (id, project_id, name, rows, parts) VALUES (${id}, ${project}, ${name}, ${rows()}, ${parts})`.execute(
      db,
    )
    return { name, rows: rows(), unwritten: unwritten(), parts }
  }
