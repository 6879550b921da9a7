// SFT and then DPO on SmolLM2-135M toward an aim that a regular expression checks (aim-rows.mjs): how often held-out
// answers follow it before, between and after, with interval, length, and the answers themselves. Goes on where it was
// stopped. DPO alone only makes the usual answers less likely: the aimed-at form must first be one the policy can say.
//   node bench/learning/aim.mjs OUT_DIR [MODEL] [--sft STEPS] [--dpo STEPS]
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findModel } from '../../dist/server/models/local.js'
import { openDecoder } from '../../dist/server/trainer/decode/decoder.js'
import { wilson } from '../../dist/server/trainer/schedule/interval.js'
import { runTraining } from '../../dist/server/trainer/schedule/run.js'
import { sourceOf, wholeWeights } from '../../dist/server/trainer/schedule/source.js'
import { encodePrompt } from '../../dist/server/trainer/text/encoding.js'
import { asked, followsAim, learned } from './aim-rows.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sft: { type: 'string', default: '42' }, dpo: { type: 'string', default: '16' } },
})
const [out, name = 'smollm2-135m'] = positionals
mkdirSync(out, { recursive: true })
const model = await findModel(name, { say: console.error })
const maxTokens = 64

/** Greedy answers, kept on disk: each is computed once. */
async function answers(folder, prompts, file) {
  const path = join(out, file)
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'))
  const source = await sourceOf({ model: folder }, [])
  const decoder = await openDecoder({ config: source.config, weights: wholeWeights(source) })
  const ids = prompts.map((prompt) => encodePrompt(source.text, [{ role: 'user', content: prompt }]))
  const completions = await decoder.generate(ids, { maxTokens, temperature: 0, seed: 0 })
  await decoder.close()
  const texts = completions.map(({ tokens, finish }) => ({
    text: source.text.decode(tokens),
    tokens: tokens.length,
    finish,
  }))
  writeFileSync(path, JSON.stringify(texts))
  return texts
}

const share = (texts) => {
  const n = texts.filter(({ text }) => followsAim(text)).length
  const { low, high } = wilson(n, texts.length)
  return {
    followed: n,
    of: texts.length,
    share: n / texts.length,
    low,
    high,
    meanTokens: texts.reduce((sum, { tokens }) => sum + tokens, 0) / texts.length,
  }
}

const usual = await answers(
  model,
  learned.map(([prompt]) => prompt),
  'usual.json',
)
const before = await answers(model, asked, 'before.json')
const data = join(out, 'pairs.jsonl')
const message = (role, content) => [{ role, content }]
writeFileSync(
  data,
  learned
    .map(([prompt, answer], i) =>
      JSON.stringify({
        prompt: message('user', prompt),
        chosen: message('assistant', answer),
        rejected: message('assistant', usual[i].text),
      }),
    )
    .join('\n'),
)
const onEvent = (event) =>
  event.event === 'step' && console.error(`step ${event.step}/${event.steps} loss ${event.loss.toFixed(4)}`)
const common = { data, batchSize: 8, seed: 1, maxLength: 192, saveEvery: 4, resume: true }
const [sft, dpo] = [join(out, 'sft'), join(out, 'dpo')]
const result = { before: share(before) }
const report = () => {
  writeFileSync(join(out, 'result.json'), JSON.stringify(result, null, 2))
  console.log(JSON.stringify({ ...result, samples: undefined }))
}
const first = await runTraining(
  { ...common, algorithm: 'sft', model, out: sft, steps: Number(values.sft), learningRate: 1e-3, loraRank: 16 },
  { onEvent },
)
const between = await answers(sft, asked, 'between.json')
Object.assign(result, { sft: share(between), sftSeconds: first.seconds })
result.samples = asked.map((prompt, i) => ({ prompt, before: before[i].text, sft: between[i].text }))
report()
const second = await runTraining(
  { ...common, algorithm: 'dpo', model: sft, out: dpo, steps: Number(values.dpo), learningRate: 2e-4 },
  { onEvent },
)
const after = await answers(dpo, asked, 'after.json')
Object.assign(result, { dpo: share(after), dpoSeconds: second.seconds })
for (const [i, sample] of result.samples.entries()) sample.dpo = after[i].text
report()
