import { implement } from '@orpc/server'
import { sql } from 'kysely'
import { authorised } from '../../../people/access.ts'
import type { CallContext, Platform } from '../../../platform/context.ts'
import { fail } from '../../../platform/errors.ts'
import type { JobHandler } from '../../../platform/jobs.ts'
import { inTransaction, pageFrom } from '../../../platform/sql.ts'
import { duplicates as contract } from './contract.ts'
import { findDuplicates } from './find.ts'
import { findReport, listGroups, lookingJob } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

/** A cursor is what a page ended with: `12 0198...`. */
function readCursor(after: string | undefined) {
  if (after === undefined) return undefined
  const [, size, id] = /^(\d{1,9}) ([0-9a-f-]{36})$/.exec(after) ?? []
  return size && id
    ? { size: Number(size), id }
    : fail('bad_input', 'This is no cursor of this list.', { where: 'after' })
}

export const duplicates = os.router({
  list: os.list.handler(async ({ input: { project, after, limit, kind }, context: { platform } }) => {
    const { db } = platform
    const [report, job, found] = await Promise.all([
      findReport(db, project),
      lookingJob(db, project),
      listGroups(db, { project, after: readCursor(after), limit: limit + 1, kind }),
    ])
    return { report, job, ...pageFrom(found, limit, ({ size, id }) => `${size} ${id}`) }
  }),

  find: os.find.handler(async ({ input: { project }, context: { platform, caller } }) => {
    const job = await inTransaction(platform.db, async (trx) => {
      // Two that ask at once get one job: the project's row is the lock.
      await sql`SELECT 1 FROM projects WHERE id = ${project} FOR NO KEY UPDATE`.execute(trx)
      const looking = await lookingJob(trx, project)
      const title = 'Look which prompts are alike'
      return looking ?? platform.jobs.start(trx, { kind: 'duplicates', title, project, createdBy: caller.id })
    })
    platform.wake()
    return { job }
  }),
})

/** Cut off, it begins anew; what it has read of the prompts stays. */
export const duplicatesJob =
  ({ db, clock }: Platform): JobHandler =>
  ({ project, signal, progress }) =>
    findDuplicates(db, project!, clock(), {
      signal,
      progress: (read) => progress(read, null, `${read} prompts read`),
    })
