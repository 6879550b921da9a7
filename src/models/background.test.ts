import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BackgroundModel, openInBackground } from './background.ts'

const isBuilt = existsSync(new URL('../../dist/server/models/worker.js', import.meta.url))
const greedy = { maxTokens: 200, temperature: 0, seed: 0 }

describe.skipIf(!isBuilt)('a model in a thread of its own (needs npm run build)', () => {
  let model: BackgroundModel
  beforeAll(async () => {
    model = await openInBackground('preset:1m', { threads: 1 })
  })
  afterAll(() => model.close())

  it('answers and scores while this thread stays free', async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    const answers = await model.answer(['hello', 'you'], greedy)
    clearInterval(timer)
    expect(answers.map(({ tokens }) => tokens.length)).toEqual([200, 200])
    expect(ticks).toBeGreaterThan(5)
    const [one, other] = await model.score([
      { prompt: 'p', response: 'yes' },
      { prompt: 'p', response: 'no' },
    ])
    expect(one).toBeLessThan(0)
    expect(other).not.toBe(one)
  })

  it('streams, and ends early when it is told to', async () => {
    const control = new AbortController()
    let text = ''
    const [answer] = await model.answer(['hello'], {
      ...greedy,
      temperature: 1,
      maxTokens: 900,
      signal: control.signal,
      onText: (_, piece) => {
        text += piece
        control.abort()
      },
    })
    expect(answer).toMatchObject({ finish: 'stopped' })
    expect(answer!.tokens.length).toBeLessThan(900)
    expect(answer!.text.startsWith(text)).toBe(true)
  })

  it('hands faults on and goes on', async () => {
    const long = 'x'.repeat(2000)
    await expect(model.answer([long], greedy)).rejects.toMatchObject({ code: 'bad_input', where: 'prompt 0' })
    expect(await model.answer(['x'], { ...greedy, maxTokens: 2 })).toHaveLength(1)
  })

  it('says what is wrong with a model that does not open', async () => {
    await expect(openInBackground('no-such-folder')).rejects.toMatchObject({
      code: 'not_found',
      where: 'model',
    })
  })
})
