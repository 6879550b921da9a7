/** Starting, stopping and resuming runs, inside the caller's transaction; the caller wakes the platform after it. */
import { catalogued } from '../../models/catalogue.ts'
import { type Checkpoint, findCheckpoint } from '../../models/checkpoints/store.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { cancelJob, retryJob } from '../../platform/jobs/store.ts'
import type { Db } from '../../platform/sql.ts'
import { isPreset, presets } from '../../trainer/model/config.ts'
import { type Algorithm, checkMeaning, isOnline } from '../../trainer/schedule/spec.ts'
import { findSnapshot } from '../datasets/read.ts'
import { filledIn, type RunSettings, runSettings } from './settings.ts'
import { addRun, endRun, findRun, findRunNamed, freeRunName, reopenRun, type StoredRun } from './store.ts'

export interface WantedRun {
  project: string
  /** The algorithm with a number unless told. */
  name?: string
  algorithm: Algorithm
  /** A snapshot of the project, by id or name. */
  snapshot: string
  /** A preset, a catalogue's name, or a checkpoint of the project by id or name. */
  base: string
  /** What scores the samples of an online algorithm: a reward checkpoint's id, or the reward that learns while people work. */
  reward?: string | 'online'
  /** Only what `runSettings` knows. */
  settings?: RunSettings
  roundId?: string
  forkedFrom?: string
  createdBy?: string
  /** Who says so where it is no person of the installation: the operator. Nobody: the system. */
  by?: string
}

/** What it takes to note a run. */
type Ground = Pick<Platform, 'jobs' | 'clock'>

const auditedBy = (person: string | undefined) => person ?? 'system'

/** The checkpoint that a run starts from; null: a preset, or a model of the catalogue, which is fetched on first use. */
async function baseOf(trx: Db, project: string, base: string): Promise<Checkpoint | null> {
  if (isPreset(base) || catalogued(base)) return null
  const found = await findCheckpoint(trx, project, base)
  return (
    found ??
    fail('not_found', `There is no model '${base}' to start from.`, {
      where: 'base',
      hint: `Name a checkpoint of the project, or one of ${Object.keys(presets).join(', ')}.`,
    })
  )
}

async function rewardOf(trx: Db, { project, algorithm, reward }: WantedRun): Promise<Checkpoint | null> {
  if (!isOnline(algorithm)) {
    if (reward) fail('bad_input', `${algorithm} needs no reward: it learns from the rows alone.`, { where: 'reward' })
    return null
  }
  if (reward === undefined)
    fail('bad_input', 'There is nothing to score samples with.', {
      where: 'reward',
      hint: "Name a reward model of the project, or 'online': the reward that learns while people work.",
    })
  if (reward === 'online') return null
  const found = await findCheckpoint(trx, project, reward)
  if (!found) return fail('not_found', 'There is no such reward model.', { where: 'reward' })
  if (found.head !== 'scalar')
    fail('bad_input', `'${found.name}' is a language model, not a reward model.`, { where: 'reward' })
  return found
}

/** Throws where the parts of a run do not belong together. */
function checkParts({ algorithm }: WantedRun, snapshot: { kind: string; name: string }, base: Checkpoint | null): void {
  const needsPairs = ['reward', 'dpo', 'kto', 'orpo'].includes(algorithm)
  if (needsPairs && snapshot.kind !== 'preference')
    fail('bad_input', `${algorithm} learns from preferences; '${snapshot.name}' holds demonstrations.`, {
      where: 'snapshot',
      hint: 'Take a dataset of preferences, or train with sft.',
    })
  if (base?.head === 'scalar' && algorithm !== 'reward')
    fail('bad_input', `'${base.name}' is a reward model: it has no words to train with ${algorithm}.`, {
      where: 'base',
    })
}

/** Settings may come from a plan that was written long ago. */
function settingsFrom(given: unknown): RunSettings {
  const read = runSettings.safeParse(given)
  if (read.success) return read.data
  const [issue] = read.error.issues
  return fail('bad_input', issue!.message, { where: ['settings', ...issue!.path].join('.') })
}

/** More are held at once than the trainer's estimate of memory knows of. */
const mostSamples = 1024

/** The settings, held against the trainer's bounds for the base that they are to be trained with. */
function checkSettings(algorithm: Algorithm, given: unknown, parameters: number): RunSettings {
  const settings = settingsFrom(given)
  checkMeaning({ algorithm, ...settings })
  const { batchSize, groupSize } = filledIn(algorithm, settings, parameters)
  if (!isOnline(algorithm) || Number(batchSize) * Number(groupSize) <= mostSamples) return settings
  return fail(
    'bad_input',
    `A step of ${batchSize} prompts with ${groupSize} samples each is more than ${mostSamples} samples.`,
    {
      where: 'settings.groupSize',
      hint: 'Take fewer samples a prompt, or fewer prompts a step (batchSize).',
    },
  )
}

const weightsOf = (base: string, found: Checkpoint | null): number =>
  found?.parameters ?? catalogued(base)?.parameters ?? 0

/** Throws where no run could begin with this base and these settings, whatever it were to learn from. */
export async function checkRun(
  db: Db,
  { project, algorithm, base, settings }: Pick<WantedRun, 'project' | 'algorithm' | 'base'> & { settings: unknown },
): Promise<void> {
  checkSettings(algorithm, settings, weightsOf(base, await baseOf(db, project, base)))
}

/** Notes a run and the job that does it; returns its id. */
export async function startRun(trx: Db, platform: Ground, wanted: WantedRun): Promise<string> {
  const { project, algorithm, createdBy, by } = wanted
  const snapshot = await findSnapshot(trx, project, wanted.snapshot)
  if (!snapshot) return fail('not_found', 'There is no such dataset.', { where: 'snapshot' })
  const base = await baseOf(trx, project, wanted.base)
  const reward = await rewardOf(trx, wanted)
  checkParts(wanted, snapshot, base)
  const settings = checkSettings(algorithm, wanted.settings ?? {}, weightsOf(wanted.base, base))
  const id = newId()
  const name = wanted.name ?? (await freeRunName(trx, project, algorithm))
  const job = await platform.jobs.start(trx, {
    kind: 'run',
    title: `Train ${name}`,
    project,
    input: { run: id },
    createdBy,
  })
  const isNew = await addRun(trx, {
    id,
    project,
    name,
    algorithm,
    settings,
    snapshot: snapshot.id,
    base: base?.name ?? wanted.base,
    baseId: base?.id ?? null,
    rewardId: reward?.id ?? null,
    round: wanted.roundId ?? null,
    forkedFrom: wanted.forkedFrom ?? null,
    createdBy: createdBy ?? null,
    job,
  })
  if (!isNew) fail('conflict', `There is a run named '${name}' already.`, { where: 'name' })
  const entry = { actor: auditedBy(createdBy ?? by), action: 'run.start', subject: `run ${id}`, project, after: wanted }
  await recordAudit(trx, [entry], platform.clock())
  return id
}

/** The run, or `not_found`. */
export async function mustFind(db: Db, project: string, run: string): Promise<StoredRun> {
  return (await findRun(db, project, run)) ?? fail('not_found', 'There is no such run.', { where: 'run' })
}

/** The run of that name or id, or `not_found`. */
export async function runNamed(db: Db, project: string, name: string): Promise<StoredRun> {
  const hint = '`./plumbline run list` shows those of the project.'
  return (await findRunNamed(db, project, name)) ?? fail('not_found', 'There is no such run.', { where: name, hint })
}

/** Which run, and who says so; nobody: the system. */
interface ActOnRun {
  project: string
  run: string
  by?: string
}

/** Stops it within one step, or one batch of samples, with its state saved; one that waits stops at once. */
export async function stopRun(trx: Db, platform: Ground, { project, run: id, by }: ActOnRun): Promise<void> {
  const run = await mustFind(trx, project, id)
  const job = run.job && (await cancelJob(trx, project, run.job))
  if (!job) return fail('conflict', 'This run has ended already.', { where: 'run' })
  if (job.state === 'cancelled') await endRun(trx, run, { state: 'stopped' }, platform.clock())
  const entry = { actor: auditedBy(by), action: 'run.stop', subject: `run ${id}`, project }
  await recordAudit(trx, [entry], platform.clock())
}

/** Goes on from the last complete state of a run that was stopped, or that failed without a model. */
export async function resumeRun(trx: Db, platform: Ground, { project, run: id, by }: ActOnRun): Promise<void> {
  const run = await mustFind(trx, project, id)
  const again = run.job ? await retryJob(trx, project, run.job) : undefined
  if (!again || !(await reopenRun(trx, run, again.id)))
    return fail('conflict', 'Only a run that was stopped, or that failed without a model, can go on.', {
      where: 'run',
      hint: run.checkpointId ? 'It has made its model: fork it to train with other settings.' : undefined,
    })
  const entry = { actor: auditedBy(by), action: 'run.resume', subject: `run ${id}`, project }
  await recordAudit(trx, [entry], platform.clock())
}
