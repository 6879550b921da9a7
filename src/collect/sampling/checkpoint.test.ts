import { rmSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addModel, isBuilt } from '../../../test/checkpoint.ts'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { addMember, somePrompts, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'
import { folderOf } from '../../models/checkpoints/files.ts'
import type { Checkpoint } from '../../models/checkpoints/store.ts'
import { answer } from '../../models/generation.ts'
import { openLocalModel } from '../../models/local.ts'
import { all, one } from '../../platform/sql.ts'
import { saltOf } from '../../projects/store.ts'
import { openDecoder } from '../../trainer/decode/decoder.ts'
import { writePromptBatch } from '../prompts/write.ts'
import { sampleJob } from './job.ts'

interface Sampled {
  prompt: string
  text: string
  seed: number
  tokens: number
  finish: string
}

describe.skipIf(!isBuilt)('a checkpoint as a policy (needs npm run build)', () => {
  let at: TestProject
  let http: TestHttp
  let lead: TestPerson
  let model: Checkpoint
  beforeAll(async () => {
    at = await testProject({ tasks: 0, annotators: 0 })
    http = await testHttp(at)
    lead = await addMember(at, 'lead', 'lead')
    model = await addModel(at, { name: 'local' })
    const salt = await saltOf(at.db, at.project)
    const prompts = [
      ...somePrompts(12),
      { turns: [{ role: 'user' as const, text: 'too long '.repeat(400) }], responses: [], metadata: {} },
    ]
    await at.db.transaction().execute((trx) =>
      writePromptBatch(
        trx,
        { project: at.project, salt, at: new Date() },
        prompts.map((prompt) => ({ ...prompt, responses: [] })),
      ),
    )
    http.platform.jobs.handle('sample', sampleJob(http))
    await http.platform.jobs.run()
  })
  afterAll(async () => {
    await http.platform.jobs.stop()
    await http.models.close()
    await at.database.close()
    rmSync(at.platform.dataDir, { recursive: true, force: true })
  })

  const call = async (path: string, body?: unknown) => {
    const { status, body: answered } = await http.call('POST', `/projects/${at.project}${path}`, {
      key: lead.key,
      body,
    })
    expect([status, answered]).toEqual([200, answered])
    return answered
  }
  async function drawn(parameters: object, responses: number): Promise<{ job: string; rows: Sampled[] }> {
    const { job } = await call('/samples', { policies: [model.policy], responses, parameters, seed: 40 })
    const state = async () =>
      (await one(at.db, sql<{ state: string }>`SELECT state FROM jobs WHERE id = ${String(job)}`)).state
    await expect.poll(state, { timeout: 30_000, interval: 50 }).toBe('done')
    const rows = await all(
      at.db,
      sql<Sampled>`
        SELECT p.opening AS prompt, m.text, s.seed, s.tokens_out AS tokens, m.origin ->> 'finish' AS finish
        FROM samples s JOIN prompts p ON p.id = s.prompt_id JOIN messages m ON m.id = s.message_id WHERE s.job_id = ${String(job)}`,
    )
    return { job: String(job), rows }
  }
  const asked = (prompt: string) => [{ role: 'user', content: prompt }]

  it('answers each prompt as often as it is asked to; what does not fit fails alone, with its reason', async () => {
    const { job, rows } = await drawn({ temperature: 1, maxTokens: 30 }, 3)
    expect(rows).toHaveLength(36)
    expect(rows.every(({ tokens }) => tokens > 0 && tokens <= 30)).toBe(true)
    expect(new Set(rows.map(({ finish }) => finish))).toContain('length')
    expect(new Set(rows.map(({ text }) => text)).size).toBe(36)
    const failed = await all(
      at.db,
      sql<{ problem: { message: string; where: string } }>`
        SELECT problem FROM samples WHERE job_id = ${job} AND state = 'failed'`,
    )
    expect(failed).toHaveLength(3)
    expect(failed[0]!.problem).toMatchObject({ code: 'bad_input', message: /no room/, where: /policy local/ })
  })

  it('says the same again alone, from the seed that was recorded', async () => {
    const { rows } = await drawn({ temperature: 1, maxTokens: 20 }, 2)
    for (const { prompt, seed, text } of rows.slice(0, 8)) {
      const [again] = await http.models.sample(model, [{ conversation: asked(prompt), seed }], {
        temperature: 1,
        maxTokens: 20,
      })
      expect(again!.answer!.text.replaceAll('\0', '\uFFFD')).toBe(text)
    }
  })

  it('greedily says what `generate --temperature 0` says', async () => {
    const { rows } = await drawn({ temperature: 0, maxTokens: 25 }, 1)
    const local = await openLocalModel(folderOf(at.platform.dataDir, model))
    const decoder = await openDecoder({ ...local, threads: 1 })
    for (const { prompt, text } of rows) {
      const options = { maxTokens: 25, temperature: 0, seed: 0 }
      const [again] = await answer({ decoder, text: local.text }, [asked(prompt)], options)
      expect(again!.text).toBe(text)
    }
    await decoder.close()
  })

  it('answers a test call, by its own parameters', async () => {
    await http.call('PATCH', `/projects/${at.project}/policies/${model.policy}`, {
      key: lead.key,
      body: { parameters: { maxTokens: 4 } },
    })
    const answered = await call(`/policies/${model.policy}/test`, { prompt: 'hello' })
    expect(answered).toMatchObject({ text: expect.any(String), tokensOut: 4 })
  })

  it('knows how probable a response is, an empty one too', async () => {
    const other = await addModel(at, { name: 'other', seed: 2 })
    const items = [
      { prompt: asked('What is 1 plus one?'), response: 'It is 2.' },
      { prompt: asked('What is 2 plus one?'), response: '' },
    ]
    const [own, theirs] = [await http.models.logProbs(model, items), await http.models.logProbs(other, items)]
    expect(own[0]!.tokens).toBeGreaterThan(1)
    expect(own[1]!.tokens).toBe(1)
    expect(own[0]!.sum / own[0]!.tokens).toBeLessThan(0)
    expect(own[0]!.sum).not.toBe(theirs[0]!.sum)
    const [mean] = await http.models.scores(model, items)
    expect(mean).toBeCloseTo(own[0]!.sum / own[0]!.tokens, 5)
  })

  it('scores with a reward model, which gives no answers', async () => {
    const reward = await addModel(at, { name: 'reward', head: 'scalar' })
    const [one, two] = await http.models.scores(reward, [
      { prompt: asked('p'), response: 'yes' },
      { prompt: asked('p'), response: 'no, never' },
    ])
    expect(one).not.toBe(two)
    const answering = http.models.sample(reward, [{ conversation: asked('p'), seed: 1 }], { maxTokens: 2 })
    await expect(answering).rejects.toMatchObject({ code: 'bad_input' })
    await expect(http.models.logProbs(reward, [{ prompt: 'p', response: 'r' }])).rejects.toMatchObject({
      code: 'bad_input',
    })
  })
})
