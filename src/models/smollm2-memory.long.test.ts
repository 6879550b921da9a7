/**
 * What training an adapter on SmolLM2-135M takes of memory: a process each, two steps of rows of 256 tokens. Within 3 GB, and
 * within what the run has said beforehand that it takes. Runs what was built (dist).
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import type { RunSpec } from '../trainer/schedule/spec.ts'
import { catalogued } from './catalogue.ts'
import { fetchModel } from './fetch.ts'

const entry = new URL('../../dist/server/trainer/schedule/run.js', import.meta.url)
const path = await fetchModel(catalogued('smollm2-135m')!, () => {}).catch(() => undefined)
const missing = !existsSync(entry) ? 'nothing is built' : path ? '' : 'smollm2-135m cannot be fetched'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-memory-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const data = join(folder, 'pairs.jsonl')
const words = (n: number, from: number) => Array.from({ length: n }, (_, i) => `word${(i * 7 + from) % 90}`).join(' ')
const pairs = Array.from({ length: 32 }, (_, i) => ({
  prompt: words(40, i),
  chosen: words(40, i + 1),
  rejected: words(38, i + 2),
}))
writeFileSync(data, pairs.map((pair) => JSON.stringify(pair)).join('\n'))

const script = `
import { runTraining } from ${JSON.stringify(entry.href)}
let estimated = 0
const done = await runTraining(JSON.parse(process.argv[1]), {
  onEvent: (event) => { if (event.event === 'start') estimated = event.estimatedBytes },
})
console.log(JSON.stringify({ steps: done.steps, estimated, peak: process.resourceUsage().maxRSS * 1024 }))`

async function peakOf(spec: Partial<RunSpec> & Pick<RunSpec, 'algorithm'>) {
  const whole = { model: path, data, eval: data, steps: 2, batchSize: 4, maxLength: 256, loraRank: 16, ...spec }
  const args = ['--input-type=module', '-e', script, JSON.stringify({ ...whole, out: join(folder, spec.algorithm) })]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 })
  return JSON.parse(stdout) as { steps: number; estimated: number; peak: number }
}

describe.skipIf(missing)(`SmolLM2 with an adapter${missing && ` (SKIPPED: ${missing})`}`, { timeout: 900_000 }, () => {
  it.each<Partial<RunSpec> & Pick<RunSpec, 'algorithm'>>([
    { algorithm: 'sft' },
    { algorithm: 'reward' },
    { algorithm: 'dpo' },
    { algorithm: 'grpo', rewardModel: join(folder, 'reward'), batchSize: 2, groupSize: 4, maxTokens: 48 },
  ])('$algorithm takes no more than 3 GB, and no more than it said', async (spec) => {
    const { steps, estimated, peak } = await peakOf(spec)
    expect(steps).toBe(2)
    expect(peak).toBeLessThan(3e9)
    expect(peak).toBeLessThan(estimated)
  })
})
