// What a reward model thinks of junk, trained with and without pairs of an answer against itself spoiled (setting `spoiled`): the
// datasets of a demo's two rounds, the models that their reward models began with, the junk of the gates on held-out rows.
//   ./plumbline demo --data DEMO; npm run build; node bench/learning/spoiled.mjs DEMO OUT_DIR [--shares 0,0.15,0.5,1] [--seeds 4]
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { junkKinds, junkOf } from '../../dist/server/evaluate/head-to-head/junk.js'
import { openLocalModel } from '../../dist/server/models/local.js'
import { openScorer } from '../../dist/server/models/score.js'
import { runTraining } from '../../dist/server/trainer/schedule/run.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    shares: { type: 'string', default: '0,0.15,0.5,1' },
    seeds: { type: 'string', default: '4' },
    threads: { type: 'string', default: '2' },
  },
})
const [demo, out] = positionals
const program = fileURLToPath(new URL('../../plumbline', import.meta.url))
const plumbline = (...args) => execFileSync(program, [...args, '--data', demo, '--json'], { encoding: 'utf8' })
const [project] = JSON.parse(plumbline('project', 'list')).rows
const ofProject = ['--project', project.id]
const runs = JSON.parse(plumbline('run', 'list', ...ofProject)).filter(({ algorithm }) => algorithm === 'reward')
const settings = { steps: 100, batchSize: 16, learningRate: 6e-4, warmupSteps: 5, saveEvery: 1000, heldRows: 0 }
const mean = (all) => all.reduce((sum, value) => sum + value, 0) / all.length

for (const { name, snapshot, base } of runs.toReversed()) {
  const [rows, model] = [join(out, `rows of ${name}`), join(out, `base of ${name}`)]
  rmSync(rows, { recursive: true, force: true })
  rmSync(model, { recursive: true, force: true })
  const format = 'trl-preference-conversational'
  plumbline('dataset', 'export', snapshot.name, ...ofProject, '--format', format, '--out', rows)
  plumbline('model', 'export', base, ...ofProject, '--out', model)
  const [data, held] = [join(rows, 'train.jsonl'), join(rows, 'test.jsonl')]
  const real = readFileSync(held, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const asked = real.flatMap(({ prompt, chosen }, i) => {
    const answer = chosen.at(-1).content
    const junk = junkOf(prompt.at(-1).content, answer, i)
    return [answer, ...junkKinds.map((kind) => junk[kind])].map((response) => ({ prompt, response }))
  })
  for (const spoiled of values.shares.split(',').map(Number)) {
    const accuracies = []
    const above = Object.fromEntries(junkKinds.map((kind) => [kind, []]))
    for (let seed = 1; seed <= Number(values.seeds); seed++) {
      const to = join(out, 'run')
      rmSync(to, { recursive: true, force: true })
      const spec = { algorithm: 'reward', model, data, eval: held, out: to, seed, threads: Number(values.threads) }
      const done = await runTraining({ ...spec, ...settings, ...(spoiled ? { spoiled } : {}) })
      accuracies.push(done.eval.accuracy)
      const scorer = await openScorer(await openLocalModel(to), Number(values.threads))
      const scores = await scorer.score(asked, 512)
      await scorer.close()
      for (const i of real.keys()) {
        const [answer, ...junk] = scores.slice(i * (1 + junkKinds.length))
        for (const [k, kind] of junkKinds.entries())
          above[kind].push(junk[k] > answer ? 1 : junk[k] === answer ? 0.5 : 0)
      }
    }
    const shares = Object.fromEntries(junkKinds.map((kind) => [kind, Number(mean(above[kind]).toFixed(3))]))
    console.log(
      JSON.stringify({ reward: name, spoiled, rows: real.length, accuracy: mean(accuracies), accuracies, ...shares }),
    )
  }
}
