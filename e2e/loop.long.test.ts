/** The loop closes on real pairs with a pretrained model: SmolLM2 is fetched, tuned by DPO for 20 steps, and measured. */
import { describe, expect, it } from 'vitest'
import { havePairs, stage, unlessSkipped } from './stage.ts'
import { faults, type Loop, startLoop, turnRound } from './whole-loop.ts'

const set = stage(havePairs)
let loop: Loop

interface Policies {
  rows: { id: string; name: string; checkpointId: string | null }[]
}

const title = `the loop closes with SmolLM2${unlessSkipped}`
describe.skipIf(!havePairs)(title, () => {
  it('judges real pairs and adds the model, fetched where it is not there yet', async () => {
    loop = await startLoop(set)
    expect(await loop.judge(10)).toBe(20)
    await loop.api('POST', '/models', { source: 'smollm2-135m' })
    const found = async () =>
      (await loop.api<Policies>('GET', '/policies')).rows.some(({ checkpointId }) => checkpointId)
    await expect.poll(found, { timeout: 300_000, interval: 1000 }).toBe(true)
  }, 420_000)

  it('goes round with 20 steps of DPO', async () => {
    const { rows } = await loop.api<Policies>('GET', '/policies')
    const policy = rows.find(({ checkpointId }) => checkpointId)!.id
    const parameters = { temperature: 0.8, maxTokens: 32 }
    const plan = {
      policy,
      prompts: { limit: 12 },
      samples: { parameters },
      judgements: { overlap: 1 },
      reward: { source: 'online' },
      training: { algorithm: 'dpo', settings: { steps: 20, batchSize: 2, maxLength: 256, loraRank: 16 } },
      evaluation: { limit: 6, parameters },
    }
    await loop.api('POST', '/rounds', { plan })
    await turnRound(loop, 1200)
    expect(faults(loop)).toEqual([])
  }, 3_600_000)
})
