/** Asks an endpoint of the chat completions protocol, and says in its own words why it would not answer. */
import type { Response } from 'undici'
import type { Platform } from '../../platform/context.ts'
import { fail, PlumblineError } from '../../platform/errors.ts'
import { guardedFetch } from '../../platform/outbound.ts'
import type { Question, Reply } from './ask.ts'
import { quoted, retryAfterMs } from './rules.ts'
import type { StoredPolicy } from './store.ts'

interface Completion {
  choices?: { message?: { content?: unknown }; finish_reason?: unknown }[]
  usage?: { prompt_tokens?: number; completion_tokens?: number }
}

/** The endpoint was reached and does not answer now (429, 5xx). */
export class PutOff extends PlumblineError {
  /** When it says that it will; undefined where it says nothing. */
  readonly afterMs?: number

  constructor(problem: ConstructorParameters<typeof PlumblineError>[0], afterMs: number | undefined) {
    super(problem)
    this.afterMs = afterMs
  }
}

const timeoutMs = 120_000

/** `stop` is the end of what it had to say, by its own sign or by a text that it was to stop at. */
const finishes: Record<string, Reply['finish']> = { stop: 'end', length: 'length' }

export async function askEndpoint(platform: Platform, policy: StoredPolicy, question: Question): Promise<Reply> {
  const parameters = { ...policy.parameters, ...question.parameters }
  const system = parameters.system ? [{ role: 'system', content: parameters.system }] : []
  const key = policy.secret ? platform.vault.open(policy.secret) : undefined
  const begun = performance.now()
  const response = await guardedFetch(
    `${policy.url!.replace(/\/+$/, '')}/chat/completions`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) },
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
  if (!response.ok) return refusal(response, where, key)
  const body = (await response
    .json()
    .catch(() => fail('unavailable', 'The endpoint did not answer with JSON.', { where }))) as Completion
  const [choice] = body.choices ?? []
  const text = choice?.message?.content
  if (typeof text !== 'string')
    return fail('unavailable', 'The endpoint answered without a message.', {
      where,
      hint: 'It must speak the chat completions protocol.',
    })
  return {
    text,
    finish: finishes[String(choice?.finish_reason)],
    tokensIn: body.usage?.prompt_tokens ?? null,
    tokensOut: body.usage?.completion_tokens ?? null,
    latencyMs: Math.round(performance.now() - begun),
  }
}

async function refusal(response: Response, where: string, key: string | undefined): Promise<never> {
  const { status, headers } = response
  // An error without a body that can be read is an error all the same.
  const said = quoted(await response.text().catch(() => ''), key)
  const words = said && ` It says: "${said}"`
  const afterMs = retryAfterMs(headers.get('retry-after'), Date.now())
  if (status === 429)
    throw new PutOff(
      { code: 'too_many_requests', message: `The endpoint asks us to slow down.${words}`, where },
      afterMs,
    )
  if (status >= 500)
    throw new PutOff(
      { code: 'unavailable', message: `The endpoint failed with status ${status}.${words}`, where },
      afterMs,
    )
  return fail('bad_input', `The endpoint refused the request with status ${status}.${words}`, {
    where,
    hint: status === 401 ? 'Its API key is missing or not valid.' : 'Check its URL, model and parameters.',
  })
}
