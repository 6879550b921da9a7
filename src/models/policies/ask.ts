/** Asks a policy: responses to conversations, with what they took. */
import type { Platform } from '../../platform/context.ts'
import { fail, PlumblineError, type Problem } from '../../platform/errors.ts'
import { findCheckpoint } from '../checkpoints/store.ts'
import type { Models } from '../models.ts'
import type { Parameters } from './contract.ts'
import { askEndpoint } from './endpoint.ts'
import type { StoredPolicy } from './store.ts'

export interface Question {
  conversation: { role: 'system' | 'user' | 'assistant'; text: string }[]
  parameters: Parameters
  seed: number
  signal?: AbortSignal
}

/** Who answers: endpoints over the network, checkpoints by this process. */
export interface Answerers {
  platform: Platform
  models: Models
}

export interface Reply {
  text: string
  /** Why it ends, where that is known. */
  finish?: 'end' | 'stopped' | 'length'
  tokensIn: number | null
  tokensOut: number | null
  latencyMs: number
}

/** A refusal that may pass: asked again after a pause. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'unavailable' || error.code === 'too_many_requests')

/** Throws a problem that names the policy; `unavailable` and `too_many_requests` may pass. */
export async function ask({ platform, models }: Answerers, policy: StoredPolicy, question: Question): Promise<Reply> {
  if (policy.kind === 'endpoint') return askEndpoint(platform, policy, question)
  const { parameters, signal } = question
  const [reply] = await askCheckpoint({ platform, models }, policy, [question], parameters, signal)
  if ('problem' in reply!) throw new PlumblineError(reply.problem)
  return reply!
}

/** As `generate` has it. */
const defaultMaxTokens = 256

/**
 * One reply, or what is wrong with it, a question in order; all are answered with the same parameters, in batches. The
 * time of each is its share of the whole. Throws when the model cannot be opened.
 */
export async function askCheckpoint(
  { platform, models }: Answerers,
  policy: StoredPolicy,
  questions: readonly Pick<Question, 'conversation' | 'seed'>[],
  asked: Parameters,
  signal?: AbortSignal,
): Promise<(Reply | { problem: Problem })[]> {
  const checkpoint = policy.checkpointId && (await findCheckpoint(platform.db, policy.project, policy.checkpointId))
  if (!checkpoint)
    return fail('not_found', 'The checkpoint of this policy is gone.', { where: `policy ${policy.name}` })
  const { temperature, topP, maxTokens = defaultMaxTokens, system, stop } = { ...policy.parameters, ...asked }
  const opening = system ? [{ role: 'system', content: system }] : []
  const begun = performance.now()
  const outcomes = await models.sample(
    checkpoint,
    questions.map(({ conversation, seed }) => ({
      conversation: [...opening, ...conversation.map(({ role, text }) => ({ role, content: text }))],
      seed,
    })),
    { temperature, topP, maxTokens, stop, signal },
  )
  const latencyMs = Math.round((performance.now() - begun) / questions.length)
  return outcomes.map(({ answer, problem }) =>
    problem
      ? { problem: { ...problem, where: `policy ${policy.name}, ${problem.where ?? 'prompt'}` } }
      : {
          text: answer.text,
          finish: answer.finish,
          tokensIn: answer.promptTokens.length,
          tokensOut: answer.tokens.length,
          latencyMs,
        },
  )
}
