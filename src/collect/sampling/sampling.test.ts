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
import { belowEveryId, newId } from '../../platform/ids.ts'
import type { JobRun } from '../../platform/jobs.ts'
import { all, inTransaction, one } from '../../platform/sql.ts'
import { publishVersion } from '../../projects/guideline/store.ts'
import { addProject, saltOf } from '../../projects/store.ts'
import { writePromptBatch } from '../prompts/write.ts'
import { compareName, compareTemplate, saveTemplate } from '../templates/store.ts'
import { sampleJob } from './job.ts'
import { makeTasksJob } from './make-tasks.ts'
import { pairsOf } from './rules.ts'
import { candidatesOf, countPairs, planSamples } from './store.ts'

/** A real endpoint of the chat completions protocol on this machine; `answer` decides what it does. */
interface Asked {
  body: { model: string; messages: { role: string; content: string }[]; seed: number; temperature?: number }
  authorization: string | undefined
  /** How often this question was asked before. */
  again: number
  at: number
}
let answer: (asked: Asked) => { status: number; body?: unknown; headers?: Record<string, string> }
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
    const call = { body, authorization: request.headers.authorization, again, at: performance.now() }
    asked.push(call)
    const { status, body: reply, headers } = answer(call)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(reply ?? {}))
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
  http.platform.jobs.handle('make-tasks', makeTasksJob(http.platform))
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
      const said = { error: { message: 'no such\u001b[31m model for sk-secret\n\u202e' } }
      if (question.includes('What is 1 ')) return { status: 400, body: said }
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
      message: 'The endpoint refused the request with status 400. It says: "no such [31m model for [key]"',
    })
    expect((await call('GET', `/samples?job=${job}&state=failed,done`)).rows).toHaveLength(6)

    answer = () => reply('better now')
    const retry = await call('POST', `/samples/${job}/retry`, {})
    expect(retry.asked).toBe(1)
    expect(await ended(String(retry.job))).toMatchObject({ state: 'done', result: { responses: 1, failed: 0 } })
  })

  it('waits as long as the endpoint asks, and longer than for one that is not there', async () => {
    const policy = await addPolicy('busy')
    answer = ({ again }) => {
      if (again < 4) return { status: 503, headers: { 'retry-after': again === 0 ? '2' : '0' } }
      return reply('at last')
    }
    const { id } = await one(at.db, sql<{ id: string }>`SELECT id FROM prompts LIMIT 1`)
    const { job } = await call('POST', '/samples', { policies: [policy.id], prompts: [id], responses: 1 })
    expect(await ended(String(job))).toMatchObject({ state: 'done', result: { responses: 1, failed: 0 } })
    expect(asked).toHaveLength(5)
    expect(asked[1]!.at - asked[0]!.at).toBeGreaterThan(1990)
  })

  it('gives a policy up whose endpoint puts us off to the last try, and holds no other up meanwhile', async () => {
    const lost = await addPolicy('overrun')
    const other = await addPolicy('at ease')
    answer = ({ body }) =>
      body.model === 'model of overrun' ? { status: 429, headers: { 'retry-after': '1' } } : reply('calm')
    const { job } = await call('POST', '/samples', {
      policies: [lost.id, other.id],
      responses: 2,
      concurrency: 1,
    })
    expect(await ended(String(job))).toMatchObject({ state: 'done', result: { responses: 12, failed: 12 } })
    const ofLost = asked.filter(({ body }) => body.model === 'model of overrun')
    expect(ofLost).toHaveLength(8)
    const lastOfOther = Math.max(...asked.filter((one) => !ofLost.includes(one)).map(({ at }) => at))
    expect(lastOfOther).toBeLessThan(ofLost[2]!.at)
    const { rows } = await call('GET', `/samples?job=${job}&state=failed`)
    expect(rows).toMatchObject(Array(12).fill({ policy: 'overrun', problem: { code: 'too_many_requests' } }))
  })

  it('marks a response that ends at the limit of tokens, and asks again as it was told before', async () => {
    const policy = await addPolicy('long-winded')
    answer = ({ again }) => {
      if (!again) return { status: 400 }
      const { body } = reply('and then')
      return { status: 200, body: { ...body, choices: [{ ...body.choices[0], finish_reason: 'length' }] } }
    }
    const { job } = await call('POST', '/samples', { policies: [policy.id], responses: 1, concurrency: 3 })
    await ended(String(job))
    const retry = await call('POST', `/samples/${job}/retry`, {})
    expect(await ended(String(retry.job))).toMatchObject({ result: { responses: 6, failed: 0 } })
    const { input } = await one(at.db, sql<{ input: object }>`SELECT input FROM jobs WHERE id = ${retry.job}`)
    expect(input).toEqual({ concurrency: 3 })
    const { rows } = await call('GET', `/samples?job=${retry.job}`)
    expect(rows).toMatchObject(Array(6).fill({ state: 'done', cutOff: true }))
  })

  it('becomes tasks of pairs between policies, whose stored order is drawn', async () => {
    const make = async () => {
      const { job, pairs } = await call('POST', '/tasks', { pairing: 'between-policies', overlap: 2 })
      return { pairs, ...(await ended(String(job))) }
    }
    const { pairs, state, result } = await make()
    expect(pairs).toBeGreaterThan(6)
    expect([state, result]).toEqual(['done', { tasks: pairs }])
    expect((await make()).result).toEqual({ tasks: 0 })
    const same = await all(
      at.db,
      sql<{ n: number }>`
        SELECT 1 AS n FROM tasks t JOIN messages a ON a.id = t.targets[1] JOIN messages b ON b.id = t.targets[2] WHERE a.author_id = b.author_id`,
    )
    expect(same).toEqual([])
  })
})

it('pages through samples by the cursor that it gave, and refuses any other', async () => {
  const every = await all(at.db, sql<{ id: string }>`SELECT id FROM samples ORDER BY at DESC, id DESC`)
  const paged: unknown[] = []
  for (let next: unknown = ''; next !== null; ) {
    const page = await call('GET', `/samples?limit=10${next && `&after=${next}`}`)
    paged.push(...(page.rows as { id: string }[]).map(({ id }) => id))
    next = page.next
  }
  expect(paged).toEqual(every.map(({ id }) => id))
  for (const after of ['x', '2026-03-02~x', `yesterday~${every[0]!.id}`]) {
    const { body } = await http.call('GET', `/projects/${at.project}/samples?after=${after}`, { key: lead.key })
    expect(body).toMatchObject({ code: 'bad_input', where: 'after' })
  }
})

it('counts pairs as it makes them', async () => {
  const pages = await candidatesOf(at.db, at.project, {}, belowEveryId, 500)
  for (const how of ['one-pair', 'all-pairs', 'between-policies'] as const) {
    const made = pages.flatMap(({ candidates }) => pairsOf(candidates, how))
    expect(made.length).toBeGreaterThan(0)
    expect(await countPairs(at.db, at.project, {}, how)).toBe(made.length)
  }
})

it('makes no second task of what an import has made, and asks again once for each version of what people go by', async () => {
  const project = await addProject(at.db, { name: 'Imported' }, lead.id)
  await addTasks(at.db, project, somePrompts(3, 700), 1)
  const make = async (purpose: string) => {
    const { body } = await http.call('POST', `/projects/${project}/tasks`, { key: lead.key, body: { purpose } })
    return (await ended(String(body.job))).result
  }
  expect(await make('label')).toEqual({ tasks: 0 })
  expect(await make('re-annotation')).toEqual({ tasks: 3 })
  expect(await make('re-annotation')).toEqual({ tasks: 0 })
  await inTransaction(at.db, (trx) => publishVersion(trx, project, [], 'anew', lead.id, new Date()))
  expect(await make('re-annotation')).toEqual({ tasks: 3 })
  await inTransaction(at.db, async (trx) => {
    const { id, steps } = await compareTemplate(trx, project)
    await saveTemplate(trx, project, compareName, steps, id)
  })
  expect(await make('re-annotation')).toEqual({ tasks: 3 })
  // What nobody was asked is not asked again.
  const salt = await saltOf(at.db, project)
  await inTransaction(at.db, (trx) => writePromptBatch(trx, { project, salt, at: new Date() }, somePrompts(1, 800)))
  expect(await make('re-annotation')).toEqual({ tasks: 0 })
  expect(await make('label')).toEqual({ tasks: 1 })
})

it('refuses more pairs than anybody could judge, with the number, before a task is made', async () => {
  const project = await addProject(at.db, { name: 'Many responses' }, lead.id)
  const salt = await saltOf(at.db, project)
  const responses = Array.from({ length: 1500 }, (_, i) => ({ text: `answer ${i}` }))
  const prompt = { turns: [{ role: 'user' as const, text: 'What is there to say?' }], responses, metadata: {} }
  await inTransaction(at.db, (trx) => writePromptBatch(trx, { project, salt, at: new Date() }, [prompt]))
  const make = (pairing: string) =>
    http.call('POST', `/projects/${project}/tasks`, { key: lead.key, body: { pairing } })
  expect((await make('all-pairs')).body).toMatchObject({
    code: 'bad_input',
    message: '1,124,250 pairs are more than the 1,000,000 that become tasks at once.',
  })
  const { job } = (await make('one-pair')).body
  expect(await ended(String(job))).toEqual({ state: 'done', result: { tasks: 1 } })
})

it('goes on making tasks where it was cut off, and says how many there are in the end', async () => {
  const project = await addProject(at.db, { name: 'Cut off' }, lead.id)
  const salt = await saltOf(at.db, project)
  const responses = Array.from({ length: 150 }, (_, i) => ({ text: `answer ${i}` }))
  const prompt = { turns: [{ role: 'user' as const, text: 'What is there to say?' }], responses, metadata: {} }
  await inTransaction(at.db, (trx) => writePromptBatch(trx, { project, salt, at: new Date() }, [prompt]))
  const plan = { pairing: 'all-pairs', overlap: 1, purpose: 'label', skills: [], priority: 0 }
  let checkpoint: unknown
  const run = (signal: AbortSignal, progress = (_done: number) => {}) =>
    makeTasksJob(http.platform)({
      project,
      input: { plan, by: lead.id },
      checkpoint,
      signal,
      progress,
      save: async (saved: unknown) => void (checkpoint = saved),
    } as unknown as JobRun)
  const cut = new AbortController()
  const told: number[] = []
  await expect(run(cut.signal, (done) => cut.abort(told.push(done)))).rejects.toBeDefined()
  expect([told, checkpoint]).toEqual([[5000], { tasks: 5000 }])
  expect(await run(new AbortController().signal)).toEqual({ tasks: 11_175 })
  const { n } = await one(at.db, sql<{ n: number }>`SELECT count(*)::int AS n FROM tasks WHERE project_id = ${project}`)
  expect(n).toBe(11_175)
})

it('stops all workers where one fails, and keeps one response a sample', async () => {
  const policy = await addPolicy('half lost')
  const job = newId()
  await planSamples(
    at.db,
    at.project,
    job,
    {},
    { policies: [String(policy.id)], responses: 3, parameters: {}, seed: 0 },
  )
  const states = () =>
    all(at.db, sql<{ id: string }>`SELECT id FROM samples WHERE job_id = ${job} AND state = 'waiting'`)
  const planned = (await states()).length
  answer = () => reply('said')
  const run = (input: object) => {
    let fails = 'fails' in input
    const progress = () => {
      if (!fails) return
      fails = false
      throw new Error('the database is gone')
    }
    const signal = new AbortController().signal
    return sampleJob(http)({ id: job, project: at.project, signal, input, progress } as unknown as JobRun)
  }
  await expect(run({ concurrency: 3, fails: true })).rejects.toThrow('the database is gone')
  const begun = asked.length
  expect(begun).toBeLessThan(planned / 2)
  expect(await states()).toHaveLength(planned - begun)
  expect(asked).toHaveLength(begun)
  await Promise.all([run({}), run({})])
  const { n } = await one(
    at.db,
    sql<{ n: number }>`SELECT count(*) AS n FROM messages WHERE author_id = ${policy.id} AND text = 'said'`,
  )
  expect(n).toBe(planned)
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
