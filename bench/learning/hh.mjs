// Reward accuracy on held-out HH pairs of (a) the model that learns online, (b) a LoRA reward model on SmolLM2 and (c) DPO's
// implicit reward, each beside "the longer wins". Takes hours on two cores: stop it when you like, the same command goes on from the last state.
//   node bench/learning/hh.mjs OUT_DIR [--model smollm2-135m] [--most-tokens 128|256] [--pairs 400] [--steps 50] [--seeds 3]
//                                      [--only reward|dpo] [--threads 2]
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { difference, featuresOf } from '../../dist/server/learn/reward/features.js'
import { learn, newModel, predict } from '../../dist/server/learn/reward/model.js'
import { findModel } from '../../dist/server/models/local.js'
import { calibrationOf, orderingOf } from '../../dist/server/trainer/schedule/interval.js'
import { runTraining } from '../../dist/server/trainer/schedule/run.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'smollm2-135m' },
    'most-tokens': { type: 'string', default: '128' },
    pairs: { type: 'string', default: '400' },
    steps: { type: 'string', default: '50' },
    seeds: { type: 'string', default: '3' },
    only: { type: 'string' },
    threads: { type: 'string', default: '2' },
  },
})
const [out] = positionals
const model = await findModel(values.model, { say: console.error })
const rows = fileURLToPath(new URL('hh-rows.mjs', import.meta.url))
const data = join(out, `rows-${values['most-tokens']}`)
if (!existsSync(data))
  execFileSync(process.execPath, [rows, data, '--most-tokens', values['most-tokens'], '--tokenizer', model])
const lines = readFileSync(join(data, 'train.jsonl'), 'utf8').trim().split('\n').slice(0, Number(values.pairs))
const pairs = lines.length
const train = join(data, `train-${pairs}.jsonl`)
writeFileSync(train, `${lines.join('\n')}\n`)
const [steps, threads] = [Number(values.steps), Number(values.threads)]

// The online model reads each pair once, in the order of the file: it has no seed.
const readPairs = (part) =>
  part.map((line) => {
    const { chosen, rejected } = JSON.parse(line)
    const [good, bad] = [chosen[0].content, rejected[0].content]
    return { pair: difference(featuresOf(good), featuresOf(bad)), longer: good.length - bad.length }
  })
const online = newModel()
for (const { pair } of readPairs(lines)) learn(online, pair, 1)
const held = readPairs(readFileSync(join(data, 'eval.jsonl'), 'utf8').trim().split('\n'))
const margins = held.map(({ pair }) => {
  const { probability } = predict(online, pair)
  return Math.log(probability / (1 - probability))
})
const ordering = orderingOf(
  margins,
  held.map(({ longer }) => longer),
)
console.log(JSON.stringify({ algorithm: 'online', learned: pairs, ...ordering, ...calibrationOf(margins) }))

// Chosen beforehand: no rate was picked by what came out on the held-out pairs.
const algorithms = { reward: { learningRate: 5e-4 }, dpo: { learningRate: 2e-4, beta: 0.1 } }
for (const [algorithm, settings] of Object.entries(algorithms)) {
  if (values.only && values.only !== algorithm) continue
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const folder = join(out, `${algorithm}-${values['most-tokens']}-${seed}`)
    const result = join(folder, 'result.json')
    if (!existsSync(result)) {
      const before = process.cpuUsage()
      const done = await runTraining(
        {
          algorithm,
          model,
          data: train,
          eval: join(data, 'eval.jsonl'),
          out: folder,
          steps,
          batchSize: 16,
          threads,
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
      const { user, system } = process.cpuUsage(before)
      // Of this process alone: a run that was stopped between counts what came after.
      const cost = { processorSeconds: (user + system) / 1e6, peakMegabytes: process.resourceUsage().maxRSS / 1e3 }
      writeFileSync(result, JSON.stringify({ ...done, ...cost }, null, 2))
    }
    const { eval: figures, seconds, processorSeconds, peakMegabytes } = JSON.parse(readFileSync(result, 'utf8'))
    console.log(
      JSON.stringify({ algorithm, seed, learned: pairs, steps, seconds, processorSeconds, peakMegabytes, ...figures }),
    )
  }
}
