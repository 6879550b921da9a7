/**
 * The job that measures what needs no people, once the answers are drawn: scores of both answers by the reward, KL of the
 * candidate against the baseline, what the texts are like, and what each reward in question says of junk. What cannot be measured says why.
 */
import type { Models } from '../../models/models.ts'
import type { Platform } from '../../platform/context.ts'
import { isProblem } from '../../platform/errors.ts'
import type { JobHandler } from '../../platform/jobs.ts'
import { type JunkKind, junkKinds, junkOf } from './junk.ts'
import { logRatios } from './log-ratios.ts'
import {
  type Answers,
  answersOf,
  keepMeasured,
  keepProbes,
  keepRatios,
  keepScores,
  type Probed,
  rewardsOf,
} from './measured.ts'
import { scorerOf } from './scorers.ts'
import { findRow, type Measured, type Row } from './store.ts'
import { countTexts } from './texts.ts'

/** Prompts whose junk is scored; the share is known well enough then. */
const mostProbed = 100

export interface Measuring {
  platform: Pick<Platform, 'db'>
  models: Models
}

export const measureJob =
  ({ platform, models }: Measuring): JobHandler =>
  async ({ project, input, signal, progress }) => {
    const { db } = platform
    const row = await findRow(db, project!, (input as { headToHead: string }).headToHead)
    if (!row) return {}
    const answers = await answersOf(db, row.id)
    const rewards = await rewardsOf(db, row)
    const measured: Measured = { texts: await countTexts(answers, signal) }
    const total = rewards.length + 1
    for (const [at, reward] of rewards.entries()) {
      signal.throwIfAborted()
      progress(at, total, 'Scores')
      const why = await measureReward({ platform, models }, row, reward, answers)
      if (why && reward === row.reward) measured.noScores = why
    }
    progress(rewards.length, total, 'KL')
    measured.noKl = await measureKl({ platform, models }, row, answers)
    await keepMeasured(db, row.id, measured)
    return { answers: answers.length }
  }

/** Returns why it could not be measured. A stopped job is no such reason. */
async function measureReward(
  measuring: Measuring,
  row: Row,
  reward: string,
  answers: Answers[],
): Promise<string | undefined> {
  const { db } = measuring.platform
  try {
    const score = await scorerOf(measuring, row.project, reward)
    const items = answers.flatMap(({ turns, candidate, baseline }) =>
      [candidate, baseline].map((text) => ({ turns, text })),
    )
    const scores = await score(items)
    const both = answers.map(({ prompt }, i) => ({
      prompt,
      candidate: scores[2 * i]!,
      baseline: scores[2 * i + 1]!,
    }))
    if (reward === row.reward) await keepScores(db, row.id, both)
    const probed = answers.slice(0, mostProbed)
    const junk = await score(
      probed.flatMap(({ turns, candidate }, i) => {
        const texts = junkOf(turns.at(-1)?.text ?? '', candidate, i)
        return junkKinds.map((kind) => ({ turns, text: texts[kind] }))
      }),
    )
    const probes = probed.map(({ prompt }, i): Probed => {
      const own = junkKinds.map((kind, k): [JunkKind, number] => [kind, junk[i * junkKinds.length + k]!])
      const { candidate, baseline } = both[i]!
      return { prompt, candidate, baseline, junk: Object.fromEntries(own) as Record<JunkKind, number> }
    })
    await keepProbes(db, row.id, reward, probes)
    return undefined
  } catch (error) {
    return lasting(error)
  }
}

async function measureKl({ platform, models }: Measuring, row: Row, answers: Answers[]): Promise<string | undefined> {
  try {
    const found = await logRatios({ platform, models }, row, answers)
    if ('undefined' in found) return found.undefined
    await keepRatios(platform.db, row.id, found.ratios)
    return undefined
  } catch (error) {
    return lasting(error)
  }
}

/** What is wrong for good, in a sentence; anything else is thrown on, and the job tries again. */
function lasting(error: unknown): string {
  if (isProblem(error) && error.code !== 'unavailable' && error.code !== 'job_ended') return error.message
  throw error
}
