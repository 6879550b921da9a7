/**
 * Tokens a second of generation by SmolLM2-135M-Instruct, ours and transformers', in turn on the same threads and file.
 *
 *   npm run build; ./plumbline model add smollm2-135m
 *   python3 -m venv bench/trainer/.venv; bench/trainer/.venv/bin/pip install torch==2.13.0 transformers==5.18.0 gguf
 *   node bench/trainer/decode.mjs [--rounds N] [--threads N] [--cpu]
 *
 * `--cpu` counts processor time instead of the clock's, for machines that are busy with other things (see `train.mjs`).
 */
import { basename, dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { findModel, openLocalModel } from '../../dist/server/models/local.js'
import { openDecoder } from '../../dist/server/trainer/decode/decoder.js'
import { encodePrompt } from '../../dist/server/trainer/text/encoding.js'
import { median, openPython, peakMegabytes } from './pytorch.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    cpu: { type: 'boolean', default: false },
  },
})
const threads = Number(values.threads)
const { cpu } = values
const clock = () => {
  const { user, system } = process.cpuUsage()
  return cpu ? (user + system) / 1e6 : performance.now() / 1000
}
const path = await findModel('smollm2-135m')
const { config, weights, text } = await openLocalModel(path)
const decoder = await openDecoder({ config, weights, threads })
const reference = openPython('transformers_decode.py')
await reference.ask({ op: 'open', folder: dirname(path), file: basename(path), threads })
const prompt = encodePrompt(text, [{ role: 'user', content: 'Write a story about a lighthouse.' }])

for (const { rows, sample } of [
  { rows: 1, sample: false },
  { rows: 1, sample: true },
  { rows: 16, sample: false },
  { rows: 16, sample: true },
]) {
  const tokens = 64
  const [own, theirs] = [[], []]
  for (let round = 0; round <= Number(values.rounds); round++) {
    const start = clock()
    const options = { maxTokens: tokens, temperature: sample ? 1 : 0, seed: round, stopTokenIds: [] }
    await decoder.generate(Array(rows).fill(prompt), options)
    const seconds = clock() - start
    const other = await reference.ask({ op: 'generate', prompt, rows, tokens, sample, cpu })
    if (round === 0) continue
    own.push((rows * tokens) / seconds)
    theirs.push((rows * tokens) / other)
  }
  const [ours, transformers] = [median(own), median(theirs)].map((rate) => Number(rate.toFixed(1)))
  const ratio = Number((ours / transformers).toFixed(2))
  const megabytes = { ours: peakMegabytes(), transformers: reference.peakMegabytes() }
  console.log(JSON.stringify({ rows, sample, threads, cpu, tokensPerSecond: ours, transformers, ratio, megabytes }))
}
reference.close()
await decoder.close()
