/**
 * `/chat/completions` in OpenAI's dialect for any model on this machine, so that every client that speaks it, and a
 * project's own policies, can use a checkpoint. https://platform.openai.com/docs/api-reference/chat
 */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { fail, httpStatusOf, toProblem } from '../platform/errors.ts'
import type { BackgroundModel, BackgroundOptions } from './background.ts'
import type { Answer } from './generation.ts'
import { rewarded, rewardRequest } from './rewards.ts'

/** Clients may cut a text into parts; what is no text is refused. */
const content = z.union([z.string(), z.array(z.object({ type: z.literal('text'), text: z.string() }))])
const message = z
  .object({ role: z.enum(['system', 'developer', 'user', 'assistant']), content })
  .transform(({ role, content: said }) => ({
    // The newer name of the same role.
    role: role === 'developer' ? ('system' as const) : role,
    content: typeof said === 'string' ? said : said.map(({ text }) => text).join(''),
  }))

const requestSchema = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  max_tokens: z.int().min(1).max(100_000).nullish(),
  max_completion_tokens: z.int().min(1).max(100_000).nullish(),
  temperature: z.number().min(0).max(100).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(16)]).nullish(),
  seed: z.int().min(0).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
})
type CompletionRequest = z.infer<typeof requestSchema>

export interface Served {
  /** Acts with the open model of that name; throws `not_found` for a name that is not served. */
  use<T>(name: string, act: (model: BackgroundModel) => Promise<T>): Promise<T>
  /** Names that `/models` lists. */
  names(): Promise<string[]>
}

const defaultMaxTokens = 256

function optionsOf(request: CompletionRequest): BackgroundOptions {
  const { stop, temperature, top_p: topP } = request
  return {
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? defaultMaxTokens,
    seed: request.seed ?? Math.floor(Math.random() * 2 ** 32),
    ...(typeof temperature === 'number' ? { temperature } : {}),
    ...(typeof topP === 'number' ? { topP } : {}),
    ...(stop ? { stop: typeof stop === 'string' ? [stop] : stop } : {}),
  }
}

const reasonOf = ({ finish }: Answer): 'stop' | 'length' => (finish === 'length' ? 'length' : 'stop')

async function read<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const body: unknown = await request.json().catch(() => undefined)
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  return fail('bad_input', issue!.message, { where: issue!.path.join('.') || 'request body' })
}

/** OpenAI's form of an error; `code` is ours. */
function failure(error: unknown): { body: object; status: number } {
  const { code, message, where, hint } = toProblem(error)
  const text = [message, hint].filter(Boolean).join(' ')
  const type = code === 'internal' ? 'server_error' : 'invalid_request_error'
  return { body: { error: { message: text, type, param: where ?? null, code } }, status: httpStatusOf(code) }
}

interface Facts {
  id: string
  created: number
  model: string
}

const promptsOf = ({ n, messages }: CompletionRequest) => Array.from({ length: n ?? 1 }, () => messages)

function checkAnswers({ head }: BackgroundModel): void {
  if (head !== 'lm') fail('bad_input', 'A reward model gives scores, no text.', { where: 'model' })
}

function usageOf(answers: readonly Answer[]) {
  const prompt_tokens = answers[0]!.promptTokens.length
  const completion_tokens = answers.reduce((sum, { tokens }) => sum + tokens.length, 0)
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}

async function completed(model: BackgroundModel, request: CompletionRequest, facts: Facts, signal: AbortSignal) {
  checkAnswers(model)
  const answers = await model.answer(promptsOf(request), { ...optionsOf(request), signal })
  return {
    ...facts,
    object: 'chat.completion',
    choices: answers.map((answer, index) => ({
      index,
      message: { role: 'assistant', content: answer.text },
      finish_reason: reasonOf(answer),
    })),
    usage: usageOf(answers),
  }
}

async function writeChunks(stream: SSEStreamingApi, model: BackgroundModel, request: CompletionRequest, facts: Facts) {
  const abort = new AbortController()
  stream.onAbort(() => abort.abort())
  const prompts = promptsOf(request)
  const begun = new Set<number>()
  const chunk = (rest: object): Promise<void> =>
    stream.writeSSE({ data: JSON.stringify({ ...facts, object: 'chat.completion.chunk', ...rest }) })
  const send = (index: number, delta: object, finish_reason: string | null): Promise<void> =>
    chunk({ choices: [{ index, delta, finish_reason }] })
  try {
    const answers = await model.answer(prompts, {
      ...optionsOf(request),
      signal: abort.signal,
      onText: (index, content) => {
        const delta = begun.has(index) ? { content } : { role: 'assistant', content }
        begun.add(index)
        void send(index, delta, null)
      },
    })
    for (const [index, answer] of answers.entries()) await send(index, {}, reasonOf(answer))
    if (request.stream_options?.include_usage) await chunk({ choices: [], usage: usageOf(answers) })
  } catch (error) {
    await stream.writeSSE({ data: JSON.stringify(failure(error).body) })
  }
  await stream.writeSSE({ data: '[DONE]' })
}

/** The response begins once the model is open; the model stays in use until the stream has ended. */
const streamed = (c: Context, served: Served, request: CompletionRequest, facts: Facts): Promise<Response> =>
  new Promise((begin, refuse) => {
    const using = served.use(request.model, async (model) => {
      checkAnswers(model)
      await new Promise<void>((ended) =>
        begin(streamSSE(c, (stream) => writeChunks(stream, model, request, facts).finally(ended))),
      )
    })
    using.catch(refuse)
  })

/** Conversations are text: more than this is none. */
const largestBody = 2 ** 20
/** A batch of rollouts that are scored together. */
const largestBatch = 16 * 2 ** 20

const atMost = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: () => fail('too_large', `The request is larger than ${maxSize / 2 ** 20} MiB.`, { where: 'request body' }),
  })

/**
 * Routes `/chat/completions`, `/rewards` and `/models`; `servedTo` decides, or refuses, by the credentials of a request. `onFault`
 * hears what is told to nobody else.
 */
export function completions(
  servedTo: (request: Request) => Served | Promise<Served>,
  onFault: (error: unknown) => void = () => {},
): Hono {
  const app = new Hono()
  app.onError((error, c) => {
    const { body, status } = failure(error)
    // Who has hung up hears nothing, and nothing is at fault.
    if (status === 500 && !c.req.raw.signal.aborted) onFault(error)
    return c.json(body, status as 400)
  })
  app.get('/models', async (c) => {
    const names = await (await servedTo(c.req.raw)).names()
    return c.json({
      object: 'list',
      data: names.map((id) => ({ id, object: 'model', created: 0, owned_by: 'plumbline' })),
    })
  })
  app.post('/rewards', atMost(largestBatch), async (c) => {
    const served = await servedTo(c.req.raw)
    const request = await read(c.req.raw, rewardRequest)
    // Trainers send what they send, but to any address.
    const model = c.req.query('model') ?? request.model
    if (!model)
      return fail('bad_input', 'Nothing says which reward model is asked.', {
        where: 'model',
        hint: 'Name it in the address: /v1/rewards?model=PROJECT/NAME.',
      })
    return c.json(await served.use(model, (one) => rewarded(one, request, c.req.raw.signal)))
  })
  app.post('/chat/completions', atMost(largestBody), async (c) => {
    const served = await servedTo(c.req.raw)
    const request = await read(c.req.raw, requestSchema)
    const facts = {
      id: `chatcmpl-${crypto.randomUUID()}`,
      created: Math.floor(Date.now() / 1000),
      model: request.model,
    }
    if (request.stream) return streamed(c, served, request, facts)
    return c.json(await served.use(request.model, (model) => completed(model, request, facts, c.req.raw.signal)))
  })
  app.all('*', () => fail('not_found', 'Here are /models, /chat/completions and /rewards alone.', { where: 'address' }))
  return app
}
