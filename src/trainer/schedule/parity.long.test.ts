/**
 * The same run in PyTorch, TRL's own losses, and files that transformers and peft open. Needs Python: the first run makes
 * a virtual environment (a few minutes, about 2 GB); PLUMBLINE_TRAINER_VENV names one that is kept elsewhere.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { askPython, missingTrainerPython } from '../../../test/python.ts'
import { directPreference } from '../algorithms/dpo.ts'
import { groupRelative } from '../algorithms/grpo.ts'
import { kahnemanTversky, referencePoint } from '../algorithms/kto.ts'
import { writeFolder } from '../checkpoint/folder.ts'
import { openCheckpoint } from '../checkpoint/open.ts'
import { quantisations } from '../checkpoint/quantised.ts'
import { openDecoder } from '../decode/decoder.ts'
import { type ModelConfig, presets } from '../model/config.ts'
import { initialWeights } from '../model/parameters.ts'
import { randomOf } from '../random.ts'
import { trainTokenizer } from '../text/bpe.ts'
import { encodeRow, scored } from '../text/encoding.ts'
import { preferenceRow, readLines } from '../text/rows.ts'
import { tokenizerFrom } from '../text/tokenizer.ts'
import { batchesFrom } from './batches.ts'
import { frozenModel } from './frozen.ts'
import { rateAt } from './rate.ts'
import { runTraining } from './run.ts'
import { wholeWeights } from './source.ts'

const scripts = fileURLToPath(new URL('../../../python/trainer-parity/', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'parity-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const at = (name: string) => join(root, name)
const model = at('model')
const pairs = at('pairs.jsonl')
let missing: string | undefined

const orSkip = (context: TestContext) => context.skip(missing !== undefined, `SKIPPED: ${missing}`)

const ask = (script: string, ...args: string[]): unknown => askPython(join(scripts, script), ...args)
function askAbout(script: string, job: unknown, ...before: string[]): unknown {
  const path = at('job.json')
  writeFileSync(path, JSON.stringify(job))
  return ask(script, ...before, path)
}

const things = ['river', 'stone', 'cloud', 'maple', 'lamp', 'train', 'piano', 'salt']
const lines = Array.from({ length: 120 }, (_, i) =>
  JSON.stringify({
    prompt: `about the ${things[i % 8]} ${i}`,
    chosen: ` please take the ${things[(i * 7) % 8]}${i % 3 ? '' : ' and rest a while'} thank you`,
    rejected: ` take the ${things[(i * 5) % 8]} now you fool`,
  }),
)
let config: ModelConfig

beforeAll(() => {
  writeFileSync(pairs, lines.join('\n'))
  const tokenizer = trainTokenizer(lines, 400, { chat: false })
  config = {
    ...presets['preset:1m'],
    vocabSize: tokenizerFrom(tokenizer).size,
    hiddenSize: 64,
    intermediateSize: 96,
    layers: 2,
    heads: 4,
    keyValueHeads: 2,
    headDim: 16,
    maxPositions: 128,
    bosTokenId: 0,
    eosTokenIds: [2],
    padTokenId: 0,
  }
  writeFolder(model, { config, weights: initialWeights(config, 7), head: 'lm', tokenizer, generation: {} })
  missing = missingTrainerPython()
}, 1_500_000)

it('quantised blocks expand as in llama.cpp', (context) => {
  orSkip(context)
  const random = randomOf(21)
  const blocks = [...quantisations]
    .filter(([, { halves }]) => halves.length > 0)
    .map(([type, quantisation]) => {
      const bytes = Uint8Array.from({ length: 64 * quantisation.bytes }, () => random.integer(256))
      // Scales of moderate size: their upper byte within 0x24 and 0x2b.
      for (const half of quantisation.halves)
        for (let at = half; at < bytes.length; at += quantisation.bytes) bytes[at + 1] = 0x24 + (bytes[at + 1]! & 7)
      return { type, quantisation, bytes }
    })
  const job = { blocks: blocks.map(({ type, bytes }) => ({ type, hex: Buffer.from(bytes).toString('hex') })) }
  const theirs = askAbout('blocks.py', job) as number[][]
  for (const [i, { quantisation, bytes }] of blocks.entries()) {
    const out = new Float32Array(64 * quantisation.numbers)
    quantisation.decode(bytes, out)
    expect(theirs[i]!.length, quantisation.name).toBe(out.length)
    out.forEach((x, n) => {
      expect(Math.abs(x - theirs[i]![n]!), quantisation.name).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(x)))
    })
  }
})

describe('50 steps are those of PyTorch', () => {
  it.for(['sft', 'dpo', 'reward'] as const)('%s', async (algorithm, context) => {
    orSkip(context)
    const settings = { seed: 11, batchSize: 8, learningRate: 2e-3, steps: 50, beta: 0.1 }
    const losses: number[] = []
    await runTraining(
      { algorithm, model, data: pairs, out: at(`run-${algorithm}`), schedule: 'cosine', warmupSteps: 5, ...settings },
      { onEvent: (event) => event.event === 'step' && losses.push(event.loss) },
    )
    const { text } = await sourceText()
    const rows = readLines(pairs).map((line) => {
      const { prompt, chosen, rejected } = preferenceRow(line)
      const both = [chosen, rejected].map((answer) => encodeRow(text, prompt, answer, 128))
      return algorithm === 'sft' ? both.slice(0, 1) : algorithm === 'reward' ? both.map(scored) : both
    })
    const lengths = rows.map((row) => row.reduce((total, { tokens }) => total + tokens.length, 0))
    const batches = batchesFrom(lengths, settings.batchSize, settings.seed)
    const steps = losses.map((_, i) => ({
      learningRate: rateAt(i + 1, { peak: settings.learningRate, steps: 50, warmupSteps: 5, schedule: 'cosine' }),
      rows: batches(i + 1).rows.flatMap((row) => rows[row]),
    }))
    const theirs = askAbout('reference.py', { folder: model, algorithm, beta: settings.beta, steps }) as {
      losses: number[]
    }
    expect(theirs.losses.length).toBe(50)
    losses.forEach((loss, i) => {
      expect(Math.abs(loss - theirs.losses[i]) / Math.max(Math.abs(theirs.losses[i]), 1e-3)).toBeLessThan(1e-3)
    })
  })
})

async function sourceText() {
  const checkpoint = await openCheckpoint(model)
  return { text: tokenizerFrom(checkpoint.tokenizer, checkpoint.config.eosTokenIds) }
}

describe('losses are those of TRL on the same log-probabilities', () => {
  const random = randomOf(3)
  const rows = (lengths: number[]) =>
    lengths.map((length) => Array.from({ length }, () => -0.05 - 4 * random.uniform()))
  const near = (logps: number[][], by: number) =>
    logps.map((row) => row.map((x) => Math.min(-0.01, x + by * (random.uniform() - 0.5))))

  it('DPO, IPO, KTO, GRPO', (context) => {
    orSkip(context)
    const pair = () => {
      const policy = { chosen: rows([5, 3, 7]), rejected: rows([2, 6, 4]) }
      return { policy, reference: { chosen: near(policy.chosen, 0.8), rejected: near(policy.rejected, 0.8) } }
    }
    const dpo = [
      { ...pair(), beta: 0.1, loss: 'sigmoid' as const, labelSmoothing: 0 },
      { ...pair(), beta: 0.7, loss: 'ipo' as const, labelSmoothing: 0 },
    ]
    const kto = [0.1, 0.6].map((beta) => {
      const policy = rows([4, 6, 3, 5])
      const crossed = rows([3, 5, 4, 6])
      return {
        policy,
        reference: near(policy, 0.8),
        mismatched: { policy: crossed, reference: near(crossed, 0.5).map((row) => row.map((x) => x - 0.1)) },
        desirable: [true, false, false, true],
        beta,
        desirableWeight: 1,
        undesirableWeight: 1.3,
      }
    })
    const grpo = (['sequence', 'token', 'constant'] as const).map((average) => {
      const policy = rows([5, 8])
      return {
        policy,
        old: near(policy, 0.9),
        reference: near(policy, 0.8),
        advantages: [1.2, -0.7],
        beta: 0.04,
        epsilon: 0.2,
        average,
        maxTokens: 16,
      }
    })
    const theirs = askAbout('trl_losses.py', { dpo, kto, grpo }, model) as Record<string, number[]>
    dpo.forEach((c, i) => {
      expect(directPreference(c.policy, c.reference, c).loss).toBeCloseTo(theirs.dpo[i], 5)
    })
    kto.forEach((c, i) => {
      const z = referencePoint(c.mismatched.policy, c.mismatched.reference)
      expect(kahnemanTversky(c.policy, c.reference, c.desirable, z, c).loss).toBeCloseTo(theirs.kto[i], 5)
    })
    grpo.forEach((c, i) => {
      expect(groupRelative(c, c.advantages, c).loss).toBeCloseTo(theirs.grpo[i], 5)
    })
  })
})

describe('transformers and peft open what was written, with the same outputs', () => {
  const prompts = [[0, 20, 30, 40, 50], [0, 60], Array.from({ length: 40 }, (_, i) => 10 + i)]
  const logitsOf = async (folder: string) => {
    const checkpoint = await openCheckpoint(folder)
    const decoder = await openDecoder({ config: checkpoint.config, weights: wholeWeights(checkpoint) })
    const all = { temperature: 0, maxTokens: 1, seed: 0, topLogProbs: checkpoint.config.vocabSize }
    const completions = await decoder.generate(prompts, all)
    await decoder.close()
    return completions.map(({ topLogProbs }) => topLogProbs![0])
  }
  const logSoftmax = (logits: number[]) => {
    const top = Math.max(...logits)
    const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x - top), 0)) + top
    return logits.map((x) => x - total)
  }

  it('a model, its tokenizer, an adapter, a reward model', async (context) => {
    orSkip(context)
    const spec = { model, data: pairs, steps: 5, batchSize: 8, seed: 1, learningRate: 3e-3 }
    await runTraining({ ...spec, algorithm: 'sft', out: at('full') })
    await runTraining({
      ...spec,
      algorithm: 'sft',
      out: at('lora'),
      loraRank: 4,
      loraTargets: ['q_proj', 'v_proj', 'down_proj'],
    })
    await runTraining({ ...spec, algorithm: 'reward', out: at('rm') })
    await runTraining({ ...spec, algorithm: 'reward', out: at('rm-lora'), loraRank: 4 })
    for (const adapter of ['lora', 'rm-lora']) {
      const checkpoint = await openCheckpoint(at(adapter))
      writeFolder(at(`${adapter}-merged`), { ...checkpoint, weights: wholeWeights(checkpoint) })
    }
    const text = 'please take the river now, Übergröße 東京 🙂 12345'
    const checks = [
      { kind: 'lm', folder: at('full'), rows: prompts, text },
      { kind: 'adapter', folder: at('lora'), base: model, rows: prompts },
      { kind: 'lm', folder: at('lora-merged'), rows: prompts },
      { kind: 'reward', folder: at('rm'), rows: prompts },
      { kind: 'reward adapter', folder: at('rm-lora'), base: model, rows: prompts },
      { kind: 'reward', folder: at('rm-lora-merged'), rows: prompts },
    ]
    const theirs = askAbout('loads.py', { checks }) as { outputs: number[][]; ids?: number[] }[]
    for (const [i, folder] of [at('full'), at('lora'), at('lora')].entries()) {
      const ours = await logitsOf(folder)
      ours.forEach((row, n) => {
        const expected = logSoftmax(theirs[i].outputs[n])
        for (const { id, logprob } of row) expect(Math.abs(logprob - expected[id])).toBeLessThan(1e-4)
      })
    }
    expect(theirs[0].ids).toEqual((await sourceText()).text.encode(text))
    for (const [i, folder] of [at('rm'), at('rm-lora'), at('rm-lora')].entries()) {
      const checkpoint = await openCheckpoint(folder)
      const frozen = await frozenModel({ ...checkpoint, weights: wholeWeights(checkpoint) })
      const scores = await frozen.forward(prompts.map((tokens) => scored({ tokens, mask: [] })))
      await frozen.close()
      scores.forEach(([score], n) => {
        expect(score).toBeCloseTo(theirs[3 + i].outputs[n][0], 4)
      })
    }
  })
})
