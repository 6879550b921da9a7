/**
 * `/chat/completions` in OpenAI's dialect for any model on this machine, so that every client that speaks it, and a
 * project's own policies, can use a checkpoint. https://platform.openai.com/docs/api-reference/chat
 */
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { httpStatusOf, PlumblineError, toProblem } from '../platform/errors.ts'
import type { BackgroundModel, BackgroundOptions } from './background.ts'
import type { Answer } from './generation.ts'

const requestSchema = z.object({
  model: z.string().min(1),
  messages: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).min(1),
  max_tokens: z.int().min(1).max(100_000).nullish(),
  max_completion_tokens: z.int().min(1).max(100_000).nullish(),
  temperature: z.number().min(0).max(100).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(16)]).nullish(),
  seed: z.int().min(0).nullish(),
  stream: z.boolean().nullish(),
})
type CompletionRequest = z.infer<typeof requestSchema>

export interface Served {
  /** Opens the model of that name; throws `not_found` for a name that is not served. */
  open(name: string): Promise<BackgroundModel>
  /** Names that `/models` lists. */
  names(): Promise<string[]>
}

const defaultMaxTokens = 256

function optionsOf(request: CompletionRequest): BackgroundOptions {
  const { stop, temperature, top_p: topP } = request
  return {
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? defaultMaxTokens,
    temperature: temperature ?? 1,
    seed: request.seed ?? Math.floor(Math.random() * 2 ** 32),
    ...(typeof topP === 'number' ? { topP } : {}),
    ...(stop ? { stop: typeof stop === 'string' ? [stop] : stop } : {}),
  }
}

const reasonOf = ({ finish }: Answer): 'stop' | 'length' => (finish === 'length' ? 'length' : 'stop')

async function read(request: Request): Promise<CompletionRequest> {
  const body: unknown = await request.json().catch(() => undefined)
  const parsed = requestSchema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new PlumblineError({
    code: 'bad_input',
    message: issue!.message,
    where: issue!.path.join('.') || 'request body',
  })
}

/** OpenAI's form of an error; `code` is ours. */
function failure(error: unknown): { body: object; status: number } {
  const { code, message, where, hint } = toProblem(error)
  const text = [message, hint].filter(Boolean).join(' ')
  const type = code === 'internal' ? 'server_error' : 'invalid_request_error'
  return { body: { error: { message: text, type, param: where ?? null, code } }, status: httpStatusOf(code) }
}

/** Routes `/chat/completions` and `/models`; who may call them is decided where they are mounted. */
export function completions({ open, names }: Served): Hono {
  const app = new Hono()
  app.onError((error, c) => {
    const { body, status } = failure(error)
    return c.json(body, status as 400)
  })
  app.get('/models', async (c) => {
    const data = (await names()).map((id) => ({ id, object: 'model', created: 0, owned_by: 'plumbline' }))
    return c.json({ object: 'list', data })
  })
  app.post('/chat/completions', async (c) => {
    const request = await read(c.req.raw)
    const model = await open(request.model)
    if (model.head !== 'lm')
      throw new PlumblineError({ code: 'bad_input', message: 'A reward model gives scores, no text.', where: 'model' })
    const prompts = Array.from({ length: request.n ?? 1 }, () => request.messages)
    const options = optionsOf(request)
    const id = `chatcmpl-${crypto.randomUUID()}`
    const facts = { id, created: Math.floor(Date.now() / 1000), model: request.model }
    if (!request.stream) {
      const answers = await model.answer(prompts, { ...options, signal: c.req.raw.signal })
      const prompt_tokens = answers[0]!.promptTokens.length
      const completion_tokens = answers.reduce((sum, { tokens }) => sum + tokens.length, 0)
      return c.json({
        ...facts,
        object: 'chat.completion',
        choices: answers.map((answer, index) => ({
          index,
          message: { role: 'assistant', content: answer.text },
          finish_reason: reasonOf(answer),
        })),
        usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
      })
    }
    return streamSSE(c, async (stream) => {
      const abort = new AbortController()
      stream.onAbort(() => abort.abort())
      const told = prompts.map(() => 0)
      const send = (index: number, delta: object, finish_reason: string | null): Promise<void> => {
        const choices = [{ index, delta, finish_reason }]
        return stream.writeSSE({ data: JSON.stringify({ ...facts, object: 'chat.completion.chunk', choices }) })
      }
      try {
        const answers = await model.answer(prompts, {
          ...options,
          signal: abort.signal,
          onText: (index, piece) => {
            const delta = told[index] ? { content: piece } : { role: 'assistant', content: piece }
            told[index] = 1
            void send(index, delta, null)
          },
        })
        for (const [index, answer] of answers.entries()) await send(index, {}, reasonOf(answer))
      } catch (error) {
        await stream.writeSSE({ data: JSON.stringify(failure(error).body) })
      }
      await stream.writeSSE({ data: '[DONE]' })
    })
  })
  return app
}
