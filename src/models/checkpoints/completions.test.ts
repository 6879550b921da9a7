import { rmSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addModel, isBuilt } from '../../../test/checkpoint.ts'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { addMember, addPerson, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'
import type { Role } from '../../people/roles.ts'
import { openLocalModel } from '../local.ts'
import { folderOf } from './files.ts'
import { type Checkpoint, findCheckpoint } from './store.ts'

let at: TestProject
let other: TestProject
let http: TestHttp
let model: Checkpoint
const people = new Map<string, TestPerson>()
beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 0 })
  other = { ...(await testProject({ tasks: 0, annotators: 0, on: at.database })), platform: at.platform }
  await sql`UPDATE projects SET name = 'Other' WHERE id = ${other.project}`.execute(at.db)
  http = await testHttp(at)
  model = await addModel(at, { name: 'helper' })
  await addModel(at, { name: 'scores', head: 'scalar' })
  await addModel(other, { name: 'theirs' })
  for (const role of ['lead', 'engineer', 'viewer', 'reviewer', 'annotator'] satisfies Role[]) {
    const person = await addMember(at, role, role)
    people.set(role, person)
  }
  people.set('stranger', await addPerson(at.db, 'stranger'))
  people.set('owner', await addPerson(at.db, 'owner', { owner: true }))
})
afterAll(async () => {
  await http.models.close()
  await at.database.close()
  rmSync(at.platform.dataDir, { recursive: true, force: true })
})

const ask = (path: string, key: string | undefined, body?: unknown) =>
  http.app.request(`http://127.0.0.1/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
const namesFor = async (person: string): Promise<string[]> => {
  const { data } = (await (await ask('/models', people.get(person)!.key)).json()) as { data: { id: string }[] }
  return data.map(({ id }) => id)
}
const question = { messages: [{ role: 'user', content: 'hi' }], max_tokens: 5, seed: 1 }

describe('who sees which models', () => {
  it.each([
    ['lead', ['Test/helper']],
    ['engineer', ['Test/helper']],
    ['viewer', ['Test/helper']],
    ['reviewer', []],
    ['annotator', []],
    ['stranger', []],
    ['owner', ['Other/theirs', 'Test/helper']],
  ])('%s', async (person, names) => {
    expect(await namesFor(person)).toEqual(names)
    const response = await ask('/chat/completions', people.get(person)!.key, { ...question, model: 'Other/theirs' })
    if (person !== 'owner') expect([response.status, (await response.json()).error.code]).toEqual([404, 'not_found'])
  })

  it('rewards are given to whoever may read models, and to nobody else', async () => {
    for (const person of ['reviewer', 'annotator', 'stranger']) {
      const response = await ask('/rewards?model=scores', people.get(person)!.key, { query: ['hi'] })
      expect([person, response.status]).toEqual([person, 404])
    }
    expect((await ask('/rewards?model=scores', undefined, { query: ['hi'] })).status).toBe(401)
  })

  it('nobody without a key, and with none but a valid one', async () => {
    for (const key of [undefined, 'plk_wrong']) {
      const response = await ask('/models', key)
      expect(response.status).toBe(401)
      expect((await response.json()).error).toMatchObject({ code: 'not_signed_in', type: 'invalid_request_error' })
    }
  })

  it('a key narrowed to one project, or to other actions, sees no more than that', async () => {
    const { key, id } = await addPerson(at.db, 'narrow')
    for (const project of [at.project, other.project])
      await sql`INSERT INTO memberships (project_id, person_id, role) VALUES (${project}, ${id}, 'lead')`.execute(at.db)
    people.set('narrow', { key, id, name: 'narrow' })
    expect(await namesFor('narrow')).toEqual(['Other/theirs', 'Test/helper'])
    await sql`UPDATE api_keys SET project_id = ${at.project} WHERE person_id = ${id}`.execute(at.db)
    expect(await namesFor('narrow')).toEqual(['Test/helper'])
    await sql`UPDATE api_keys SET actions = '{task.read}' WHERE person_id = ${id}`.execute(at.db)
    expect((await ask('/models', key)).status).toBe(403)
  })

  it('none that was put away', async () => {
    await sql`UPDATE checkpoints SET archived_at = now() WHERE id = ${model.id}`.execute(at.db)
    expect(await namesFor('lead')).toEqual([])
    await sql`UPDATE checkpoints SET archived_at = NULL WHERE id = ${model.id}`.execute(at.db)
  })
})

it('refuses what is too large, what is no question, and other addresses, in the form that clients know', async () => {
  const { key } = people.get('lead')!
  const large = { ...question, model: 'helper', messages: [{ role: 'user', content: 'x'.repeat(2 ** 20) }] }
  for (const [path, body, status] of [
    ['/chat/completions', large, 413],
    ['/chat/completions', { model: 'helper' }, 400],
    ['/embeddings', { input: 'x' }, 404],
    ['/rewards', { query: ['x'] }, 400],
    ['/rewards?model=scores', {}, 400],
    ['/rewards?model=scores', { query: ['x'], messages: ['x'] }, 400],
    ['/rewards?model=scores', { query: Array(1025).fill('x') }, 400],
    ['/rewards?model=scores', { query: ['x'.repeat(2 ** 24)] }, 413],
  ] as const) {
    const response = await ask(path, key, body)
    expect([path, response.status]).toEqual([path, status])
    expect((await response.json()).error).toMatchObject({ message: expect.any(String), code: expect.any(String) })
  }
})

describe.skipIf(!isBuilt)('a question (needs npm run build)', () => {
  it('is answered by name, by project and name, and by id, the same for one seed', async () => {
    const { key } = people.get('viewer')!
    const texts = await Promise.all(
      ['helper', 'Test/helper', model.id].map(async (name) => {
        const response = await ask('/chat/completions', key, { ...question, model: name })
        expect(response.status).toBe(200)
        return (await response.json()).choices[0].message.content as string
      }),
    )
    expect(new Set(texts).size).toBe(1)
    const stream = await ask('/chat/completions', key, { ...question, model: 'helper', stream: true })
    expect(stream.headers.get('content-type')).toContain('text/event-stream')
    const chunks = (await stream.text()).split('\n\n').filter((event) => event.includes('chunk'))
    const pieces = chunks.map((event) => JSON.parse(event.slice('data: '.length)).choices[0].delta.content ?? '')
    expect(pieces.join('')).toBe(texts[0])
  })

  it('is not answered by a reward model, streaming or not', async () => {
    for (const stream of [false, true]) {
      const response = await ask('/chat/completions', people.get('lead')!.key, { ...question, model: 'scores', stream })
      expect([response.status, (await response.json()).error.code]).toEqual([400, 'bad_input'])
    }
  })
})

describe.skipIf(!isBuilt)('rewards (needs npm run build)', () => {
  const asked = [{ role: 'user', content: 'What is 7 plus one?' }]
  const said = (content: string) => [...asked, { role: 'assistant', content }]

  it('are those of the model itself, in the shapes of OpenRLHF and of LLaMA-Factory', async () => {
    const { key } = people.get('viewer')!
    const rewards = async (body: object, name = 'Test/scores') => {
      const response = await ask(`/rewards?model=${encodeURIComponent(name)}`, key, body)
      expect(response.status).toBe(200)
      return (await response.json()) as { rewards: number[]; scores: number[] }
    }
    const [right, wrong] = [said('It is 8, I think.'), said('It is 9.')]
    const { rewards: exact, scores } = await rewards({ query: [right, wrong] })
    expect(scores).toEqual(exact)
    expect(exact[0]).not.toBe(exact[1])
    const found = (await findCheckpoint(at.db, at.project, 'scores'))!
    const { text } = await openLocalModel(folderOf(at.platform.dataDir, found))
    const whole = [right, wrong].map((messages) => text.template!(messages, false))
    // Whole texts, ended or not, one at a time or together, whatever else is sent.
    const texts = await rewards({ query: whole, prompts: ['a', 'b'], labels: null })
    for (const [i, reward] of texts.rewards.entries()) expect(reward).toBeCloseTo(exact[i]!, 4)
    const unended = whole.map((each) => each.replace(/<[^<]*>\s*$/, ''))
    expect(unended).not.toEqual(whole)
    const others = await rewards({ model: 'model', messages: unended })
    for (const [i, score] of others.scores.entries()) expect(score).toBeCloseTo(exact[i]!, 4)
  })

  it('take a key from the address, which is all that some trainers can be told', async () => {
    const basic = (key: string) => Buffer.from(`key:${key}`).toString('base64')
    const as = (key: string) =>
      http.app.request('http://127.0.0.1/v1/rewards?model=scores', {
        method: 'POST',
        headers: { authorization: `Basic ${basic(key)}`, 'content-type': 'application/json' },
        body: JSON.stringify({ query: ['hi'] }),
      })
    expect((await as(people.get('viewer')!.key)).status).toBe(200)
    expect((await as('plk_wrong')).status).toBe(401)
  })

  it('are not given by a language model, nor for what is no answer', async () => {
    const { key } = people.get('lead')!
    for (const [name, query] of [
      ['helper', ['hi']],
      ['scores', [[...asked, ...asked]]],
    ] as const) {
      const response = await ask(`/rewards?model=${name}`, key, { query })
      expect([name, response.status, (await response.json()).error.code]).toEqual([name, 400, 'bad_input'])
    }
  })
})
