// SmolLM2-135M toward an aim that a regular expression checks (aim-rows.mjs). A short SFT makes the form one that the policy
// can say; from there DPO on its own samples and GRPO, each judged by the rule alone. After each stage forty held-out
// prompts are answered greedily and sampled: how often the rule is kept, with interval, length, divergence, and what the
// answers lost. Goes on where it was stopped.
//   node bench/learning/aim.mjs OUT_DIR [MODEL] [--sft 20] [--dpo 16] [--grpo 12] [--only dpo|grpo] [--threads 2]
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findModel } from '../../dist/server/models/local.js'
import { openDecoder } from '../../dist/server/trainer/decode/decoder.js'
import { frozenModel } from '../../dist/server/trainer/schedule/frozen.js'
import { wilson } from '../../dist/server/trainer/schedule/interval.js'
import { runTraining } from '../../dist/server/trainer/schedule/run.js'
import { sourceOf, wholeWeights } from '../../dist/server/trainer/schedule/source.js'
import { encodePrompt } from '../../dist/server/trainer/text/encoding.js'
import { asked, followsAim, learned } from './aim-rows.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sft: { type: 'string', default: '20' },
    dpo: { type: 'string', default: '16' },
    grpo: { type: 'string', default: '12' },
    only: { type: 'string' },
    threads: { type: 'string', default: '2' },
  },
})
const [out, name = 'smollm2-135m'] = positionals
const threads = Number(values.threads)
mkdirSync(out, { recursive: true })
const base = await findModel(name, { say: console.error })
const maxTokens = 64

/** Answers kept on disk: each is computed once. */
async function kept(file, compute) {
  const path = join(out, file)
  if (!existsSync(path)) writeFileSync(path, JSON.stringify(await compute()))
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** `n` answers to each prompt. */
async function answersOf(folder, prompts, n, temperature) {
  const source = await sourceOf({ model: folder }, [])
  const decoder = await openDecoder({ config: source.config, weights: wholeWeights(source), threads })
  const ids = prompts.flatMap((prompt) => Array(n).fill(encodePrompt(source.text, [{ role: 'user', content: prompt }])))
  const completions = await decoder.generate(ids, { maxTokens, temperature, seed: 1 })
  await decoder.close()
  return completions.map(({ tokens, logProbs }, i) => ({
    prompt: prompts[Math.floor(i / n)],
    text: source.text.decode(tokens),
    ids: ids[i],
    tokens,
    logProbs: Array.from(logProbs),
  }))
}

const total = (numbers) => numbers.reduce((sum, x) => sum + x, 0)

/** Nats a token by which the policy that drew these samples has left the model in `folder`. */
async function divergence(folder, samples) {
  const source = await sourceOf({ model: folder }, [])
  const model = await frozenModel({ config: source.config, weights: wholeWeights(source), head: 'lm' }, threads)
  const rows = samples.map(({ ids, tokens }) => ({
    tokens: [...ids, ...tokens],
    mask: [...ids.map(() => 0), ...tokens.map(() => 1)],
  }))
  const reference = await model.forward(rows)
  await model.close()
  const nats = samples.map(({ logProbs }, i) => total(logProbs) - total(Array.from(reference[i])))
  return total(nats) / total(samples.map(({ tokens }) => tokens.length))
}

const shareOf = (answers) => {
  const n = answers.filter(({ text }) => followsAim(text)).length
  const { low, high } = wilson(n, answers.length)
  return { followed: n, of: answers.length, share: n / answers.length, low, high }
}
const content = (text) => new Set(text.toLowerCase().match(/[a-z]{4,}/g) ?? [])
const lastQuestion = (text) =>
  text
    .match(/[^.!?]*\?\s*$/)?.[0]
    .trim()
    .toLowerCase()

async function measure(stage, folder, references) {
  const greedy = await kept(`${stage}-greedy.json`, () => answersOf(folder, asked, 1, 0))
  const sampled = await kept(`${stage}-sampled.json`, () => answersOf(folder, asked, 2, 1))
  const questions = greedy.map(({ text }) => lastQuestion(text)).filter(Boolean)
  const kl = {}
  for (const [reference, path] of Object.entries(references))
    kl[reference] = await kept(`${stage}-to-${reference}.json`, () => divergence(path, sampled))
  return {
    greedy: shareOf(greedy),
    sampled: shareOf(sampled),
    meanTokens: total(greedy.map(({ tokens }) => tokens.length)) / greedy.length,
    kl,
    // A word of the prompt in the answer is a rough sign that it keeps to the point.
    namesThePoint: greedy.filter(({ prompt, text }) => [...content(prompt)].some((word) => content(text).has(word)))
      .length,
    // The rule does not ask for an answer before the question.
    onlyAsk: greedy.filter(({ text }) => text.trim().endsWith('?') && !/[.!]/.test(text)).length,
    questions: questions.length,
    distinctQuestions: new Set(questions).size,
  }
}

const write = (file, rows) => {
  const path = join(out, file)
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return path
}
const message = (role, text) => [{ role, content: text }]
const onEvent = (event) => {
  if (event.event === 'step')
    console.error(
      `step ${event.step}/${event.steps} loss ${event.loss.toFixed(4)} reward ${event.rewardMean?.toFixed(3)} kl ${event.kl?.toFixed(3)} length ${event.length?.toFixed(1)}, ${Math.round(event.etaSeconds)} s left`,
    )
}
const common = { batchSize: 8, seed: 1, maxLength: 192, saveEvery: 4, resume: true, threads }
const [warm, dpo, grpo] = ['sft', 'dpo', 'grpo'].map((stage) => join(out, stage))
const result = {}
const report = (stage, figures) => {
  result[stage] = figures
  writeFileSync(join(out, 'result.json'), JSON.stringify(result, null, 2))
  console.log(JSON.stringify({ stage, ...figures }))
}
async function run(folder, spec, options = {}) {
  const done = `${folder}.json`
  if (!existsSync(done)) {
    const before = process.cpuUsage()
    const { seconds, eval: figures } = await runTraining({ ...common, ...spec, out: folder }, { onEvent, ...options })
    const { user, system } = process.cpuUsage(before)
    const peakMegabytes = process.resourceUsage().maxRSS / 1e3
    writeFileSync(done, JSON.stringify({ seconds, processorSeconds: (user + system) / 1e6, peakMegabytes, ...figures }))
  }
  return JSON.parse(readFileSync(done, 'utf8'))
}

report('before', await measure('before', base, {}))
const rows = learned.map(([prompt, answer]) => ({
  prompt: message('user', prompt),
  completion: message('assistant', answer),
}))
const sft = { algorithm: 'sft', model: base, steps: Number(values.sft), learningRate: 1e-3, loraRank: 16 }
const first = await run(warm, { ...sft, data: write('rows.jsonl', rows) })
report('sft', { ...(await measure('sft', warm, { base })), ...first })

if (values.only !== 'grpo') {
  const prompts = learned.map(([prompt]) => prompt)
  const own = await kept('own-samples.json', () => answersOf(warm, prompts, 4, 1))
  // Of one prompt's samples each that keeps the rule beside one that does not; where none does, the written answer.
  const pairs = learned.flatMap(([prompt, answer]) => {
    const texts = own.filter((sample) => sample.prompt === prompt).map(({ text }) => text)
    const good = texts.filter(followsAim)
    const bad = texts.filter((text) => !followsAim(text))
    const chosen = good.length ? good : [answer]
    return bad.slice(0, 2).map((text, i) => ({
      prompt: message('user', prompt),
      chosen: message('assistant', chosen[i % chosen.length]),
      rejected: message('assistant', text),
    }))
  })
  const spec = { algorithm: 'dpo', model: warm, steps: Number(values.dpo), learningRate: 2e-4 }
  const figures = await run(dpo, { ...spec, data: write('pairs.jsonl', pairs) })
  report('dpo', {
    pairs: pairs.length,
    own: shareOf(own),
    ...(await measure('dpo', dpo, { base, sft: warm })),
    ...figures,
  })
}
if (values.only !== 'dpo') {
  const sampling = { batchSize: 4, groupSize: 8, maxTokens: 48, truncationPenalty: 0 }
  const spec = { algorithm: 'grpo', model: warm, steps: Number(values.grpo), learningRate: 3e-4, ...sampling }
  const data = write(
    'prompts.jsonl',
    rows.map(({ prompt }) => ({ prompt })),
  )
  const reward = async (items) => items.map(({ response }) => Number(followsAim(response)))
  const figures = await run(grpo, { ...spec, data }, { reward })
  report('grpo', { ...(await measure('grpo', grpo, { base, sft: warm })), ...figures })
}
write(
  'samples.jsonl',
  asked.slice(0, 20).map((prompt, i) => {
    const stages = Object.keys(result)
    const texts = stages.map((stage) => JSON.parse(readFileSync(join(out, `${stage}-greedy.json`), 'utf8'))[i].text)
    return { prompt, ...Object.fromEntries(stages.map((stage, n) => [stage, texts[n]])) }
  }),
)
