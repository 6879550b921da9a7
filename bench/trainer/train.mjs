/**
 * Tokens a second of training, ours and PyTorch's, in turn (A-B-A-B) in one run on the same threads.
 *
 *   npm run build; python3 -m venv bench/trainer/.venv; bench/trainer/.venv/bin/pip install torch==2.13.0 numpy
 *   node bench/trainer/train.mjs [1m|7m|lora ...] [--rounds N] [--threads N] [--modes eager,fused,compile] [--cpu]
 *
 * `--cpu` counts processor time instead of the clock's: with one thread, a fair measure on a machine that is busy with
 * other things, where PyTorch's waiting threads would be counted against it.
 *
 * `lora` is the shape of SmolLM2-135M with random weights. Prints one JSON line per shape; ratio above 1: ours is faster.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeSafetensors } from '../../dist/server/trainer/checkpoint/safetensors.js'
import { presets } from '../../dist/server/trainer/model/config.js'
import { initialAdapter, initialWeights } from '../../dist/server/trainer/model/parameters.js'
import { openTrainingSession } from '../../dist/server/trainer/model/training.js'
import { randomOf } from '../../dist/server/trainer/random.js'
import { median, openPython, peakMegabytes } from './pytorch.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    cpu: { type: 'boolean', default: false },
    modes: { type: 'string', default: 'eager,fused,compile' },
  },
})
const threads = Number(values.threads)

const smollm2 = {
  ...presets['preset:30m'],
  vocabSize: 49_152,
  hiddenSize: 576,
  intermediateSize: 1536,
  layers: 30,
  heads: 9,
  keyValueHeads: 3,
  headDim: 64,
  ropeTheta: 100_000,
}
const shapes = {
  '1m': { config: presets['preset:1m'], rows: 16, length: 128, steps: 8 },
  '7m': { config: presets['preset:7m'], rows: 8, length: 256, steps: 3 },
  lora: {
    config: smollm2,
    rows: 2,
    length: 256,
    steps: 1,
    adapter: { rank: 16, alpha: 32, targets: ['q_proj', 'v_proj'], dropout: 0 },
  },
}

const learningRate = 1e-3
const { cpu } = values
const clock = () => {
  const { user, system } = process.cpuUsage()
  return cpu ? (user + system) / 1000 : performance.now()
}
const folder = mkdtempSync(join(tmpdir(), 'bench-'))

async function ours(session, { config, rows, length, steps }, random) {
  const durations = []
  for (let step = 0; step < steps; step++) {
    const batch = Array.from({ length: rows }, () => ({
      tokens: Int32Array.from({ length }, () => random.integer(config.vocabSize)),
      mask: Uint8Array.from({ length }, (_, i) => (i ? 1 : 0)),
    }))
    const start = clock()
    const share = 1 / (rows * (length - 1))
    await session.accumulate(
      batch,
      batch.map(() => new Float32Array(length - 1).fill(share)),
    )
    session.update({ learningRate })
    durations.push(clock() - start)
  }
  return durations
}

for (const name of positionals.length ? positionals : ['1m', '7m', 'lora']) {
  const shape = shapes[name]
  const { config, adapter, rows, length, steps } = shape
  const weights = initialWeights(config, 1)
  if (adapter) adapter.weights = initialAdapter(config, adapter, 1)
  const path = join(folder, `${name}.safetensors`)
  writeSafetensors(path, new Map([...weights, ...(adapter?.weights ?? [])]))
  const session = await openTrainingSession({ config, weights, adapter, head: 'lm', threads, seed: 1 })
  const random = randomOf(1)
  const modes = []
  for (const mode of values.modes.split(',')) {
    const reference = openPython('reference.py')
    const plain = adapter ? { ...adapter, weights: undefined } : null
    await reference.ask({ op: 'open', weights: path, config, head: 'lm', adapter: plain, threads, mode })
    modes.push({ mode, reference, durations: [] })
  }
  const times = []
  for (let round = 0; round <= Number(values.rounds); round++) {
    const own = await ours(session, shape, random)
    if (round > 0) times.push(...own)
    for (const { reference, durations } of modes) {
      const { ms } = await reference.ask({ op: 'time', rows, length, steps, learning_rate: learningRate, cpu })
      // The first round warms up and compiles.
      if (round > 0) durations.push(...ms)
    }
  }
  const rate = (durations) => Math.round((rows * length * 1000) / median(durations))
  const others = Object.fromEntries(modes.map(({ mode, durations }) => [mode, rate(durations)]))
  const tokensPerSecond = rate(times)
  const ratio = Number((tokensPerSecond / Math.max(...Object.values(others))).toFixed(3))
  // Of this process since its start: for the peak of one shape, run it alone.
  const megabytes = {
    ours: peakMegabytes(),
    ...Object.fromEntries(modes.map(({ mode, reference }) => [mode, reference.peakMegabytes()])),
  }
  console.log(JSON.stringify({ shape: name, threads, cpu, tokensPerSecond, pytorch: others, ratio, megabytes }))
  for (const { reference } of modes) reference.close()
  await session.close()
}
rmSync(folder, { recursive: true })
