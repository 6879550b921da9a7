/** The job that adds a model: fetches it where it must, copies its files to their place, opens it once, registers it. */
import { constants } from 'node:fs'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { basename, join } from 'node:path'
import { recordAudit } from '../../platform/audit.ts'
import { fail, isProblem, PlumblineError } from '../../platform/errors.ts'
import { JobEnded } from '../../platform/jobs/run.ts'
import type { JobHandler, JobRun } from '../../platform/jobs.ts'
import { inTransaction } from '../../platform/sql.ts'
import { catalogued } from '../catalogue.ts'
import { fetchModel } from '../fetch.ts'
import type { Answerers } from '../policies/ask.ts'
import { describeFolder, type Files, folderOf, placeOf } from './files.ts'
import { modelFiles, pathOf } from './sources.ts'
import { findCheckpoint, registerCheckpoint } from './store.ts'

/** What the job is told. */
export interface Adding {
  checkpoint: string
  source: string
  name: string
  licence?: string
  by: string
}

/** A share of the memory that weights may take as float32. */
const memoryShare = 0.7

function checkFits({ parameters }: Files): void {
  const [needed, there] = [4 * parameters, totalmem() * memoryShare]
  const inGigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)
  if (needed > there)
    fail(
      'too_large',
      `Its weights take ${inGigabytes(needed)} GB of memory; ${inGigabytes(there)} GB may be used here.`,
      { where: 'source', hint: 'Serve it elsewhere and add it as an endpoint under Policies.' },
    )
}

/** Copies file after file into `place`; returns what to open: the folder, or the one file in it. */
async function copied(path: string, place: string, run: JobRun): Promise<string> {
  const { files, entry } = await modelFiles(path)
  await rm(place, { recursive: true, force: true })
  await mkdir(place, { recursive: true })
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  for (const { name, from, bytes } of files) {
    run.signal.throwIfAborted()
    await copyFile(from, join(place, name), constants.COPYFILE_FICLONE)
    run.progress((done += bytes), total, 'Copying')
  }
  return entry ? join(place, entry) : place
}

/** Faults of files are told with the path that people know, not with that of the copy. */
function toldOf(error: unknown, copy: string, path: string): unknown {
  if (!isProblem(error)) return error
  const { code, message, where, hint } = error
  return new PlumblineError({ code, message, where: where?.replaceAll(copy, path), hint }, { cause: error })
}

export const addModelJob =
  ({ platform, models }: Answerers): JobHandler =>
  async (run) => {
    const { db, dataDir } = platform
    const { checkpoint: id, source, name, licence, by } = run.input as Adding
    const project = run.project!
    // Registered, and the process died before the job's end was written.
    if (await findCheckpoint(db, project, id)) return { model: id }
    const known = catalogued(source)
    const fetching = (bytes: number) => run.progress(bytes, known!.bytes, 'Fetching')
    const path = pathOf(source) ?? (await fetchModel(known!, () => {}, { progress: fetching, signal: run.signal }))
    const place = folderOf(dataDir, { path: placeOf(id) })
    let at = place
    try {
      at = await copied(path, place, run)
      const files = await describeFolder(at)
      checkFits(files)
      run.progress(0, null, 'Opening it')
      // What opens has all its weights, in the shapes that its configuration says.
      await models.use({ path: at }, async () => {})
      return await inTransaction(db, async (trx) => {
        await run.save({ registered: true }, trx)
        const { policy, name: given } = await registerCheckpoint(trx, {
          id,
          project,
          name,
          path: at === place ? placeOf(id) : join(placeOf(id), at.slice(place.length + 1)),
          base: known?.name ?? name,
          ...files,
          // Where files lie on the server is no business of whoever reads the card.
          facts: { source: basename(source), ...(licence ? { licence } : {}) },
        })
        const entry = { actor: by, action: 'model.add', subject: `model ${id}`, project, after: { source, name } }
        await recordAudit(trx, [entry], platform.clock())
        return { model: id, policy, name: given }
      })
    } catch (error) {
      // The files are another run's by now, or may go.
      const why: unknown = run.signal.reason
      if (!(why instanceof JobEnded && why.reason === 'lost')) await rm(place, { recursive: true, force: true })
      throw toldOf(error, at, path)
    }
  }
