// Reward accuracy on held-out HH pairs of (b) a LoRA reward model on SmolLM2 and (c) DPO's implicit reward, each beside
// "the longer wins". Takes hours on two cores: stop it when you like, the same command goes on from the last state.
//   node bench/learning/hh.mjs OUT_DIR [--model smollm2-135m] [--most-tokens 128|256] [--seeds 3] [--epochs 2] [--only reward|dpo]
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findModel } from '../../dist/server/models/local.js'
import { runTraining } from '../../dist/server/trainer/schedule/run.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'smollm2-135m' },
    'most-tokens': { type: 'string', default: '128' },
    seeds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
})
const [out] = positionals
const model = await findModel(values.model, { say: console.error })
const rows = fileURLToPath(new URL('hh-rows.mjs', import.meta.url))
const data = join(out, `rows-${values['most-tokens']}`)
if (!existsSync(data))
  execFileSync(process.execPath, [rows, data, '--most-tokens', values['most-tokens'], '--tokenizer', model])
const pairs = readFileSync(join(data, 'train.jsonl'), 'utf8').trim().split('\n').length
const batchSize = 16
const steps = Math.ceil((pairs * Number(values.epochs)) / batchSize)

const algorithms = { reward: { learningRate: 3e-4 }, dpo: { learningRate: 1e-4, beta: 0.1 } }
for (const [algorithm, settings] of Object.entries(algorithms)) {
  if (values.only && values.only !== algorithm) continue
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const folder = join(out, `${algorithm}-${values['most-tokens']}-${seed}`)
    const result = join(folder, 'result.json')
    if (!existsSync(result)) {
      const done = await runTraining(
        {
          algorithm,
          model,
          data: join(data, 'train.jsonl'),
          eval: join(data, 'eval.jsonl'),
          out: folder,
          steps,
          batchSize,
          seed,
          loraRank: 16,
          saveEvery: 5,
          resume: true,
          ...settings,
        },
        {
          onEvent: (event) => {
            if (event.event === 'step')
              console.error(
                `${algorithm} seed ${seed}: step ${event.step}/${steps} loss ${event.loss.toFixed(4)}, ${Math.round(event.etaSeconds / 60)} minutes left`,
              )
          },
        },
      )
      writeFileSync(result, JSON.stringify(done, null, 2))
    }
    const { eval: figures, seconds } = JSON.parse(readFileSync(result, 'utf8'))
    console.log(JSON.stringify({ algorithm, seed, pairs, steps, seconds, ...figures }))
  }
}
