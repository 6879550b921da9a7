/**
 * Seconds of an optimiser step of 16 preference pairs of at most 256 tokens: LoRA (rank 16, q and v) on SmolLM2 with a
 * scalar head, ours and TRL's RewardTrainer, on the same pairs and threads, one after the other.
 *
 *   npm run build; ./plumbline model add smollm2-135m
 *   python3 -m venv bench/trainer/.venv
 *   bench/trainer/.venv/bin/pip install torch==2.13.0 && bench/trainer/.venv/bin/pip install trl==1.13.0 \
 *     transformers==5.18.0 datasets==5.0.1 accelerate==1.15.0 peft==0.21.0 gguf
 *   node bench/trainer/reward.mjs PAIRS.jsonl [--steps N] [--threads N]       (rows of TRL: prompt, chosen, rejected)
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { findModel, openLocalModel } from '../../dist/server/models/local.js'
import { runTraining } from '../../dist/server/trainer/schedule/run.js'
import { encodeRow } from '../../dist/server/trainer/text/encoding.js'
import { preferenceRow, readLines } from '../../dist/server/trainer/text/rows.js'
import { median, openPython, peakMegabytes } from './pytorch.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: 'string', default: '4' }, threads: { type: 'string', default: '2' } },
})
const [steps, threads] = [Number(values.steps), Number(values.threads)]
const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const path = await findModel('smollm2-135m')
const { text } = await openLocalModel(path)
// TRL leaves longer pairs out; so that both train on the same, they are left out here.
const kept = readLines(positionals[0]).filter((line) => {
  const { prompt, chosen, rejected } = preferenceRow(line)
  return [chosen, rejected].every((response) => encodeRow(text, prompt, response, 100_000).tokens.length <= 256)
})
const data = join(folder, 'pairs.jsonl')
writeFileSync(
  data,
  kept
    .slice(0, 16 * steps)
    .map(({ fields }) => `${JSON.stringify(fields)}\n`)
    .join(''),
)

const own = []
let last = performance.now()
const spec = { algorithm: 'reward', model: path, data, out: join(folder, 'run'), steps, batchSize: 16, loraRank: 16 }
await runTraining(
  { ...spec, learningRate: 2e-4, maxLength: 256, saveEvery: 1000, seed: 1, threads },
  {
    onEvent: ({ event }) => {
      if (event === 'step') own.push((performance.now() - last) / 1000)
      if (event === 'step' || event === 'start') last = performance.now()
    },
  },
)
const reference = openPython('trl_reward.py')
const theirs = await reference.ask({ folder: dirname(path), file: basename(path), data, threads, steps })
const megabytes = { ours: peakMegabytes(), trl: reference.peakMegabytes() }
reference.close()
const [ours, trl] = [median(own), median(theirs)].map((seconds) => Number(seconds.toFixed(2)))
console.log(
  JSON.stringify({ pairs: 16, threads, secondsPerStep: ours, trl, ratio: Number((trl / ours).toFixed(2)), megabytes }),
)
rmSync(folder, { recursive: true })
