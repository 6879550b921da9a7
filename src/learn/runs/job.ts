/**
 * The job that trains. Everything that counts happens in one transaction at its end; until then a killed process leaves a
 * state on disk from which the next try goes on, and a run that says it is running, which `settleRuns` or that try mends.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describeFolder, folderOf, placeOf } from '../../models/checkpoints/files.ts'
import { findCheckpoint, registerCheckpoint } from '../../models/checkpoints/store.ts'
import { findModel } from '../../models/local.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { Platform } from '../../platform/context.ts'
import { fail, isProblem, toProblem } from '../../platform/errors.ts'
import { JobEnded } from '../../platform/jobs/run.ts'
import type { JobHandler, JobRun } from '../../platform/jobs.ts'
import { type Db, inTransaction } from '../../platform/sql.ts'
import type { TrainingEvent } from '../../trainer/schedule/events.ts'
import type { DoneEvent } from '../../trainer/schedule/run.ts'
import type { RunSpec } from '../../trainer/schedule/spec.ts'
import type { RunSummary } from './contract.ts'
import { embedded } from './embedded.ts'
import type { Engine } from './engine.ts'
import { recordEvents } from './record.ts'
import { writeRows } from './rows.ts'
import { onlineScores } from './scores.ts'
import { trainerSettings } from './settings.ts'
import { mustFind } from './start.ts'
import { abandonedRuns, endRun, markRunning, markWaiting, reopenRun, type StoredRun } from './store.ts'

const engines: Readonly<Record<string, Engine>> = { embedded }

const folderOfRun = (dataDir: string, run: string): string => join(dataDir, 'runs', run)

/** The folder of a checkpoint that the run names. */
async function checkpointPath({ db, dataDir }: Platform, project: string, id: string): Promise<string> {
  const found = await findCheckpoint(db, project, id)
  return found ? folderOf(dataDir, found) : fail('gone', 'A model that the run needs is not there any more.')
}

/** What the engine is told. */
async function specOf(platform: Platform, run: StoredRun, job: JobRun): Promise<RunSpec> {
  const { db, dataDir } = platform
  const { project, baseId, rewardId, settings, algorithm } = run
  const folder = folderOfRun(dataDir, run.id)
  const { data, eval: held, rows } = await writeRows(db, run.snapshotId, folder, settings)
  if (!rows)
    fail('bad_input', `The dataset '${run.snapshot.name}' has no rows to train on.`, {
      where: 'snapshot',
      hint: 'Collect more answers, or widen its filters.',
    })
  const model = baseId
    ? await checkpointPath(platform, project, baseId)
    : await findModel(run.base, { say: (line) => job.progress(0, null, line) })
  return {
    ...trainerSettings(settings),
    // Less than the machine has may be set, never more: the server would die of it.
    memoryBytes: Math.min(settings.memoryBytes ?? Number.POSITIVE_INFINITY, machineBytes()),
    algorithm,
    model,
    data,
    eval: held,
    ...(rewardId ? { rewardModel: await checkpointPath(platform, project, rewardId) } : {}),
    out: join(folder, 'out'),
    resume: true,
  }
}

/** What this process may take: what it has, and what is free. */
const machineBytes = (): number => process.availableMemory() + process.memoryUsage().rss

const figure = (value: number): string => Number(value.toPrecision(3)).toString()

/** Shown while it trains. */
function tell(job: JobRun, event: TrainingEvent): void {
  if (event.event === 'start') job.progress(event.resumedFrom, event.steps, 'Training')
  if (event.event !== 'step') return
  const { step, steps, loss, rewardMean, tokensPerSecond } = event
  const reward = rewardMean === undefined ? '' : `, reward ${figure(rewardMean)}`
  job.progress(step, steps, `loss ${figure(loss)}${reward}, ${Math.round(tokensPerSecond)} tokens/s`)
}

/** Moves the model to its place and leaves the state behind; done again after a kill, it goes on. */
async function moveModel(out: string, place: string): Promise<void> {
  await mkdir(place, { recursive: true })
  for (const entry of await readdir(out)) if (entry !== 'state') await rename(join(out, entry), join(place, entry))
}

const summaryOf = ({ steps, seconds, tokensPerSecond, stopped, eval: figures }: DoneEvent): RunSummary => ({
  steps,
  seconds,
  tokensPerSecond,
  ...(stopped ? { stopped } : {}),
  eval: Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value))),
})

/** Registers the model and ends the run: both or neither. The checkpoint has the run's own id, so that none is made twice. */
async function finish(
  platform: Platform,
  run: StoredRun,
  job: JobRun,
  done: DoneEvent & { why?: string },
): Promise<void> {
  const { db, dataDir, clock } = platform
  const path = join(dataDir, placeOf(run.id))
  await moveModel(done.model, path)
  const files = await describeFolder(path)
  const summary = summaryOf(done)
  const state = done.stopped === 'diverged' ? 'failed' : done.stopped ? 'stopped' : 'done'
  await inTransaction(db, async (trx) => {
    // Holds the job: were it somebody else's by now, nothing of this would count.
    await job.save({ ended: state }, trx)
    const { checkpoint } = await registerCheckpoint(trx, {
      id: run.id,
      project: run.project,
      name: run.name,
      base: run.base,
      baseId: run.baseId,
      runId: run.id,
      facts: { algorithm: run.algorithm, measured: summary.eval },
      ...files,
    })
    const problem = done.stopped ? { code: done.stopped, message: done.why ?? '' } : undefined
    await endRun(trx, run, { state, summary, problem, checkpoint }, clock())
    const entry = { actor: 'system', action: 'run.end', subject: `run ${run.id}`, project: run.project, after: summary }
    await recordAudit(trx, [entry], clock())
  })
  await rm(folderOfRun(dataDir, run.id), { recursive: true, force: true })
}

/** Where files lie on this machine is no business of whoever reads the run. */
function withoutPaths(event: TrainingEvent, { name, base }: StoredRun): TrainingEvent {
  if (event.event === 'start') return { ...event, model: base }
  if (event.event === 'checkpoint') return { ...event, path: '' }
  return event.event === 'done' ? { ...event, model: name } : event
}

/** Trains to the end or to a stop; `why`: what the engine said of its stop. */
async function train(platform: Platform, run: StoredRun, job: JobRun): Promise<DoneEvent & { why?: string }> {
  const engine = engines[run.engine] ?? fail('unavailable', `There is no engine '${run.engine}' here.`)
  const reward = run.reward === 'online' ? await onlineScores(platform.db, run) : undefined
  const spec = await specOf(platform, run, job)
  const record = await recordEvents(platform.db, run, folderOfRun(platform.dataDir, run.id))
  let why: string | undefined
  const onEvent = (event: TrainingEvent) => {
    if (event.event === 'stopped') why = event.message
    record.add(withoutPaths(event, run))
    tell(job, event)
  }
  try {
    const done = await engine.train(spec, { onEvent, signal: job.signal, reward })
    // Nothing good was saved before it went wrong: what lies there is not worth keeping.
    if (done.stopped && !engine.hasState(spec.out)) fail(done.stopped, why ?? 'The run was stopped.')
    return { ...done, why }
  } finally {
    await record.close()
  }
}

/** Ended from outside: by a person, until it is resumed; with the server, until its next start. */
async function interrupt({ db, clock }: Platform, run: StoredRun, job: JobRun, done?: DoneEvent): Promise<void> {
  const why: unknown = job.signal.reason
  const reason = why instanceof JobEnded ? why.reason : 'lost'
  await inTransaction(db, async (trx) => {
    if (reason === 'cancelled') await endRun(trx, run, { state: 'stopped', summary: done && summaryOf(done) }, clock())
    else if (reason === 'stopping') await markWaiting(trx, run)
  })
}

async function work(platform: Platform, run: StoredRun, job: JobRun): Promise<void> {
  let done: (DoneEvent & { why?: string }) | undefined
  try {
    done = await train(platform, run, job)
    if (done.stopped === 'asked') job.signal.throwIfAborted()
    await finish(platform, run, job, done)
  } catch (error) {
    if (job.signal.aborted) await interrupt(platform, run, job, done)
    else if (isProblem(error) && error.code !== 'unavailable')
      await inTransaction(platform.db, (trx) =>
        endRun(trx, run, { state: 'failed', problem: toProblem(error) }, platform.clock()),
      )
    throw error
  }
  // The job says so too; the model of the last good step is kept.
  if (done.stopped === 'diverged') fail('diverged', done.why ?? 'The loss diverged.')
}

export const runJob =
  (platform: Platform): JobHandler =>
  async (job) => {
    const { db, clock } = platform
    const { run: id } = job.input as { run: string }
    const run = await mustFind(db, job.project!, id)
    // Its end was written, and the process died before the job's was.
    if (run.checkpointId) return { run: id, checkpoint: run.checkpointId }
    await inTransaction(db, async (trx) => {
      // A job can be tried again from where all jobs are shown, too.
      await reopenRun(trx, run, job.id)
      await markRunning(trx, run, clock())
    })
    await work(platform, run, job)
    return { run: id, checkpoint: id }
  }

/** Ends runs whose job has ended without them; returns how many. */
export const settleRuns = ({ db, clock }: { db: Db; clock(): Date }): Promise<number> =>
  inTransaction(db, async (trx) => {
    const runs = await abandonedRuns(trx)
    for (const { jobState, problem, ...run } of runs)
      await endRun(
        trx,
        run,
        jobState === 'cancelled' ? { state: 'stopped' } : { state: 'failed', problem: problem ?? undefined },
        clock(),
      )
    return runs.length
  })
