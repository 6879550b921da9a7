/**
 * The small loop on the 1M preset: fine-tuning from scratch, a reward model from pairs, GRPO against it, with the evaluation of each on
 * held-out rows. Seconds of the clock and of processor time, and how long each run takes to its first step.
 *
 *   npm run build; node bench/trainer/loop.mjs [--steps 60] [--threads 2]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runTraining } from '../../dist/server/trainer/schedule/run.js'

const { values } = parseArgs({
  options: { steps: { type: 'string', default: '60' }, threads: { type: 'string', default: '2' } },
})
const [steps, threads] = [Number(values.steps), Number(values.threads)]
const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const things = ['river', 'stone', 'cloud', 'maple', 'lamp', 'train', 'piano', 'salt']
const rows = Array.from({ length: 320 }, (_, i) => {
  const prompt = `about the ${things[i % 8]} ${i}`
  const thing = things[(i * 7 + 3) % 8]
  const [polite, rude] = [`please take the ${thing} thank you`, `take the ${thing} now you fool`]
  return { prompt, completion: i % 2 ? polite : rude, chosen: polite, rejected: rude }
})
const write = (name, fields, part) => {
  const path = join(folder, name)
  writeFileSync(path, part.map((row) => JSON.stringify(Object.fromEntries(fields.map((f) => [f, row[f]])))).join('\n'))
  return path
}
const files = (name, ...fields) => ({
  data: write(`${name}.jsonl`, fields, rows.slice(0, 256)),
  eval: write(`${name}-held.jsonl`, fields, rows.slice(256)),
})
const base = join(folder, 'base')
const reward = join(folder, 'reward')
const stations = [
  { algorithm: 'sft', model: 'preset:1m', out: base, steps, ...files('sft', 'prompt', 'completion') },
  { algorithm: 'reward', model: base, out: reward, steps, ...files('pairs', 'prompt', 'chosen', 'rejected') },
  {
    algorithm: 'grpo',
    model: base,
    rewardModel: reward,
    out: join(folder, 'policy'),
    steps: 40,
    maxTokens: 24,
    ...files('prompts', 'prompt'),
  },
]
const seconds = ({ user, system }) => (user + system) / 1e6
const total = [performance.now(), process.cpuUsage()]
for (const spec of stations) {
  const [started, cpu] = [performance.now(), process.cpuUsage()]
  let toFirstStep
  const { eval: measured } = await runTraining(
    { ...spec, seed: 3, threads },
    {
      onEvent: ({ event }) => {
        if (event === 'step') toFirstStep ??= (performance.now() - started) / 1000
      },
    },
  )
  const figures = { wall: (performance.now() - started) / 1000, cpu: seconds(process.cpuUsage(cpu)), toFirstStep }
  const rounded = Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(2))])
  console.log(JSON.stringify({ algorithm: spec.algorithm, ...Object.fromEntries(rounded), eval: measured }))
}
const wall = Number(((performance.now() - total[0]) / 1000).toFixed(1))
console.log(JSON.stringify({ loop: true, threads, wall, cpu: Number(seconds(process.cpuUsage(total[1])).toFixed(1)) }))
rmSync(folder, { recursive: true })
