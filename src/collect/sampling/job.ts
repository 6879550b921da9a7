/** The job that draws samples: endpoints are asked several at a time, checkpoints in batches. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answerers, ask, askCheckpoint, isPassing, type Reply } from '../../models/policies/ask.ts'
import { costOf } from '../../models/policies/rules.ts'
import { findPolicy, type StoredPolicy } from '../../models/policies/store.ts'
import { type Problem, toProblem } from '../../platform/errors.ts'
import { canonicalJson } from '../../platform/ids.ts'
import type { JobHandler, JobRun } from '../../platform/jobs.ts'
import { inTransaction } from '../../platform/sql.ts'
import { saltOf } from '../../projects/store.ts'
import { conversationsTo, type Turn } from '../tasks/read.ts'
import { cancelWaiting, keepFailures, keepReplies, sampleCounts, type WaitingSample, waitingSamples } from './store.ts'

const tries = 4
const pageSize = 256
/** Samples of a checkpoint that are drawn and stored together. */
const batchSize = 64

/** Ends early, and without complaint, when the job does. */
const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {})

type Drawn = Reply | { problem: Problem }

/** A sample with all that asking takes. */
interface Question extends WaitingSample {
  conversation: Turn[]
}

/** Asks with back-off: 1, 2, 4 seconds, each with some chance, so that many do not come back at once. */
async function askPatiently(answerers: Answerers, policy: StoredPolicy, question: Question, signal: AbortSignal) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(answerers, policy, { ...question, signal })
    } catch (error) {
      if (signal.aborted || attempt === tries || !isPassing(error)) throw error
      await pause(1000 * 2 ** (attempt - 1) * (0.5 + Math.random()), signal)
    }
  }
}

/** Those of one key beside each other, at most `most` in a group. */
function grouped<T>(items: readonly T[], key: (item: T) => string, most: number): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / most) }, (_, i) => group.slice(i * most, (i + 1) * most)),
  )
}

/** Draws every waiting sample of its job; taken up again after a crash, it asks only for what is still waiting. */
export const sampleJob =
  (answerers: Answerers): JobHandler =>
  async (run: JobRun) => {
    const { db } = answerers.platform
    const { signal } = run
    const project = run.project!
    const salt = await saltOf(db, project)
    const policies = new Map<string, StoredPolicy>()
    const { total, done: before, failed: failedBefore } = await sampleCounts(db, run.id)
    let finished = before + failedBefore

    const keep = async (questions: readonly Question[], drawn: readonly Drawn[]): Promise<void> => {
      const replies = drawn.flatMap((reply, i) => {
        if ('problem' in reply) return []
        const sample = questions[i]!
        return [{ sample, reply, cost: costOf(policies.get(sample.policy)!.price, reply.tokensIn, reply.tokensOut) }]
      })
      const failures = drawn.flatMap((one, i) =>
        'problem' in one ? [{ sample: questions[i]!.id, problem: one.problem }] : [],
      )
      await inTransaction(db, async (trx) => {
        await keepReplies(trx, project, salt, replies)
        await keepFailures(trx, failures)
      })
      run.progress((finished += questions.length), total)
    }
    /** What fails is a row; what was aborted is not done. */
    const draw = async (questions: readonly Question[], act: () => Promise<Drawn[]>): Promise<void> => {
      const drawn = await act().catch((error: unknown) => questions.map(() => ({ problem: toProblem(error) })))
      if (!signal.aborted) await keep(questions, drawn)
    }
    const drawOne = (question: Question) =>
      draw([question], async () => [await askPatiently(answerers, policies.get(question.policy)!, question, signal)])
    const drawBatch = (batch: readonly Question[]) =>
      draw(batch, () => {
        const [{ policy, parameters }] = batch as [Question]
        return askCheckpoint(answerers, policies.get(policy)!, batch, parameters, signal)
      })

    let hasFailed = false
    /**
     * What one worker does. Where one fails the others end what they are at, which is paid for, and begin nothing more: beside
     * the next try of this job they would ask for the same again.
     */
    const eachInTurn = async <T>(items: Iterable<T>, act: (item: T) => Promise<void>): Promise<void> => {
      for (const item of items) {
        if (signal.aborted || hasFailed) return
        await act(item).catch((error: unknown) => {
          hasFailed = true
          throw error
        })
      }
    }

    const { concurrency = 8 } = run.input as { concurrency?: number }
    while (!signal.aborted) {
      const page = await waitingSamples(db, run.id, pageSize)
      if (!page.length) break
      for (const { policy } of page)
        if (!policies.has(policy)) policies.set(policy, (await findPolicy(db, project, policy))!)
      const conversations = await conversationsTo(
        db,
        page.map(({ message }) => message),
      )
      const questions = page.map((sample) => ({ ...sample, conversation: conversations.get(sample.message) ?? [] }))
      const isLocal = ({ policy }: Question) => policies.get(policy)!.kind === 'checkpoint'
      const local = questions.filter(isLocal)
      const batches = grouped(local, ({ policy, parameters }) => policy + canonicalJson(parameters), batchSize)
      const remote = questions.filter((question) => !isLocal(question)).values()
      const ended = await Promise.allSettled([
        eachInTurn(batches, drawBatch),
        ...Array.from({ length: concurrency }, () => eachInTurn(remote, drawOne)),
      ])
      for (const end of ended) if (end.status === 'rejected') throw end.reason
    }
    if (signal.aborted) {
      const reason = signal.reason as { reason?: string }
      if (reason?.reason === 'cancelled') await cancelWaiting(db, run.id)
      signal.throwIfAborted()
    }
    const { done, failed, cost } = await sampleCounts(db, run.id)
    return { responses: done, failed, cost }
  }
