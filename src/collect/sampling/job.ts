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
import {
  cancelWaiting,
  keepFailures,
  keepReplies,
  policiesWaitedFor,
  sampleCounts,
  type WaitingSample,
  waitingSamples,
} from './store.ts'

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

/** What is known of a policy while it is asked. */
interface Standing {
  /** Nothing is asked of it before: it is the key that is put off, not the question. */
  until: number
  replies: number
  /** Why it is asked nothing more in this run. */
  lost?: Error
}

/** Whether all that is asked of the endpoint is put off; what fails without a time may be one question's fault. */
const isOfAll = (error: unknown): error is PutOff =>
  error instanceof PutOff && (error.code === 'too_many_requests' || error.afterMs !== undefined)

/** Lets so many act at once; the others stand in line. */
function turns(most: number) {
  const line: (() => void)[] = []
  let acting = 0
  return async <T>(act: () => Promise<T>): Promise<T> => {
    if (acting < most) acting++
    else await new Promise<void>((begin) => line.push(begin))
    try {
      return await act()
    } finally {
      const next = line.shift()
      if (next) next()
      else acting--
    }
  }
}

/**
 * Asks again where that may help; with some chance in the waiting, so that many do not come back at once. A question that is put
 * off to its last try, while no other was answered, gives the whole policy up: the next would wait as long for as little.
 */
async function askPatiently(act: () => Promise<Reply>, standing: Standing, signal: AbortSignal): Promise<Reply> {
  const before = standing.replies
  for (let attempt = 1; ; attempt++) {
    const left = standing.until - Date.now()
    if (left > 0) await pause(left + 1000 * Math.random(), signal)
    signal.throwIfAborted()
    if (standing.lost) throw standing.lost
    try {
      const reply = await act()
      standing.replies++
      return reply
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error
      if (attempt >= triesOf(error)) {
        if (isOfAll(error) && standing.replies === before) standing.lost = error
        throw error
      }
      const wait = waitMs(error, attempt)
      if (error instanceof PutOff && error.afterMs !== undefined) standing.until = Date.now() + wait
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
    const { total, done: before, failed: failedBefore } = await sampleCounts(db, run.id)
    let finished = before + failedBefore
    let failed = failedBefore
    const { concurrency = 8 } = run.input as { concurrency?: number }
    /** Whoever waits for an endpoint holds none of these. */
    const inTurn = turns(concurrency)

    const keep = async (
      { price }: StoredPolicy,
      questions: readonly Question[],
      drawn: readonly Drawn[],
    ): Promise<void> => {
      const replies = drawn.flatMap((reply, i) => {
        if ('problem' in reply) return []
        return [{ sample: questions[i]!, reply, cost: costOf(price, reply.tokensIn, reply.tokensOut) }]
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
    const draw = async (
      policy: StoredPolicy,
      questions: readonly Question[],
      act: () => Promise<Drawn[]>,
    ): Promise<void> => {
      const drawn = await act().catch((error: unknown) => questions.map(() => ({ problem: toProblem(error) })))
      if (!signal.aborted) await keep(policy, questions, drawn)
    }

    let hasFailed = false
    /**
     * Where one fails the others end what they are at, which is paid for, and begin nothing more: beside the next try of
     * this job they would ask for the same again.
     */
    const together = async (acts: readonly Promise<void>[]): Promise<void> => {
      const noting = (error: unknown) => {
        hasFailed = true
        throw error
      }
      const ended = await Promise.allSettled(acts.map((act) => act.catch(noting)))
      for (const end of ended) if (end.status === 'rejected') throw end.reason
    }
    const eachInTurn = async <T>(items: Iterable<T>, act: (item: T) => Promise<void>): Promise<void> => {
      for (const item of items) {
        if (signal.aborted || hasFailed) return
        await act(item)
      }
    }

    const drawCheckpoint = (policy: StoredPolicy, questions: readonly Question[]) =>
      eachInTurn(
        grouped(questions, ({ parameters }) => canonicalJson(parameters), batchSize),
        (batch) => draw(policy, batch, () => askCheckpoint(answerers, policy, batch, batch[0]!.parameters, signal)),
      )
    const drawEndpoint = (policy: StoredPolicy, questions: readonly Question[], standing: Standing) => {
      const drawOne = (question: Question) =>
        draw(policy, [question], async () => {
          const act = () => inTurn(() => ask(answerers, policy, { ...question, signal }))
          return [await askPatiently(act, standing, signal)]
        })
      const left = questions.values()
      return together(Array.from({ length: concurrency }, () => eachInTurn(left, drawOne)))
    }
    /** A policy has pages of its own: one that makes us wait holds nobody else up. */
    const drawAllOf = async (policy: StoredPolicy): Promise<void> => {
      const standing: Standing = { until: 0, replies: 0 }
      while (!signal.aborted && !hasFailed) {
        const page = await waitingSamples(db, run.id, policy.id, pageSize)
        if (!page.length) return
        const { lost } = standing
        const conversations = await conversationsTo(
          db,
          page.map(({ message }) => message),
        )
        const questions = page.map((sample) => ({ ...sample, conversation: conversations.get(sample.message) ?? [] }))
        if (lost) await draw(policy, questions, () => Promise.reject(lost))
        else if (policy.kind === 'checkpoint') await drawCheckpoint(policy, questions)
        else await drawEndpoint(policy, questions, standing)
      }
    }

    const ids = await policiesWaitedFor(db, run.id)
    const policies = await Promise.all(ids.map(async (id) => (await findPolicy(db, project, id))!))
    const isLocal = ({ kind }: StoredPolicy) => kind === 'checkpoint'
    await together([
      // One after the other: each is a model to open.
      eachInTurn(policies.filter(isLocal), drawAllOf),
      ...policies.filter((policy) => !isLocal(policy)).map(drawAllOf),
    ])
    if (signal.aborted) {
      const reason = signal.reason as { reason?: string }
      if (reason?.reason === 'cancelled') await cancelWaiting(db, run.id)
      signal.throwIfAborted()
    }
    const ended = await sampleCounts(db, run.id)
    return { responses: ended.done, failed: ended.failed, cost: ended.cost }
  }
