/** One run of one job: its signal, its progress, its checkpoints, and how it ends. */
import { setMaxListeners } from 'node:events'
import type { Logger } from 'pino'
import { isProblem, PlumblineError, toProblem } from '../errors.ts'
import type { JobHandler, JobRun } from '../jobs.ts'
import type { Db } from '../sql.ts'
import {
  endJob,
  finishJob,
  type Holder,
  type JobRow,
  type Progress,
  returnJob,
  saveCheckpoint,
  saveProgress,
} from './store.ts'

/** Why a run is asked to end. `lost`: the job is somebody else's by now, and nothing more may be written. */
export type Reason = 'cancelled' | 'stopping' | 'lost'

export class JobEnded extends PlumblineError {
  readonly reason: Reason

  constructor(reason: Reason) {
    super({ code: 'job_ended', message: `The job is to end: ${reason}.` })
    this.reason = reason
  }
}

export interface Running {
  holder: Holder
  abort(reason: Reason): void
  /** Settles when the run has ended, and says in how many seconds it is tried again, if it is. */
  ended: Promise<{ againInSeconds?: number }>
}

const progressEveryMs = 400
const longestPauseSeconds = 60

/** Shows the latest progress at most every 400 ms; what was overtaken is never written. */
function throttled(write: (progress: Progress) => Promise<void>) {
  let latest: Progress | undefined
  let timer: NodeJS.Timeout | undefined
  let writing = Promise.resolve()
  return {
    set(progress: Partial<Progress>) {
      latest = { done: 0, total: null, note: '', ...latest, ...progress }
      timer ??= setTimeout(() => {
        timer = undefined
        writing = writing.then(() => write(latest!))
      }, progressEveryMs)
    },
    /** undefined: nothing was said yet. */
    latest: () => latest,
    /** Writes what is outstanding. */
    async flush() {
      if (timer) writing = writing.then(() => write(latest!))
      clearTimeout(timer)
      timer = undefined
      await writing
    },
  }
}

export function runJob(db: Db, job: JobRow, handler: JobHandler, log: Logger): Running {
  const holder: Holder = { id: job.id, attempt: job.attempt }
  const controller = new AbortController()
  // A job may wait for many things at once, and each listens: that is no leak.
  setMaxListeners(0, controller.signal)
  const abort = (reason: Reason) => controller.abort(new JobEnded(reason))
  const progress = throttled(async (latest) => {
    try {
      if (!(await saveProgress(db, holder, latest))) abort('lost')
    } catch (error) {
      log.warn({ err: error, job: job.id }, 'progress was not written')
    }
  })
  const run: JobRun = {
    id: job.id,
    project: job.project_id,
    createdBy: job.created_by,
    input: job.input,
    attempt: job.attempt,
    checkpoint: job.checkpoint ?? undefined,
    signal: controller.signal,
    progress: (done, total, note) =>
      progress.set({ done, ...(total === undefined ? {} : { total }), ...(note === undefined ? {} : { note }) }),
    async save(checkpoint, trx = db) {
      if (await saveCheckpoint(trx, holder, checkpoint, progress.latest())) return
      abort('lost')
      throw new JobEnded('lost')
    },
  }

  async function conclude(error: unknown): Promise<{ againInSeconds?: number }> {
    const reason = controller.signal.aborted && (controller.signal.reason as JobEnded).reason
    if (reason === 'lost') return {}
    if (reason === 'cancelled') await endJob(db, holder, 'cancelled', null)
    else if (reason === 'stopping') {
      await returnJob(db, holder, { note: 'The server stopped; it goes on with the next start.', counts: false })
      return { againInSeconds: 0 }
    } else {
      const lasting = isProblem(error) && error.code !== 'unavailable'
      log.warn({ err: error, job: job.id, kind: job.kind, attempt: job.attempt }, 'a job failed')
      const { details } = error instanceof PlumblineError ? error : {}
      if (lasting || job.attempt >= job.attempts) await endJob(db, holder, 'failed', toProblem(error), details)
      else {
        const againInSeconds = Math.min(2 ** job.attempt, longestPauseSeconds)
        await returnJob(db, holder, { note: `It failed and is tried again: ${toProblem(error).message}`, counts: true })
        return { againInSeconds }
      }
    }
    return {}
  }

  async function work(): Promise<{ againInSeconds?: number }> {
    try {
      const result = await handler(run)
      await progress.flush()
      await finishJob(db, holder, result)
      return {}
    } catch (error) {
      await progress.flush()
      return conclude(error)
    }
  }
  return { holder, abort, ended: work() }
}
