import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isBuilt, writeModel } from '../../test/checkpoint.ts'
import type { BackgroundModel } from './background.ts'
import { modelPool } from './pool.ts'

const folder = mkdtempSync(join(tmpdir(), 'pool-'))
const [one, two, late] = ['one', 'two', 'late'].map((name) => join(folder, name)) as [string, string, string]
const greedy = { maxTokens: 60, temperature: 0, seed: 0 }
const answered = (model: BackgroundModel) => model.sample(['hello'], greedy)

describe.skipIf(!isBuilt)('open models (needs npm run build)', () => {
  beforeAll(async () => {
    await writeModel(one)
    await writeModel(two, { seed: 2 })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('closes what was used longest ago when there are too many, but never one that is at work', async () => {
    const pool = modelPool({ most: 1, threads: 1 })
    const [first, second] = await Promise.all([pool.use(one, answered), pool.use(two, answered)])
    expect(first[0]!.answer!.tokens).toHaveLength(60)
    expect(second[0]!.answer!.tokens).toHaveLength(60)
    let kept: BackgroundModel | undefined
    await pool.use(one, async (model) => {
      kept = model
    })
    await pool.use(two, answered)
    await expect.poll(() => answered(kept!).catch(({ code }) => code)).toBe('unavailable')
    await pool.close()
  })

  it('closes by weights too, and after a while of rest', async () => {
    const pool = modelPool({ parameters: 1_000_000, threads: 1, idleMs: 200 })
    const models: BackgroundModel[] = []
    for (const path of [one, two]) await pool.use(path, async (model) => void models.push(model))
    for (const model of models) await expect.poll(() => answered(model).catch(({ code }) => code)).toBe('unavailable')
    expect((await pool.use(one, answered))[0]!.answer).toBeDefined()
    await pool.close()
  })

  it('tries again where a model did not open', async () => {
    const pool = modelPool({ threads: 1 })
    await expect(pool.use(late, answered)).rejects.toMatchObject({ code: 'not_found' })
    await writeModel(late)
    expect((await pool.use(late, answered))[0]!.answer).toBeDefined()
    await pool.close()
  })

  it('opens a model again whose thread is gone', async () => {
    const pool = modelPool({ threads: 1 })
    await pool.use(one, (model) => model.close())
    expect((await pool.use(one, answered))[0]!.answer).toBeDefined()
    await pool.close()
  })

  it('ends what it was sampling when it is told to', async () => {
    const pool = modelPool({ threads: 1 })
    const control = new AbortController()
    const sampling = pool.use(one, (model) => {
      setTimeout(() => control.abort(new Error('enough')), 100)
      return model.sample(['hello'], { ...greedy, maxTokens: 900, signal: control.signal })
    })
    await expect(sampling).rejects.toThrow('enough')
    await pool.close()
  })
})
