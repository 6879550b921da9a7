/** `model serve` as people start it: one model of this machine, asked by any client of OpenAI's dialect. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, expect, it } from 'vitest'
import { writeModel } from '../test/checkpoint.ts'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-model-serve-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const program = fileURLToPath(new URL('../launch/start.mjs', import.meta.url))
const { NODE_ENV: _, ...env } = process.env

let server: ChildProcess
afterEach(() => void server.kill('SIGKILL'))

async function served(model: string): Promise<string> {
  const child = spawn(process.execPath, [program, 'model', 'serve', model, '--port', '0', '--threads', '1'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  server = child
  for await (const line of createInterface(child.stderr)) {
    const [url] = /http:\S+/.exec(line) ?? []
    if (url) return url
  }
  throw new Error('It ended before it answered.')
}

const post = (url: string, body: object) =>
  fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

it('answers chats until it is told to end', async () => {
  await writeModel(join(folder, 'policy'))
  const url = await served(join(folder, 'policy'))
  const ask = (body: object) => post(url, body)
  const question = { messages: [{ role: 'user', content: 'What is 7?' }], max_tokens: 5, seed: 3 }
  const answer = await (await ask({ model: 'whatever', ...question })).json()
  expect(answer).toMatchObject({ object: 'chat.completion', usage: { completion_tokens: 5 } })
  expect(await (await ask({ model: 'whatever', ...question })).json()).toMatchObject({ choices: answer.choices })
  const streamed = await (await ask({ model: 'whatever', stream: true, ...question })).text()
  const deltas = [...streamed.matchAll(/^data: (\{.*\})$/gm)].flatMap(([, json]) => JSON.parse(json!).choices)
  expect(deltas.map(({ delta }) => delta.content ?? '').join('')).toBe(answer.choices[0].message.content)
  expect((await ask({ model: 'whatever', messages: [] })).status).toBe(400)
  server.kill('SIGTERM')
  expect(await once(server, 'exit')).toEqual([0, null])
})

it('scores with a reward model, and says so', async () => {
  await writeModel(join(folder, 'reward'), { head: 'scalar' })
  const url = await served(join(folder, 'reward'))
  expect(url).toContain('/v1/rewards?model=')
  const scored = await (await post(url, { query: ['What is 7 plus one? It is 8.', 'No.'] })).json()
  expect(scored.rewards).toEqual([expect.any(Number), expect.any(Number)])
  server.kill('SIGTERM')
  expect(await once(server, 'exit')).toEqual([0, null])
})
