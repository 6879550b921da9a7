/**
 * Seconds from a command to its start event and to the end of its first step: the preset, and a LoRA on SmolLM2 with one
 * short row a step. Processes and their imports included.
 *
 *   npm run build; ./plumbline model add smollm2-135m; node bench/trainer/start.mjs [--rounds 3] [--threads 2]
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from './pytorch.mjs'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, threads: { type: 'string', default: '2' } },
})
const main = fileURLToPath(new URL('../../dist/server/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const data = join(folder, 'rows.jsonl')
const row = { prompt: 'about the river', completion: 'please take the stone thank you' }
writeFileSync(data, `${JSON.stringify(row)}\n`.repeat(16))

async function timesOf(model, batchSize, out) {
  const args = ['train', 'sft', '--model', model, '--data', data, '--out', out, '--steps', '1', '--json']
  const began = performance.now()
  const child = spawn(
    process.execPath,
    [main, ...args, '--batch-size', String(batchSize), '--threads', values.threads],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const times = {}
  for await (const line of createInterface({ input: child.stdout })) {
    const { event } = JSON.parse(line)
    times[event] ??= (performance.now() - began) / 1000
  }
  return times
}

for (const [model, batchSize] of [
  ['preset:1m', 16],
  ['smollm2-135m', 1],
]) {
  const rounds = []
  for (let round = 0; round < Number(values.rounds); round++)
    rounds.push(await timesOf(model, batchSize, join(folder, `${batchSize}-${round}`)))
  const [start, firstStep] = ['start', 'step'].map((event) => Number(median(rounds.map((r) => r[event])).toFixed(2)))
  console.log(JSON.stringify({ model, batchSize, threads: Number(values.threads), start, firstStep }))
}
rmSync(folder, { recursive: true })
