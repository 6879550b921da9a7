/** The job that draws samples: endpoints are asked several at a time, checkpoints in batches. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answerers, ask, askCheckpoint, isPassing, type Reply } from '../../models/policies/ask.ts'
import { PutOff } from '../../models/policies/endpoint.ts'
import { costOf } from '../../models/policies/rules.ts'
import { findPolicy, type StoredPolicy } from '../../models/policies/store.ts'
import { type Problem, toProblem } from '../../platform/errors.ts'
import { canonicalJson } from '../../platform/ids.ts'
import type { JobHandler, JobRun } from '../../platform/jobs.ts'
import { inTransaction } from '../../platform/sql.ts'
import { saltOf } from '../../projects/store.ts'
import { conversationsTo, type Turn } from '../tasks/read.ts'
import { cancelWaiting, keepFailures, keepReplies, sampleCounts, type WaitingSample, waitingSamples } from './store.ts'

const pageSize = 256
/** Samples of a checkpoint that are drawn and stored together. */
const batchSize = 64

/** Ends early, and without complaint, when the job does. */
const pause = (ms: number, signal: AbortSignal) => sleep(Math.max(0, ms), undefined, { signal }).catch(() => {})

/** An endpoint that puts us off is there: it is asked longer than one that cannot be reached. */
const triesOf = (error: unknown) => (error instanceof PutOff ? 8 : 4)
const longestBackOffMs = 30_000
/** Whoever names a later time is asked sooner than that, and the sample fails in the end. */
const longestWaitMs = 5 * 60_000

type Drawn = Reply | { problem: Problem }

/** A sample with all that asking takes. */
interface Question extends WaitingSample {
  conversation: Turn[]
}

/** How long to wait after so many attempts: as long as the endpoint says, else 1, 2, 4 ... 30 seconds. */
function waitMs(error: unknown, attempt: number): number {
  const named = error instanceof PutOff ? error.afterMs : undefined
  return named === undefined
    ? Math.min(1000 * 2 ** (attempt - 1), longestBackOffMs)
    : Math.min(Math.max(named, 1000), longestWaitMs)
}

/**
 * Asks again where that may help; with some chance in the waiting, so that many do not come back at once. A time that an
 * endpoint names holds for all that is asked of it (`until`, by policy): it is the key that is put off, not the question.
 */
async function askPatiently(
  answerers: Answerers,
  policy: StoredPolicy,
  question: Question,
  until: Map<string, number>,
  signal: AbortSignal,
) {
  for (let attempt = 1; ; attempt++) {
    const left = (until.get(policy.id) ?? 0) - Date.now()
    if (left > 0) await pause(left + 1000 * Math.random(), signal)
    signal.throwIfAborted()
    try {
      return await ask(answerers, policy, { ...question, signal })
    } catch (error) {
      if (signal.aborted || attempt >= triesOf(error) || !isPassing(error)) throw error
      const wait = waitMs(error, attempt)
      if (error instanceof PutOff && error.afterMs !== undefined) until.set(policy.id, Date.now() + wait)
      else await pause(wait * (0.5 + Math.random()), signal)
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
    let failed = failedBefore
    const putOffUntil = new Map<string, number>()

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
      failed += failures.length
      run.progress((finished += questions.length), total, failed ? `${failed.toLocaleString('en')} failed` : '')
    }
    /** What fails is a row; what was aborted is not done. */
    const draw = async (questions: readonly Question[], act: () => Promise<Drawn[]>): Promise<void> => {
      const drawn = await act().catch((error: unknown) => questions.map(() => ({ problem: toProblem(error) })))
      if (!signal.aborted) await keep(questions, drawn)
    }
    const drawOne = (question: Question) =>
      draw([question], async () => [
        await askPatiently(answerers, policies.get(question.policy)!, question, putOffUntil, signal),
      ])
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
    const ended = await sampleCounts(db, run.id)
    return { responses: ended.done, failed: ended.failed, cost: ended.cost }
  }
