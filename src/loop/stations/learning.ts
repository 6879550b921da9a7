/** Dataset, reward, policy: what people have said becomes a model. */
import { findSnapshot, type Snapshot } from '../../learn/datasets/read.ts'
import { takeSnapshot } from '../../learn/datasets/store.ts'
import { stretchesOf } from '../../learn/reward/read.ts'
import { accuracyOf } from '../../learn/reward/report.ts'
import { findRun, leftMsOf, type RunSettings, resumeRun, startRun, stopRun } from '../../learn/runs/read.ts'
import { findPolicy } from '../../models/policies/store.ts'
import { fail } from '../../platform/errors.ts'
import type { JobRun } from '../../platform/jobs.ts'
import type { Db } from '../../platform/sql.ts'
import { isOnline } from '../../trainer/schedule/spec.ts'
import type { Facts } from '../contract.ts'
import type { OpenRound, StationRow } from '../store.ts'
import { endOf, jobOf, overJob, startJob } from './job.ts'
import type { Look, RoundStation, Turn } from './station.ts'

/** Done by the job, under the job's id: whoever is killed after it was taken takes no second one. */
export async function takeRoundSnapshot(
  db: Db,
  round: OpenRound,
  { suspects = [] }: Facts,
  { id, signal, progress }: JobRun,
  at: Date,
): Promise<Snapshot> {
  const { project, number, plan, createdBy } = round
  const { minimumAgreement, testShare } = plan.dataset
  const wanted = {
    id,
    project,
    name: `round-${number}-${id.slice(-6)}`,
    kind: 'preference' as const,
    filters: {
      rule: 'soft' as const,
      minAgreement: minimumAgreement,
      people: suspects.length ? { exclude: suspects } : {},
      split: { test: testShare },
    },
    roundId: round.id,
    createdBy: createdBy ?? undefined,
  }
  const taken = await findSnapshot(db, project, id)
  return taken ?? takeSnapshot(db, wanted, at, { signal, progress: (rows, note) => progress(rows, null, note) })
}

export const dataset: RoundStation = {
  ...overJob,
  begin: async (turn) => ({ subject: await startJob(turn, 'dataset', 'take the dataset'), facts: {} }),
  async look({ trx, round }, { subject }) {
    const taken = await findSnapshot(trx, round.project, subject!)
    if (taken) {
      const { train, test } = taken.counts.splits
      if (!train.rows || !test.rows)
        return {
          state: 'failed',
          facts: {},
          problem: {
            code: 'bad_input',
            message: `The dataset ${taken.name} has nothing ${train.rows ? 'held out to evaluate on' : 'to train on'}.`,
            where: 'plan, dataset',
            hint: 'Close this round, and begin one with more prompts, or with another share held out.',
          },
        }
      return { state: 'done', facts: { name: taken.name, rows: train.rows + test.rows, testRows: test.rows } }
    }
    const job = await jobOf(trx, subject!)
    const problem = endOf(job)
    return problem ? { state: 'failed', facts: {}, problem } : { state: 'working', facts: { done: job.done } }
  },
}

/** How a run stands, as a station says it. */
async function lookAtRun({ trx, round }: Turn, { subject, acceptedWhy }: StationRow): Promise<Look> {
  const run = (await findRun(trx, round.project, subject!))!
  const leftMs = run.state === 'running' ? await leftMsOf(trx, run.id) : undefined
  const { accuracy, loss, kl } = run.summary?.eval ?? {}
  const facts: Facts = {
    name: run.checkpoint?.name ?? run.name,
    done: run.step,
    ...(run.steps === null ? {} : { total: run.steps }),
    ...(accuracy === undefined ? {} : { accuracy }),
    ...(loss === undefined ? {} : { loss }),
    ...(kl === undefined ? {} : { kl }),
    ...(run.policyId ? { policy: run.policyId } : {}),
    ...(leftMs === undefined ? {} : { leftMs }),
  }
  // A run that has used up its budget of divergence ends with the last model within it.
  const isEnough = run.summary?.stopped === 'kl_budget' || acceptedWhy !== null
  if (run.state === 'done' || (run.checkpoint && isEnough)) return { state: 'done', facts }
  if (run.checkpoint && run.problem)
    return {
      state: 'failed',
      facts: { ...facts, lastGood: run.checkpoint.name },
      problem: {
        ...run.problem,
        hint: 'Try again with other settings, or go on with the model of its last good step.',
      },
    }
  if (run.state === 'failed' || run.state === 'stopped')
    return {
      state: 'failed',
      facts,
      problem: run.problem ?? {
        code: 'conflict',
        message: `The run ${run.name} was stopped${run.note ? `: ${run.note}` : '.'}`,
        where: `run ${run.name}`,
        hint: 'Resume it under Learn, Runs, and try again; or try again from the start.',
      },
    }
  return { state: 'working', facts }
}

/** The checkpoint of the policy that the round began with: the plan was refused if it has none. */
async function checkpointOf({ trx, round }: Turn): Promise<string> {
  const policy = await findPolicy(trx, round.project, round.policy)
  return policy!.checkpointId!
}

const runFor = async (
  turn: Turn,
  wanted: Pick<Parameters<typeof startRun>[2], 'algorithm' | 'base' | 'reward' | 'settings'>,
) =>
  startRun(turn.trx, turn.platform, {
    ...wanted,
    project: turn.round.project,
    snapshot: turn.subjectOf('dataset'),
    roundId: turn.round.id,
    createdBy: turn.round.createdBy ?? undefined,
  })

/** A run that was stopped or has failed goes on from its last state; one that cannot is begun anew. */
const overRun: Pick<RoundStation, 'again' | 'accept' | 'stop'> = {
  async again({ trx, platform, round }, { subject }) {
    const run = subject ? await findRun(trx, round.project, subject) : undefined
    if (!run || run.checkpointId) return false
    if (run.state === 'stopped' || run.state === 'failed')
      await resumeRun(trx, platform, { project: round.project, run: run.id })
    return true
  },
  async accept({ trx, round }, { subject }) {
    const run = subject ? await findRun(trx, round.project, subject) : undefined
    if (!run?.checkpointId) fail('conflict', 'There is no model to go on with.', { where: 'station' })
  },
  async stop({ trx, platform, round }, { subject }) {
    const run = subject ? await findRun(trx, round.project, subject) : undefined
    if (run?.state === 'waiting' || run?.state === 'running')
      await stopRun(trx, platform, { project: round.project, run: run.id })
  },
}

/** The reward model that a round has trained; `online`: the one that learns while people work. */
export async function rewardOf({ trx, round, subjectOf }: Turn): Promise<string> {
  if (round.plan.reward.source === 'online') return 'online'
  const run = await findRun(trx, round.project, subjectOf('reward'))
  return run!.checkpointId!
}

export const reward: RoundStation = {
  ...overRun,
  async begin(turn) {
    const { source, base, settings } = turn.round.plan.reward
    if (source === 'train') {
      const from = base ?? (await checkpointOf(turn))
      return {
        subject: await runFor(turn, { algorithm: 'reward', base: from, settings: settings as RunSettings }),
        facts: {},
      }
    }
    const { accuracy } = accuracyOf(await stretchesOf(turn.trx, turn.round.project))
    const { model } = accuracy
    return { subject: null, facts: 'undefined' in model ? { unknown: model.undefined } : { accuracy: model.value } }
  },
  look: async (turn, row) => (row.subject ? lookAtRun(turn, row) : { state: 'done', facts: row.facts }),
}

export const policy: RoundStation = {
  ...overRun,
  async begin(turn) {
    const { algorithm, settings } = turn.round.plan.training
    return {
      subject: await runFor(turn, {
        algorithm,
        base: await checkpointOf(turn),
        ...(isOnline(algorithm) ? { reward: await rewardOf(turn) } : {}),
        settings: settings as RunSettings,
      }),
      facts: {},
    }
  },
  look: lookAtRun,
}
