import { existsSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { fail } from '../platform/errors.ts'
import type { BackgroundModel } from './background.ts'
import { completions } from './completions.ts'
import { modelPool } from './pool.ts'

const isBuilt = existsSync(new URL('../../dist/server/models/worker.js', import.meta.url))

describe.skipIf(!isBuilt)('chat completions of a model on this machine (needs npm run build)', () => {
  const pool = modelPool({ threads: 1 })
  const app = completions(() => ({
    use: (name, act) =>
      name === 'preset:1m' ? pool.use(name, act) : fail('not_found', `There is no model '${name}'.`),
    names: async () => ['preset:1m'],
  }))
  afterAll(() => pool.close())
  const post = (body: unknown) =>
    app.request('/chat/completions', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  const question = { model: 'preset:1m', messages: [{ role: 'user', content: 'hi' }], max_tokens: 20, seed: 7 }

  it('answers, counts tokens, and says why it ended', async () => {
    const response = await post({ ...question, n: 2 })
    expect(response.status).toBe(200)
    const { choices, usage, object } = await response.json()
    expect(object).toBe('chat.completion')
    expect(choices).toHaveLength(2)
    expect(choices[1]).toMatchObject({ index: 1, message: { role: 'assistant' }, finish_reason: 'length' })
    expect(usage).toMatchObject({ completion_tokens: 40, total_tokens: usage.prompt_tokens + 40 })
  })

  it('streams the same text that it answers', async () => {
    const whole = await (await post(question)).json()
    const events = (await (await post({ ...question, stream: true })).text()).split('\n\n').filter(Boolean)
    expect(events.at(-1)).toBe('data: [DONE]')
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice('data: '.length)))
    expect(chunks.map(({ choices }) => choices[0].delta.content ?? '').join('')).toBe(whole.choices[0].message.content)
    expect(chunks[0].choices[0].delta.role).toBe('assistant')
    expect(chunks.at(-1).choices[0].finish_reason).toBe('length')
  })

  it('takes texts in parts and the newer name of the system role, and counts tokens of a stream where asked', async () => {
    const parts = ['h', 'i'].map((text) => ({ type: 'text', text }))
    const contentOf = async (messages: object[]) =>
      (await (await post({ ...question, messages })).json()).choices[0].message.content
    const plain = [{ role: 'system', content: 'short' }, ...question.messages]
    const newer = [
      { role: 'developer', content: 'short' },
      { role: 'user', content: parts },
    ]
    expect(await contentOf(newer)).toBe(await contentOf(plain))
    const { usage } = await (await post(question)).json()
    const stream = await post({ ...question, stream: true, stream_options: { include_usage: true } })
    const last = (await stream.text()).split('\n\n').filter(Boolean).at(-2)!
    expect(JSON.parse(last.slice('data: '.length))).toMatchObject({ choices: [], usage })
  })

  it.each([
    [{ ...question, messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 400, 'bad_input'],
    [{ ...question, model: 'other' }, 404, 'not_found'],
    [{ ...question, messages: [] }, 400, 'bad_input'],
    [{ ...question, temperature: -1 }, 400, 'bad_input'],
    ['no object', 400, 'bad_input'],
  ])('refuses what it cannot answer, in the form that clients know', async (body, status, code) => {
    const response = await post(body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { code, type: 'invalid_request_error' } })
  })

  it('lists its models', async () => {
    const { data } = await (await app.request('/models')).json()
    expect(data).toMatchObject([{ id: 'preset:1m', object: 'model' }])
  })
})

it('scores no more for whoever hangs up than the part under way, and calls it no fault', async () => {
  const parts: number[] = []
  const faults: unknown[] = []
  const hangUp = new AbortController()
  const model = {
    head: 'scalar',
    score: async (items: readonly unknown[]) => {
      if (parts.push(items.length) === 2) hangUp.abort()
      return items.map(() => 1)
    },
  } as unknown as BackgroundModel
  const app = completions(
    () => ({ use: (_, act) => act(model), names: async () => [] }),
    (error) => faults.push(error),
  )
  const score = (signal?: AbortSignal) =>
    app.request('/rewards?model=any', {
      method: 'POST',
      body: JSON.stringify({ query: Array(300).fill('said') }),
      headers: { 'content-type': 'application/json' },
      signal,
    })
  await score(hangUp.signal)
  expect([parts, faults]).toEqual([[64, 64], []])
  parts.length = 0
  expect((await (await score()).json()).rewards).toHaveLength(300)
  expect(parts).toEqual([64, 64, 64, 64, 44])
})
