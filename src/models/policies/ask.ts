/** Asks a policy: one response to a conversation, with what it took. */
import type { Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { guardedFetch } from '../../platform/outbound.ts'
import type { Parameters } from './contract.ts'
import type { StoredPolicy } from './store.ts'

export interface Question {
  conversation: { role: 'system' | 'user' | 'assistant'; text: string }[]
  parameters: Parameters
  seed: number
  signal?: AbortSignal
}

export interface Reply {
  text: string
  tokensIn: number | null
  tokensOut: number | null
  latencyMs: number
}

interface Completion {
  choices?: { message?: { content?: unknown } }[]
  usage?: { prompt_tokens?: number; completion_tokens?: number }
}

/** A refusal that may pass: asked again after a pause. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'unavailable' || error.code === 'too_many_requests')

const timeoutMs = 120_000

/** Throws a problem that names the policy; `unavailable` and `too_many_requests` may pass. */
export async function ask(platform: Platform, policy: StoredPolicy, question: Question): Promise<Reply> {
  if (policy.kind !== 'endpoint' || !policy.url)
    return fail('bad_input', `"${policy.name}" is a checkpoint, and this process has no engine to run it.`, {
      where: 'policy',
    })
  const parameters = { ...policy.parameters, ...question.parameters }
  const system = parameters.system ? [{ role: 'system', content: parameters.system }] : []
  const begun = performance.now()
  const response = await guardedFetch(
    `${policy.url.replace(/\/+$/, '')}/chat/completions`,
    {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(policy.secret ? { authorization: `Bearer ${platform.vault.open(policy.secret)}` } : {}),
      },
      body: JSON.stringify({
        model: policy.model,
        messages: [...system, ...question.conversation.map(({ role, text }) => ({ role, content: text }))],
        seed: question.seed,
        temperature: parameters.temperature,
        top_p: parameters.topP,
        max_tokens: parameters.maxTokens,
        stop: parameters.stop,
      }),
      signal: question.signal,
    },
    { timeoutMs },
  )
  const where = `policy ${policy.name}`
  if (response.status === 429) fail('too_many_requests', 'The endpoint asks us to slow down.', { where })
  if (response.status >= 500) fail('unavailable', `The endpoint failed with status ${response.status}.`, { where })
  if (!response.ok)
    fail('bad_input', `The endpoint refused the request with status ${response.status}.`, {
      where,
      hint: response.status === 401 ? 'Its API key is missing or not valid.' : 'Check its URL, model and parameters.',
    })
  const body = (await response
    .json()
    .catch(() => fail('unavailable', 'The endpoint did not answer with JSON.', { where }))) as Completion
  const text = body.choices?.[0]?.message?.content
  if (typeof text !== 'string')
    return fail('unavailable', 'The endpoint answered without a message.', {
      where,
      hint: 'It must speak the chat completions protocol.',
    })
  return {
    text,
    tokensIn: body.usage?.prompt_tokens ?? null,
    tokensOut: body.usage?.completion_tokens ?? null,
    latencyMs: Math.round(performance.now() - begun),
  }
}
