import { implement } from '@orpc/server'
import { listFiles, writeFile } from '../../assure/export/files.ts'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext, Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import type { JobHandler } from '../../platform/jobs.ts'
import { inTransaction, pageFrom } from '../../platform/sql.ts'
import { datasets as contract } from './contract.ts'
import { compareSnapshots } from './diff.ts'
import { type DatasetExport, openDataset } from './export.ts'
import { previewOf } from './preview.ts'
import { findSnapshot, listSnapshots, rowsOf, snapshotOf } from './read.ts'
import { filtersOf } from './rules.ts'
import { listed, shown } from './shown.ts'
import { isNameTaken, type NewSnapshot, takeSnapshot } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

export const datasets = os.router({
  list: os.list.handler(async ({ input: { project, after, limit }, context: { platform } }) => {
    const rows = await listSnapshots(platform.db, project, after, limit + 1)
    return pageFrom(rows.map(listed), limit, ({ id }) => id)
  }),

  take: os.take.handler(async ({ input: { project, name, kind, filters }, context: { platform, caller } }) => {
    const wanted = { name, kind, filters: filtersOf(kind, filters) }
    if (name !== undefined && (await isNameTaken(platform.db, project, name)))
      fail('conflict', `There is a dataset with the name "${name}" already.`, {
        where: 'name',
        hint: 'Take another name.',
      })
    const job = await inTransaction(platform.db, async (trx) => {
      const job = await platform.jobs.start(trx, {
        kind: 'dataset',
        title: `Dataset ${name ?? `of ${kind}s`}`,
        project,
        input: wanted,
        createdBy: caller.id,
      })
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'dataset.start', subject: `job ${job}`, project, after: wanted }],
        platform.clock(),
      )
      return job
    })
    platform.wake()
    return { job }
  }),

  preview: os.preview.handler(({ input: { project, kind, filters }, context: { platform } }) =>
    previewOf(platform.db, project, kind, filtersOf(kind, filters)),
  ),

  show: os.show.handler(async ({ input: { project, dataset }, context: { platform } }) =>
    shown(await snapshotOf(platform.db, project, dataset)),
  ),

  rows: os.rows.handler(async ({ input: { project, dataset, split, after, limit }, context: { platform } }) => {
    const { id } = await snapshotOf(platform.db, project, dataset)
    const rows = []
    for await (const { chosenId: _, rejectedId: __, ...row } of rowsOf(platform.db, id, split, after, limit + 1)) {
      rows.push(row)
      if (rows.length > limit) break
    }
    return pageFrom(rows, limit, ({ row }) => row)
  }),

  diff: os.diff.handler(async ({ input: { project, dataset, from }, context: { platform } }) =>
    compareSnapshots(
      platform.db,
      await snapshotOf(platform.db, project, from),
      await snapshotOf(platform.db, project, dataset),
    ),
  ),

  export: os.export.handler(async ({ input: { project, dataset, ...wanted }, context: { platform, caller } }) => {
    const snapshot = await snapshotOf(platform.db, project, dataset)
    openDataset(platform.db, snapshot, wanted)
    const job = await inTransaction(platform.db, async (trx) => {
      const job = await platform.jobs.start(trx, {
        kind: 'dataset-export',
        title: `Export ${snapshot.name} as ${wanted.format}`,
        project,
        input: { dataset: snapshot.id, ...wanted },
        createdBy: caller.id,
      })
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'dataset.export', subject: `snapshot ${snapshot.id}`, project, after: wanted }],
        platform.clock(),
      )
      return job
    })
    platform.wake()
    return { job }
  }),

  files: os.files.handler(async ({ input: { project, dataset }, context: { platform } }) => {
    const { id } = await snapshotOf(platform.db, project, dataset)
    return { rows: await listFiles(platform.db, project, id) }
  }),
})

/** Takes a dataset under the job's own id; cut off, it starts over, and one that is there is not taken again. */
export const datasetJob =
  ({ db, clock }: Platform): JobHandler =>
  async ({ id, project, createdBy, input, signal, progress }) => {
    const wanted: NewSnapshot = {
      ...(input as Pick<NewSnapshot, 'name' | 'kind' | 'filters'>),
      id,
      project: project!,
      createdBy: createdBy ?? undefined,
    }
    const taken =
      (await findSnapshot(db, project!, id)) ??
      (await takeSnapshot(db, wanted, clock(), { signal, progress: (rows, note) => progress(rows, null, note) }))
    return { dataset: taken.id, name: taken.name, rows: taken.counts.rows }
  }

export const datasetExportJob =
  ({ db, clock }: Platform): JobHandler =>
  async (run) => {
    const { dataset, ...wanted } = run.input as DatasetExport & { dataset: string }
    const snapshot = await snapshotOf(db, run.project!, dataset)
    const name = [snapshot.name.replace(/[^\p{L}\p{N}._-]+/gu, '-'), wanted.split, wanted.format]
      .filter(Boolean)
      .join('-')
    return writeFile(db, run, { name, subject: snapshot.id, at: clock() }, openDataset(db, snapshot, wanted))
  }
