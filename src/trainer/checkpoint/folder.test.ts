import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type ModelConfig, presets, type Weights } from '../model/config.ts'
import { initialAdapter, initialWeights } from '../model/parameters.ts'
import { trainTokenizer } from '../text/bpe.ts'
import { readAdapter, writeAdapter } from './adapter.ts'
import { configFields, configOf } from './configuration.ts'
import { readFolder, writeFolder } from './folder.ts'
import { openCheckpoint } from './open.ts'
import { writeSafetensors } from './safetensors.ts'
import { loadState, savedSteps, saveState } from './state.ts'

const root = mkdtempSync(join(tmpdir(), 'folder-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const config: ModelConfig = {
  ...presets['preset:1m'],
  vocabSize: 300,
  hiddenSize: 16,
  intermediateSize: 24,
  layers: 2,
  heads: 2,
  keyValueHeads: 1,
  headDim: 8,
  eosTokenIds: [2],
  bosTokenId: 0,
  padTokenId: 0,
}
const model = () => ({
  config,
  weights: initialWeights(config, 1),
  head: 'lm' as const,
  tokenizer: trainTokenizer(['a text'], 300, { chat: true }),
  generation: { temperature: 0.7, topP: 0.9 },
})
const at = (...names: string[]) => join(root, ...names)
const change = (name: string, edit: (fields: Record<string, unknown>) => void) => {
  const fields = JSON.parse(readFileSync(at('m', name), 'utf8'))
  edit(fields)
  writeFileSync(at('m', name), JSON.stringify(fields))
}
const refusal = async (path: string): Promise<{ code?: string; where?: string; hint?: string }> =>
  openCheckpoint(path).then(
    () => ({ code: 'accepted' }),
    (error) => error,
  )

beforeEach(() => {
  rmSync(at('m'), { recursive: true, force: true })
  writeFolder(at('m'), model())
})

describe('a Hugging Face folder', () => {
  it('comes back as it was written', () => {
    const written = model()
    const read = readFolder(at('m'))
    expect(read.config).toEqual(config)
    expect(read.head).toBe('lm')
    expect(read.generation).toEqual(written.generation)
    for (const [name, weight] of written.weights) expect(read.weights.get(name)).toEqual(weight)
  })

  it('may come in shards', () => {
    const entries = [...model().weights]
    rmSync(at('m', 'model.safetensors'))
    writeSafetensors(at('m', 'a.safetensors'), new Map(entries.slice(0, 5)))
    writeSafetensors(at('m', 'b.safetensors'), new Map(entries.slice(5)))
    const map = Object.fromEntries(entries.map(([name], i) => [name, i < 5 ? 'a.safetensors' : 'b.safetensors']))
    writeFileSync(at('m', 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }))
    expect(readFolder(at('m')).weights.size).toBe(entries.length)
  })

  it('keeps every kind of rotary scaling', () => {
    for (const ropeScaling of [
      { type: 'linear', factor: 2 },
      { type: 'llama3', factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 8192 },
      { type: 'yarn', factor: 4, originalMaxPositions: 512, betaFast: 32, betaSlow: 1, attentionFactor: 1.1 },
    ] as const) {
      const scaled = { ...config, ropeScaling }
      expect(configOf(configFields(scaled, 'lm'), 'config.json')).toEqual(scaled)
    }
    const qwen = { ...config, attentionBias: true }
    expect(configOf(configFields(qwen, 'lm'), 'config.json')).toEqual(qwen)
    // the newer form of transformers 5
    const { rope_theta, ...rest } = configFields(config, 'lm')
    expect(configOf({ ...rest, rope_parameters: { rope_type: 'default', rope_theta: 77 } }, 'c').ropeTheta).toBe(77)
    expect(rope_theta).toBe(10_000)
  })

  it.each<[string, () => void, RegExp]>([
    ['a missing config', () => rmSync(at('m', 'config.json')), /config\.json/],
    ['a config that is no JSON', () => writeFileSync(at('m', 'config.json'), '{'), /config\.json/],
    ['another type of model', () => change('config.json', (f) => (f.model_type = 'gpt2')), /model_type/],
    ['a missing number', () => change('config.json', (f) => delete f.hidden_size), /hidden_size/],
    ['a text for a number', () => change('config.json', (f) => (f.num_hidden_layers = '2')), /num_hidden_layers/],
    [
      'a billion layers, at once',
      () => change('config.json', (f) => (f.num_hidden_layers = 2 ** 30)),
      /number of layers/,
    ],
    ['an absurd number', () => change('config.json', (f) => (f.vocab_size = 2 ** 40)), /vocabSize/],
    [
      'scaling that we do not know',
      () => change('config.json', (f) => (f.rope_scaling = { rope_type: 'longrope' })),
      /rope_scaling/,
    ],
    ['missing weights', () => rmSync(at('m', 'model.safetensors')), /model\.safetensors/],
    ['a missing tokenizer', () => rmSync(at('m', 'tokenizer.json')), /tokenizer\.json/],
    ['a shape that config.json denies', () => change('config.json', (f) => (f.intermediate_size = 32)), /m/],
    [
      'a shard outside of the folder',
      () => {
        rmSync(at('m', 'model.safetensors'))
        writeFileSync(at('m', 'model.safetensors.index.json'), '{"weight_map":{"w":"../x.safetensors"}}')
      },
      /index\.json/,
    ],
  ])('refuses %s, naming file and field', async (_, spoil, where) => {
    spoil()
    const error = await refusal(at('m'))
    expect(['bad_input', 'not_found']).toContain(error.code)
    expect(error.where).toMatch(where)
  })

  it('refuses pickle with advice, unopened', async () => {
    rmSync(at('m', 'model.safetensors'))
    writeFileSync(at('m', 'pytorch_model.bin'), "cos\nsystem\n(S'touch /tmp/opened'\ntR.")
    const error = await refusal(at('m'))
    expect(error.where).toMatch(/pytorch_model\.bin/)
    expect(error.hint).toMatch(/safe_serialization/)
    expect((await refusal(at('m', 'pytorch_model.bin'))).hint).toMatch(/safe_serialization/)
    expect((await refusal(at('nowhere'))).code).toBe('not_found')
  })
})

describe('a PEFT adapter', () => {
  const options = { rank: 2, alpha: 4, targets: ['q_proj' as const, 'v_proj' as const], dropout: 0.1 }
  const trained = (): Weights => initialAdapter(config, options, 3)

  it('comes back with its base', async () => {
    writeFolder(at('adapter'), model())
    rmSync(at('adapter'), { recursive: true })
    writeFolder(at('adapter'), model())
    rmSync(at('adapter', 'config.json'))
    writeAdapter(at('adapter'), options, at('m'), trained())
    const opened = await openCheckpoint(at('adapter'))
    expect(opened.basePath).toBe(at('m'))
    expect(opened.adapter).toMatchObject(options)
    for (const [name, weight] of trained()) expect(opened.adapter?.weights?.get(name)).toEqual(weight)
  })

  it('of a reward model carries its head', () => {
    const score = { shape: [1, 16], data: new Float32Array(16).fill(0.5) }
    writeAdapter(at('m'), options, 'base', new Map([...trained(), ['score.weight', score]]))
    const stored = readAdapter(at('m'))
    expect(stored.head).toBe('scalar')
    expect(stored.score?.get('score.weight')).toEqual(score)
  })

  it('refuses other methods and unknown layers', () => {
    writeAdapter(at('m'), options, 'base', trained())
    const refused = (edit: (fields: Record<string, unknown>) => void) => {
      writeAdapter(at('m'), options, 'base', trained())
      change('adapter_config.json', edit)
      try {
        readAdapter(at('m'))
      } catch (error) {
        return (error as { where?: string }).where
      }
      return 'accepted'
    }
    expect(refused((f) => (f.peft_type = 'IA3'))).toMatch(/peft_type/)
    expect(refused((f) => (f.use_dora = true))).toMatch(/use_dora/)
    expect(refused((f) => (f.target_modules = ['c_attn']))).toMatch(/target_modules/)
    expect(refused((f) => delete f.base_model_name_or_path)).toMatch(/base_model/)
  })
})

describe('the state of a run', () => {
  const state = (step: number) => {
    const weights: Weights = new Map([['w', { shape: [2], data: Float32Array.of(step, 2) }]])
    return {
      step,
      identity: { seed: 1 },
      memory: { beta: 0.1 },
      session: { weights, firstMoment: weights, secondMoment: weights, updates: step, passes: 2 * step },
    }
  }

  it('is the last complete one; earlier ones are gone', () => {
    saveState(at('run'), state(1))
    saveState(at('run'), { ...state(2), values: state(7).session })
    expect(loadState(at('run'))).toEqual({ ...state(2), values: state(7).session })
    expect(readdirSync(at('run', 'state')).sort()).toEqual(['latest.json', 'step-000002'])
  })

  it('keeps the one before it where that is asked for, also when one is written again', () => {
    for (const step of [0, 1, 2, 2]) saveState(at('two'), state(step), { keepsEarlier: true })
    expect(savedSteps(at('two'))).toEqual([2, 1])
    expect(loadState(at('two'))).toEqual(state(2))
    expect(loadState(at('two'), 1)).toEqual(state(1))
    expect(readdirSync(at('two', 'state')).sort()).toEqual(['latest.json', 'step-000001', 'step-000002'])
  })

  it('a state that was cut off while being written is not seen', () => {
    saveState(at('run'), state(3))
    writeFileSync(at('run', 'state', 'step-000004.part'), 'half')
    expect(loadState(at('run')).step).toBe(3)
  })

  it('a manifest that points elsewhere is refused', () => {
    saveState(at('run'), state(3))
    writeFileSync(at('run', 'state', 'latest.json'), '{"folder":"../../etc"}')
    expect(() => loadState(at('run'))).toThrow(/names no state/)
  })
})
