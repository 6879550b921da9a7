import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFolder } from '../checkpoint/folder.ts'
import { openCheckpoint } from '../checkpoint/open.ts'
import { readSafetensors } from '../checkpoint/safetensors.ts'
import { type ModelConfig, presets } from '../model/config.ts'
import { initialWeights } from '../model/parameters.ts'
import { randomOf } from '../random.ts'
import { trainTokenizer } from '../text/bpe.ts'
import type { TrainingEvent } from './events.ts'
import { type DoneEvent, runTraining } from './run.ts'
import type { Algorithm, RunSpec } from './spec.ts'

const root = mkdtempSync(join(tmpdir(), 'run-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const at = (name: string) => join(root, name)
const model = at('model')
const [pairs, held] = [at('pairs.jsonl'), at('held.jsonl')]

beforeAll(() => {
  const things = ['river', 'stone', 'cloud', 'lamp']
  const lines = Array.from({ length: 48 }, (_, i) =>
    JSON.stringify({
      prompt: `the ${things[i % 4]} ${i}`,
      chosen: ` please take the ${things[(i >> 2) % 4]} thank you`,
      rejected: ` take the ${things[(i >> 1) % 4]} you fool`,
    }),
  )
  writeFileSync(pairs, lines.slice(0, 40).join('\n'))
  writeFileSync(held, lines.slice(40).join('\n'))
  const tokenizer = trainTokenizer(lines, 340, { chat: false })
  const vocabSize = Object.keys((tokenizer.tokenizer.model as { vocab: object }).vocab).length
  const config: ModelConfig = {
    ...presets['preset:1m'],
    vocabSize,
    hiddenSize: 32,
    intermediateSize: 48,
    layers: 2,
    heads: 2,
    keyValueHeads: 1,
    headDim: 16,
    maxPositions: 64,
    bosTokenId: 0,
    eosTokenIds: [2],
    padTokenId: 0,
  }
  writeFolder(model, { config, weights: initialWeights(config, 1), head: 'lm', tokenizer, generation: {} })
})

let runs = 0
async function run(spec: Partial<RunSpec> & { algorithm: Algorithm }, options: Parameters<typeof runTraining>[1] = {}) {
  const events: TrainingEvent[] = []
  const full: RunSpec = {
    model,
    data: pairs,
    out: at(`run-${runs++}`),
    steps: 4,
    batchSize: 8,
    seed: 5,
    learningRate: 3e-3,
    ...spec,
  }
  const done = await runTraining(full, {
    ...options,
    onEvent: (event) => {
      events.push(event)
      options.onEvent?.(event)
    },
  })
  const steps = events.filter((event) => event.event === 'step')
  return { done, events, steps, out: full.out }
}
const weightsOf = (out: string) => readFileSync(join(out, 'model.safetensors'))
const lossesOf = (steps: { loss: number }[]) => steps.map(({ loss }) => loss)
const wantsThanks: NonNullable<Parameters<typeof runTraining>[1]>['reward'] = async (items) =>
  items.map(({ response }) => response.split('t').length - 1)

describe('every algorithm', () => {
  it.each<[Algorithm, (done: DoneEvent, steps: { loss: number; kl?: number }[]) => void]>([
    ['sft', ({ eval: e }) => expect(e.perplexity).toBeGreaterThan(1)],
    ['reward', ({ eval: e }) => expect(e.pairs).toBe(8)],
    ['dpo', (_, steps) => expect(steps[0].loss).toBeCloseTo(Math.LN2, 6)],
    ['orpo', ({ eval: e }) => expect(e.pairs).toBe(8)],
    ['kto', (_, steps) => expect(steps[0].loss).toBeCloseTo(0.5, 6)],
    ['grpo', ({ eval: e }) => expect(e.kl).toBeGreaterThan(0)],
    ['rloo', ({ eval: e }) => expect(e.kl).toBeGreaterThan(0)],
    ['ppo', (_, steps) => expect(steps[0].kl).toBeCloseTo(0, 5)],
    ['rejection', ({ eval: e }) => expect(e.kl).toBeGreaterThan(0)],
  ])('%s runs from rows to a model that opens again', async (algorithm, expectOf) => {
    const { done, steps, out } = await run(
      { algorithm, eval: held, maxTokens: 8, groupSize: 4 },
      { reward: wantsThanks },
    )
    expect(done).toMatchObject({ event: 'done', steps: 4, model: out })
    for (const value of Object.values(done.eval)) expect(Number.isFinite(value)).toBe(true)
    for (const { loss } of steps) expect(Number.isFinite(loss)).toBe(true)
    expectOf(done, steps)
    expect((await openCheckpoint(out)).head).toBe(algorithm === 'reward' ? 'scalar' : 'lm')
    const before = readSafetensors(join(model, 'model.safetensors')).tensors.get('model.norm.weight')!.data
    expect(readSafetensors(join(out, 'model.safetensors')).tensors.get('model.norm.weight')!.data).not.toEqual(before)
  })

  it('reward: swapped labels turn the order round', async () => {
    const swapped = at('swapped.jsonl')
    const turned = readFileSync(pairs, 'utf8')
      .split('\n')
      .map((line) => JSON.parse(line))
    writeFileSync(
      swapped,
      turned
        .map(({ prompt, chosen, rejected }) => JSON.stringify({ prompt, chosen: rejected, rejected: chosen }))
        .join('\n'),
    )
    const right = await run({ algorithm: 'reward', eval: held, steps: 15 })
    const wrong = await run({ algorithm: 'reward', eval: held, steps: 15, data: swapped })
    expect(right.done.eval.accuracy).toBe(1)
    expect(wrong.done.eval.accuracy).toBe(0)
  })

  it.each<[Algorithm]>([['reward'], ['dpo'], ['orpo']])(
    '%s: a pair labelled 0 is the pair the other way round',
    async (algorithm) => {
      const turned = readFileSync(pairs, 'utf8')
        .split('\n')
        .map((line) => {
          const { prompt, chosen, rejected } = JSON.parse(line)
          return JSON.stringify({ prompt, chosen: rejected, rejected: chosen, label: 0 })
        })
      writeFileSync(at('turned.jsonl'), turned.join('\n'))
      const [there, back] = [
        await run({ algorithm, steps: 6 }),
        await run({ algorithm, steps: 6, data: at('turned.jsonl') }),
      ]
      back.steps.forEach(({ loss, accuracy, margin }, i) => {
        expect(loss).toBeCloseTo(there.steps[i].loss, 4)
        expect(accuracy).toBe(there.steps[i].accuracy)
        if (margin !== undefined) expect(margin).toBeCloseTo(-there.steps[i].margin!, 3)
      })
    },
  )

  it.each<[Algorithm, boolean]>([
    ['grpo', true],
    ['rloo', true],
    ['ppo', true],
    ['rejection', false],
  ])('%s at another temperature learns from the distribution that it samples from: %s', async (algorithm, tempers) => {
    const spec = { algorithm, steps: 1, maxTokens: 8, groupSize: 4, reuse: 1, temperature: 0.02 }
    const { done, steps } = await run({ ...spec, learningRate: 0 }, { reward: wantsThanks })
    // a new model finds nearly all of its tokens equally likely, and at this temperature a few of them
    const flat = Math.log(300)
    expect(steps[0].entropy! < flat / 2).toBe(tempers)
    expect(steps[0].kl).toBeCloseTo(0, 5)
    expect(done.eval.kl).toBeCloseTo(0, 5)
  })

  it('grpo raises its reward', async () => {
    const { done } = await run(
      { algorithm: 'grpo', steps: 25, maxTokens: 8, truncationPenalty: 0 },
      { reward: wantsThanks },
    )
    expect(done.eval.rewardAfter).toBeGreaterThan(done.eval.rewardBefore + 3 * done.eval.rewardBeforeError)
  })
})

describe('an adapter', () => {
  it('leaves the base alone, is written as PEFT does, and is continued', async () => {
    const first = await run({ algorithm: 'sft', loraRank: 4 })
    const opened = await openCheckpoint(first.out)
    expect(opened.basePath).toBe(model)
    expect(opened.adapter).toMatchObject({ rank: 4, alpha: 8 })
    // its reference is the adapter it started from: at the first step nothing differs from it
    const second = await run({ algorithm: 'dpo', model: first.out })
    expect(second.steps[0].loss).toBeCloseTo(Math.LN2, 5)
    const rm = await run({ algorithm: 'reward', loraRank: 4 })
    expect((await openCheckpoint(rm.out)).weights.get('score.weight')?.shape).toEqual([1, 32])
    await expect(run({ algorithm: 'dpo', model: first.out, loraRank: 8 })).rejects.toMatchObject({
      where: 'run, loraRank',
    })
  })
})

describe('resume', () => {
  it.each<[Algorithm, Partial<RunSpec>]>([
    ['reward', { schedule: 'constant' }],
    ['sft', { loraRank: 4, loraDropout: 0.2 }],
    ['grpo', { maxTokens: 6, groupSize: 4, klTarget: 0.01 }],
    ['ppo', { maxTokens: 6, groupSize: 2, reuse: 2 }],
  ])('%s: stopped half-way and gone on with, to the last bit', async (algorithm, rest) => {
    const whole = await run({ algorithm, steps: 6, ...rest }, { reward: wantsThanks })
    const stop = new AbortController()
    const out = at(`halves-${algorithm}`)
    const onEvent = (event: TrainingEvent) => {
      if (event.event === 'step' && event.step === 2) stop.abort()
    }
    const half = await run({ algorithm, steps: 6, ...rest, out }, { reward: wantsThanks, signal: stop.signal, onEvent })
    expect(half.done).toMatchObject({ steps: 2, stopped: 'asked' })
    const rest2 = await run({ algorithm, steps: 6, ...rest, out, resume: true }, { reward: wantsThanks })
    expect(rest2.done.steps).toBe(6)
    expect(lossesOf([...half.steps, ...rest2.steps])).toEqual(lossesOf(whole.steps))
    const file = rest.loraRank ? 'adapter_model.safetensors' : 'model.safetensors'
    expect(readFileSync(join(out, file)).equals(readFileSync(join(whole.out, file)))).toBe(true)
  })

  it('a stop between two updates from one batch of samples waits for the second, so that there is a state', async () => {
    const spec = { algorithm: 'grpo' as const, steps: 4, maxTokens: 6, groupSize: 4, reuse: 2 }
    const whole = await run(spec, { reward: wantsThanks })
    const stop = new AbortController()
    const onEvent = ({ event }: TrainingEvent) => event === 'step' && stop.abort()
    const out = at('within-a-batch')
    const first = await run({ ...spec, out }, { reward: wantsThanks, signal: stop.signal, onEvent })
    expect(first.done).toMatchObject({ steps: 2, stopped: 'asked' })
    const second = await run({ ...spec, out, resume: true }, { reward: wantsThanks })
    expect(lossesOf([...first.steps, ...second.steps])).toEqual(lossesOf(whole.steps))
  })

  it('extends a finished run: 3 steps and 3 more are 6', async () => {
    const spec = { algorithm: 'reward' as const, schedule: 'constant' as const }
    const whole = await run({ ...spec, steps: 6 })
    const { out } = await run({ ...spec, steps: 3 })
    await run({ ...spec, steps: 6, out, resume: true })
    expect(weightsOf(out).equals(weightsOf(whole.out))).toBe(true)
  })

  it('two runs of one seed are the same to the last bit, another seed is another run', async () => {
    const [a, b, c] = [
      await run({ algorithm: 'sft' }),
      await run({ algorithm: 'sft' }),
      await run({ algorithm: 'sft', seed: 6 }),
    ]
    expect(weightsOf(a.out).equals(weightsOf(b.out))).toBe(true)
    expect(lossesOf(c.steps)).not.toEqual(lossesOf(a.steps))
  })

  it('shows what it would answer to the same prompts, before and after, and trains as if nobody looked', async () => {
    const spec = { algorithm: 'sft' as const, eval: held, steps: 30, maxTokens: 12, learningRate: 1e-2 }
    const [shown, alone] = [await run({ ...spec, samples: 3 }), await run(spec)]
    const samples = shown.events.filter((event) => event.event === 'samples')
    expect(samples.map(({ step }) => step)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30])
    const prompts = samples.map((event) => event.samples.map(({ prompt }) => prompt))
    for (const same of prompts) expect(same).toEqual(['the river 40', 'the stone 41', 'the cloud 42'])
    const textAt = (i: number) => samples.at(i)!.samples[0]!.text
    expect(textAt(0)).not.toContain('please')
    expect(textAt(-1)).toContain('please')
    expect(alone.events.some(({ event }) => event === 'samples')).toBe(false)
    expect(weightsOf(shown.out).equals(weightsOf(alone.out))).toBe(true)
    const scores = await run({ algorithm: 'reward', samples: 3 })
    expect(scores.events.some(({ event }) => event === 'samples')).toBe(false)
    const online = await run({ algorithm: 'grpo', groupSize: 2, maxTokens: 8, samples: 2 }, { reward: wantsThanks })
    const scored = online.events.filter((event) => event.event === 'samples')
    expect(scored.map(({ step, samples }) => [step, samples.length])).toEqual([0, 1, 2, 3, 4].map((step) => [step, 2]))
    expect(scored[0]!.samples[0]!.reward).toEqual(expect.any(Number))
  })

  it.each<[Algorithm, Partial<RunSpec>]>([
    ['sft', { loraRank: 4, loraDropout: 0.2 }],
    ['reward', {}],
    ['dpo', {}],
    ['orpo', {}],
    ['kto', {}],
  ])(
    '%s: measures held-out rows on the way, trains as if it had not, and goes on as if never stopped',
    async (algorithm, rest) => {
      const spec = { algorithm, eval: held, steps: 6, ...rest }
      const [watched, alone] = [await run(spec), await run({ ...spec, heldRows: 0 })]
      const seenIn = ({ events }: { events: TrainingEvent[] }) => events.filter((event) => event.event === 'eval')
      const seen = seenIn(watched)
      expect(seen.map(({ step }) => step)).toEqual([0, 3, 6])
      // KTO has two rows of each pair, and measures half of them.
      const ofAll = algorithm === 'kto' ? {} : { evalLoss: watched.done.eval.loss }
      expect(seen.at(-1)).toMatchObject({ rows: 8, ...ofAll })
      if (algorithm !== 'kto') expect(seen.at(-1)!.evalAccuracy).toBe(watched.done.eval.accuracy)
      expect(new Set(seen.map(({ evalLoss }) => evalLoss)).size).toBe(3)
      expect(seenIn(alone)).toEqual([])
      expect(lossesOf(watched.steps)).toEqual(lossesOf(alone.steps))
      expect(alone.done.eval).toEqual(watched.done.eval)
      const stop = new AbortController()
      const onEvent = (event: TrainingEvent) => event.event === 'step' && event.step === 2 && stop.abort()
      const out = at(`watched-${algorithm}`)
      const half = await run({ ...spec, out }, { signal: stop.signal, onEvent })
      const other = await run({ ...spec, out, resume: true })
      expect([...seenIn(half), ...seenIn(other)]).toEqual(seen)
      expect(lossesOf([...half.steps, ...other.steps])).toEqual(lossesOf(alone.steps))
    },
  )

  it('shows over-fitting while it happens: what it trains on gets better, what is held out worse', async () => {
    const words = ['river', 'stone', 'cloud', 'lamp', 'salt', 'maple', 'piano', 'train']
    // Nothing is to be learned but the rows themselves.
    const random = randomOf(9)
    const said = () => ` ${words[random.integer(8)]} ${words[random.integer(8)]} ${words[random.integer(8)]}`
    const noise = Array.from({ length: 32 }, (_, i) =>
      JSON.stringify({ prompt: `the ${i}`, chosen: said(), rejected: said() }),
    )
    const [own, others] = [at('noise.jsonl'), at('noise-held.jsonl')]
    writeFileSync(own, noise.slice(0, 16).join('\n'))
    writeFileSync(others, noise.slice(16).join('\n'))
    const { events, steps } = await run({
      algorithm: 'reward',
      data: own,
      eval: others,
      steps: 60,
      schedule: 'constant',
    })
    const seen = events.filter((event) => event.event === 'eval')
    expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss / 2)
    expect(seen.at(-1)!.evalLoss).toBeGreaterThan(seen[0]!.evalLoss)
  })

  it('one thread and two agree to 1e-5', async () => {
    const [one, two] = [await run({ algorithm: 'reward', threads: 1 }), await run({ algorithm: 'reward', threads: 2 })]
    one.steps.forEach(({ loss }, i) => {
      expect(Math.abs(loss - two.steps[i].loss)).toBeLessThan(1e-5)
    })
  })

  it('refuses a folder that has a run, and a run that was another', async () => {
    const { out } = await run({ algorithm: 'sft' })
    await expect(run({ algorithm: 'sft', out })).rejects.toMatchObject({ code: 'bad_input', where: out })
    await expect(run({ algorithm: 'sft', out, resume: true, seed: 9 })).rejects.toMatchObject({ where: `${out}, seed` })
    await expect(run({ algorithm: 'sft', out, resume: true, data: held })).rejects.toMatchObject({
      where: `${out}, dataDigest`,
    })
  })
})

describe('a run that goes wrong', () => {
  it('stops at a divergence with the last good state', async () => {
    // one row that counts a million times as much as the others, met long after the start
    const lines = readFileSync(pairs, 'utf8').split('\n')
    const rows = lines.map((line) =>
      JSON.stringify({ ...JSON.parse(line), weight: /the lamp 15"/.test(line) ? 1e6 : 1 }),
    )
    writeFileSync(at('heavy.jsonl'), rows.join('\n'))
    const spec = { algorithm: 'reward' as const, data: at('heavy.jsonl'), batchSize: 1, steps: 40, saveEvery: 1 }
    const { done, events } = await run(spec)
    expect(done.stopped).toBe('diverged')
    expect(events.some((event) => event.event === 'stopped' && /last good/.test(event.message))).toBe(true)
    for (const { data } of readSafetensors(join(done.model, 'model.safetensors')).tensors.values())
      expect(data.every(Number.isFinite)).toBe(true)
  })

  describe('leaves its KL budget', () => {
    const spec = { algorithm: 'grpo' as const, steps: 60, learningRate: 0.03, maxTokens: 8, klBudget: 0.05, beta: 0 }

    it.each([1, 3, 25])(
      'and ends with a saved model that was measured within it, states every %i steps',
      async (saveEvery) => {
        const { done, steps } = await run({ ...spec, saveEvery }, { reward: wantsThanks })
        expect(done.stopped).toBe('kl_budget')
        expect(steps.at(-1)!.kl).toBeGreaterThan(0.05)
        // a step measures the model that the step before it has made
        expect(steps[done.steps].kl).toBeLessThanOrEqual(0.05)
        expect(done.steps % saveEvery).toBe(0)
        expect(done.eval.kl).toBeLessThan(0.1)
      },
    )

    it('with a budget that came too late: refused, its state is kept', async () => {
      const { out } = await run({ ...spec, steps: 12, klBudget: undefined }, { reward: wantsThanks })
      const late = { ...spec, out, resume: true }
      await expect(run(late, { reward: wantsThanks })).rejects.toMatchObject({ where: 'run, klBudget' })
      const { done } = await run({ ...late, steps: 13, klBudget: 1000 }, { reward: wantsThanks })
      expect(done.steps).toBe(13)
    })
  })

  it.each<[string, Partial<RunSpec>, RegExp]>([
    ['no reward model', { algorithm: 'grpo' }, /rewardModel/],
    ['a language model for a reward model', { algorithm: 'grpo', rewardModel: 'model' }, /model/],
    ['rows without what is needed', { algorithm: 'kto', data: 'bad.jsonl' }, /bad\.jsonl:1, field label/],
    ['a line that is no JSON', { algorithm: 'sft', data: 'broken.jsonl' }, /broken\.jsonl:2/],
    [
      'ties for an algorithm that learns from single responses',
      { algorithm: 'kto', data: 'ties.jsonl' },
      /ties\.jsonl/,
    ],
    ['an unknown preset', { algorithm: 'sft', model: 'preset:9t' }, /run, model/],
    ['samples that leave no room', { algorithm: 'grpo', maxTokens: 64 }, /maxTokens/],
  ])('refuses %s, and says where', async (what, spec, where) => {
    writeFileSync(at('bad.jsonl'), '{"prompt":"p","completion":"c"}')
    writeFileSync(at('ties.jsonl'), '{"prompt":"p","chosen":"a","rejected":"b","tie":true}')
    writeFileSync(at('broken.jsonl'), '{"text":"a"}\n{"text":')
    const paths = {
      ...spec,
      ...(spec.data ? { data: at(spec.data) } : {}),
      ...(spec.rewardModel ? { rewardModel: model } : {}),
    }
    const reward = /room/.test(what) ? wantsThanks : undefined
    const error = await run({ algorithm: 'sft', ...paths }, { reward }).then(
      () => undefined,
      (thrown) => thrown,
    )
    expect(error?.where).toMatch(where)
  })
})
