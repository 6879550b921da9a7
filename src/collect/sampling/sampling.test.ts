import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import {
  addMember,
  addTasks,
  somePrompts,
  type TestPerson,
  type TestProject,
  testProject,
} from '../../../test/project.ts'
import { all, one } from '../../platform/sql.ts'
import { saltOf } from '../../projects/store.ts'
import { writePromptBatch } from '../prompts/write.ts'
import { sampleJob } from './job.ts'
import { pairsOf } from './rules.ts'

/** A real endpoint of the chat completions protocol on this machine; `answer` decides what it does. */
interface Asked {
  body: { model: string; messages: { role: string; content: string }[]; seed: number; temperature?: number }
  authorization: string | undefined
  /** How often this question was asked before. */
  again: number
}
let answer: (asked: Asked) => { status: number; body?: unknown }
let server: Server
let url: string
const asked: Asked[] = []

let at: TestProject
let http: TestHttp
let lead: TestPerson
beforeAll(async () => {
  process.env.PLUMBLINE_ALLOW_PRIVATE = '127.0.0.1'
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const body = JSON.parse(text) as Asked['body']
    const again = asked.filter((one) => JSON.stringify(one.body) === text).length
    const call = { body, authorization: request.headers.authorization, again }
    asked.push(call)
    const { status, body: reply } = answer(call)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`

  at = await testProject({ tasks: 0, annotators: 0 })
  http = await testHttp(at)
  lead = await addMember(at, 'lead', 'lead')
  const prompts = somePrompts(6).map((prompt) => ({ ...prompt, responses: [] }))
  const salt = await saltOf(at.db, at.project)
  await at.db
    .transaction()
    .execute((trx) => writePromptBatch(trx, { project: at.project, salt, at: new Date() }, prompts))
  http.platform.jobs.handle('sample', sampleJob(http))
  await http.platform.jobs.run()
})
afterAll(async () => {
  await http.platform.jobs.stop()
  await at.database.close()
  server.close()
  delete process.env.PLUMBLINE_ALLOW_PRIVATE
})
afterEach(() => {
  asked.length = 0
})

const call = async (method: string, path: string, body?: unknown) => {
  const { status, body: answered } = await http.call(method, `/projects/${at.project}${path}`, { key: lead.key, body })
  expect([status, answered]).toEqual([200, answered])
  return answered
}
const addPolicy = (name: string, more = {}) =>
  call('POST', '/policies', {
    name,
    url,
    model: `model of ${name}`,
    key: 'sk-secret',
    price: { input: 1, output: 2 },
    ...more,
  })
const reply = (text: string) => ({
  status: 200,
  body: { choices: [{ message: { content: text } }], usage: { prompt_tokens: 1000, completion_tokens: 500 } },
})

/** Resolves with the state of a job once it has ended. */
async function ended(job: string): Promise<{ state: string; result: Record<string, unknown> | null }> {
  return until(async () => {
    const row = await one(
      at.db,
      sql<{ state: string; result: Record<string, unknown> | null }>`SELECT state, result FROM jobs WHERE id = ${job}`,
    )
    return ['done', 'failed', 'cancelled'].includes(row.state) ? row : undefined
  })
}
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  let found: T | undefined
  await expect.poll(async () => (found = await look()) !== undefined, { timeout: 20_000, interval: 100 }).toBe(true)
  return found!
}

describe('a sampling job', () => {
  it('draws n responses a prompt, each with its own seed, and stores them with parameters, tokens and cost', async () => {
    const policy = await addPolicy('steady')
    answer = ({ body }) => reply(`answer ${body.seed} to ${body.messages.at(-1)!.content}`)
    const { job, asked: planned } = await call('POST', '/samples', {
      policies: [policy.id],
      responses: 3,
      parameters: { temperature: 0.7 },
      seed: 100,
    })
    expect(planned).toBe(18)
    expect(await ended(String(job))).toMatchObject({ state: 'done', result: { responses: 18, failed: 0, cost: 0.036 } })
    expect(new Set(asked.map(({ body }) => body.seed))).toEqual(new Set(Array.from({ length: 18 }, (_, i) => 100 + i)))
    expect(asked[0]).toMatchObject({
      authorization: 'Bearer sk-secret',
      body: { model: 'model of steady', temperature: 0.7 },
    })
    const messages = await all(
      at.db,
      sql<{
        origin: { seed: number }
      }>`SELECT origin FROM messages WHERE author = 'policy' AND author_id = ${policy.id}`,
    )
    expect(messages).toHaveLength(18)
    expect(messages[0]!.origin).toMatchObject({ parameters: { temperature: 0.7 } })
  })

  it('asks again where a failure may pass, and keeps one that does not as a row, with its reason', async () => {
    const policy = await addPolicy('shaky')
    answer = ({ body, again }) => {
      const question = body.messages.at(-1)!.content
      if (question.includes('What is 1 ')) return { status: 400 }
      if (question.includes('What is 2 ') && again === 0) return { status: 429 }
      return reply('fine')
    }
    const { job } = await call('POST', '/samples', { policies: [policy.id], responses: 1 })
    expect(await ended(String(job))).toMatchObject({ state: 'done', result: { responses: 5, failed: 1 } })
    const { rows } = (await call('GET', `/samples?job=${job}&state=failed`)) as {
      rows: { problem: { code: string; message: string } }[]
    }
    expect(rows).toHaveLength(1)
    expect(rows[0]!.problem).toMatchObject({
      code: 'bad_input',
      message: 'The endpoint refused the request with status 400.',
    })

    answer = () => reply('better now')
    const retry = await call('POST', `/samples/${job}/retry`, {})
    expect(retry.asked).toBe(1)
    expect(await ended(String(retry.job))).toMatchObject({ state: 'done', result: { responses: 1, failed: 0 } })
  })

  it('becomes tasks of pairs between policies, whose stored order is drawn', async () => {
    const made = await call('POST', '/tasks', { pairing: 'between-policies', overlap: 2 })
    expect(Number(made.tasks)).toBeGreaterThan(6)
    expect(await call('POST', '/tasks', { pairing: 'between-policies', overlap: 2 })).toEqual({ tasks: 0 })
    const same = await all(
      at.db,
      sql<{ n: number }>`
        SELECT 1 AS n FROM tasks t JOIN messages a ON a.id = t.targets[1] JOIN messages b ON b.id = t.targets[2] WHERE a.author_id = b.author_id`,
    )
    expect(same).toEqual([])
  })
})

describe('the key of a policy', () => {
  it('is never shown again, sealed at rest, and dropped when the URL changes', async () => {
    const policy = await addPolicy('keyed')
    expect(JSON.stringify(await call('GET', '/policies'))).not.toContain('sk-secret')
    const { secret } = await one(at.db, sql<{ secret: Buffer }>`SELECT secret FROM policies WHERE id = ${policy.id}`)
    expect(secret.toString('latin1')).not.toContain('sk-secret')
    expect(await call('PATCH', `/policies/${policy.id}`, { name: 'renamed' })).toMatchObject({ hasKey: true })
    expect(await call('PATCH', `/policies/${policy.id}`, { url: `${url}/other` })).toMatchObject({ hasKey: false })
  })
})

it('refuses more than any policy could answer, with the number, before anything is written', async () => {
  const policies: unknown[] = []
  for (let i = 0; i < 20; i++) policies.push((await addPolicy(`one of many ${i}`)).id)
  await addTasks(at.db, at.project, somePrompts(800), 1)
  const before = await one(at.db, sql`SELECT count(*)::int AS n FROM samples`)
  const path = `/projects/${at.project}/samples`
  const { status, body } = await http.call('POST', path, { key: lead.key, body: { policies, responses: 64 } })
  expect(status).toBe(400)
  expect(body).toMatchObject({
    code: 'bad_input',
    message: '1,024,000 responses are more than the 1,000,000 of one job.',
  })
  expect(await one(at.db, sql`SELECT count(*)::int AS n FROM samples`)).toEqual(before)
})

it('asks a policy that is named twice once', async () => {
  const policy = (await addPolicy('named twice')).id
  const { id } = await one(at.db, sql<{ id: string }>`SELECT id FROM prompts LIMIT 1`)
  const { asked, job } = await call('POST', '/samples', { policies: [policy, policy], prompts: [id], responses: 1 })
  expect(asked).toBe(1)
  await ended(String(job))
})

it('sets pairs by how they are asked for, each at most once', () => {
  const candidates = [
    { id: 'a', author: 'x' },
    { id: 'b', author: 'x' },
    { id: 'c', author: 'y' },
  ]
  expect(pairsOf(candidates, 'one-pair')).toEqual([['a', 'b']])
  expect(pairsOf(candidates, 'all-pairs')).toHaveLength(3)
  expect(pairsOf(candidates, 'between-policies')).toEqual([
    ['a', 'c'],
    ['b', 'c'],
  ])
  expect(pairsOf(candidates.slice(0, 1), 'all-pairs')).toEqual([])
})
