/** Generation with a cache: many prompts of different length at once, token by token. */
import { TrainerError } from '../errors.ts'
import { Graph } from '../graph/graph.ts'
import { compile, type Value } from '../graph/runtime.ts'
import { checkConfig, type ModelConfig, type Weights } from '../model/config.ts'
import { checkWeights } from '../model/parameters.ts'
import { ropeTables } from '../model/rope.ts'
import { randomOf } from '../random.ts'
import { type Cache, emptyCache, selectRows } from './cache.ts'
import { cachedTransformer } from './cached.ts'
import { draw, largest, penalise, type SamplingOptions, sample, type TokenLogProb } from './sampling.ts'

export interface GenerationOptions extends SamplingOptions {
  maxTokens: number
  /** Row i draws from its own stream of this seed: its course does not depend on what it is batched with. */
  seed: number
  /** Tokens that end a row; default the model's own. */
  stopTokenIds?: readonly number[]
  /** Called for every new token, in the order they come; answering true ends that row (stop strings, streaming). */
  onToken?: (row: number, token: number, soFar: readonly number[]) => boolean | undefined
  /** Also return this many of the most probable tokens at each step. */
  topLogProbs?: number
}

export interface Completion {
  /** New tokens, the end token included where it came. */
  tokens: number[]
  /** log p of each token under the model itself: temperature 1, before penalty, top-k and top-p. */
  logProbs: Float32Array
  /** 'end': a stop token came; 'stopped': onToken said so; 'length': maxTokens or the model's positions ran out. */
  finish: 'end' | 'stopped' | 'length'
  topLogProbs?: TokenLogProb[][]
}

export interface Decoder {
  readonly config: ModelConfig
  /** Completions in the order of the prompts. Equal prompts are read once. */
  generate(prompts: readonly ArrayLike<number>[], options: GenerationOptions): Promise<Completion[]>
  /** Takes other weights of the same shapes (the policy after an update), without copying them. */
  setWeights(weights: Weights): void
  close(): Promise<void>
}

interface Row {
  index: number
  prompt: ArrayLike<number>
  /** Positions in the cache. */
  length: number
  completion: Completion
  logProbs: number[]
}

/** Most tokens of a prefill at once. */
const prefillTokens = 8192

export async function openDecoder(options: {
  config: ModelConfig
  weights: Weights
  threads?: number
}): Promise<Decoder> {
  const { config } = options
  checkConfig(config)
  if (config.headDim % 16 !== 0)
    throw new TrainerError('bad_input', `Heads of ${config.headDim} numbers cannot be decoded.`, {
      where: 'config, headDim',
      hint: 'The attention kernel takes multiples of 16.',
    })
  checkWeights(config, options.weights)
  let weights = options.weights
  const graph = new Graph('decode')
  const { logits, normaliser, probabilities, present } = cachedTransformer(graph, config)
  const program = await compile(graph, { threads: options.threads })
  const tables = ropeTables(config, config.maxPositions)
  const table = [config.maxPositions, config.headDim / 2]
  const shared: [string, Value][] = [
    ['cos', { shape: table, data: tables.cos }],
    ['sin', { shape: table, data: tables.sin }],
  ]

  const run: Run = async (tokens, lengths, cache, temperature) => {
    const rows = tokens.length
    const length = tokens.reduce((most, row) => Math.max(most, row.length), 0)
    const ids = new BigInt64Array(rows * length)
    const last = new BigInt64Array(rows)
    const lastPosition = new Int32Array(rows)
    for (const [row, own] of tokens.entries()) {
      for (let i = 0; i < own.length; i++) ids[row * length + i] = BigInt(own[i]!)
      last[row] = BigInt(row * length + own.length - 1)
      lastPosition[row] = lengths[row]! + own.length - 1
    }
    const total = lengths.reduce((most, cached) => Math.max(most, cached), 0) + length
    const feeds = new Map<string, Value>([
      ...(weights as Map<string, Value>),
      ...shared,
      ['ids', { shape: [rows, length], data: ids }],
      ['last', { shape: [rows], data: last }],
      ['lastPosition', { shape: [rows], data: lastPosition }],
      ['total', { shape: [], data: Int32Array.of(total) }],
      ['inverseTemperature', { shape: [], data: Float32Array.of(1 / (temperature || 1)) }],
    ])
    const next: Predictions = {
      logits: new Float32Array(rows * config.vocabSize),
      normalisers: new Float32Array(rows),
      probabilities: new Float32Array(rows * config.vocabSize),
    }
    const grid = [rows, config.vocabSize]
    const results = new Map<string, Value>([
      [logits.name, { shape: grid, data: next.logits }],
      [normaliser.name, { shape: [rows], data: next.normalisers }],
      [probabilities.name, { shape: grid, data: next.probabilities }],
    ])
    for (const [layer, { key, value }] of cache.layers.entries()) {
      feeds.set(`past.${layer}.key`, key).set(`past.${layer}.value`, value)
      results.set(present[layer]!.key.name, key).set(present[layer]!.value.name, value)
    }
    await program.run(feeds, results)
    return next
  }
  return {
    config,
    setWeights: (other) => {
      checkWeights(config, other)
      weights = other
    },
    generate: (prompts, generation) => generate(config, run, prompts, generation),
    close: () => program.close(),
  }
}

/** What comes after the last token of each row, see `cached.ts`. */
interface Predictions {
  logits: Float32Array
  normalisers: Float32Array
  probabilities: Float32Array
}

/** Runs new tokens of each row (right-padded) behind `lengths` cached ones. */
type Run = (
  tokens: readonly ArrayLike<number>[],
  lengths: readonly number[],
  cache: Cache,
  temperature: number,
) => Promise<Predictions>

interface Prediction {
  logits: Float32Array
  normaliser: number
  probabilities: Float32Array
}

function predictionOf({ logits, normalisers, probabilities }: Predictions, row: number): Prediction {
  const width = logits.length / normalisers.length
  return {
    logits: logits.subarray(row * width, (row + 1) * width),
    normaliser: normalisers[row]!,
    probabilities: probabilities.subarray(row * width, (row + 1) * width),
  }
}

function checkPrompts(prompts: readonly ArrayLike<number>[], config: ModelConfig): void {
  for (const [i, prompt] of prompts.entries()) {
    const where = `prompt ${i}`
    if (prompt.length === 0) throw new TrainerError('bad_input', 'The prompt has no tokens.', { where })
    if (prompt.length >= config.maxPositions)
      throw new TrainerError('bad_input', `${prompt.length} tokens leave no room in ${config.maxPositions}.`, {
        where,
        hint: 'Shorten the prompt.',
      })
    for (let n = 0; n < prompt.length; n++)
      if (!(prompt[n]! >= 0 && prompt[n]! < config.vocabSize))
        throw new TrainerError('bad_input', `Token ${prompt[n]} is outside the vocabulary of ${config.vocabSize}.`, {
          where,
        })
  }
}

/** Reads each distinct prompt once, in chunks of bounded size, and lays out one cache row per prompt. */
async function prefill(
  config: ModelConfig,
  run: Run,
  prompts: readonly ArrayLike<number>[],
  capacity: number,
  temperature: number,
) {
  const distinct = new Map<string, { prompt: ArrayLike<number>; row: number }>()
  const keys = prompts.map((prompt) => Array.from(prompt).join())
  for (const [i, key] of keys.entries())
    if (!distinct.has(key)) distinct.set(key, { prompt: prompts[i]!, row: distinct.size })
  const unique = [...distinct.values()].map(({ prompt }) => prompt)
  const longest = unique.reduce((most, { length }) => Math.max(most, length), 0)
  const atOnce = Math.max(1, Math.floor(prefillTokens / longest))
  const predictions: Prediction[] = []
  const parts: Cache[] = []
  for (let from = 0; from < unique.length; from += atOnce) {
    const chunk = unique.slice(from, from + atOnce)
    const cache = emptyCache(config, chunk.length, capacity)
    const next = await run(chunk, Array(chunk.length).fill(0), cache, temperature)
    predictions.push(...chunk.map((_, row) => predictionOf(next, row)))
    parts.push(cache)
  }
  const rows = keys.map((key) => distinct.get(key)!.row)
  const isWhole = parts.length === 1 && unique.length === prompts.length
  const cache = isWhole
    ? parts[0]!
    : selectRows(
        config,
        rows.map((row) => ({ cache: parts[Math.floor(row / atOnce)]!, row: row % atOnce })),
        capacity,
      )
  return { cache, predictions: rows.map((row) => predictions[row]!) }
}

async function generate(
  config: ModelConfig,
  run: Run,
  prompts: readonly ArrayLike<number>[],
  options: GenerationOptions,
): Promise<Completion[]> {
  checkPrompts(prompts, config)
  if (prompts.length === 0 || options.maxTokens < 1)
    return prompts.map(() => ({ tokens: [], logProbs: new Float32Array(0), finish: 'length' }))
  const stopTokens = new Set(options.stopTokenIds ?? config.eosTokenIds)
  const longest = prompts.reduce((most, { length }) => Math.max(most, length), 0)
  const capacity = Math.min(longest + options.maxTokens, config.maxPositions)
  const randoms = prompts.map((_, i) => randomOf(options.seed, i))
  const all: Row[] = prompts.map((prompt, index) => ({
    index,
    prompt,
    length: prompt.length,
    completion: { tokens: [], logProbs: new Float32Array(0), finish: 'length' },
    logProbs: [],
  }))

  const { temperature, topK, topP = 1, repetitionPenalty = 1 } = options
  const isPlain = temperature > 0 && !topK && topP >= 1 && repetitionPenalty === 1
  const choose = (row: Row, logits: Float32Array, probabilities: Float32Array): number => {
    const random = randoms[row.index]!
    if (isPlain) return draw(probabilities, random)
    if (repetitionPenalty === 1) return sample(logits, options, random)
    // Rows of equal prompts share their first logits.
    const adjusted = logits.slice()
    penalise(adjusted, [...Array.from(row.prompt), ...row.completion.tokens], repetitionPenalty)
    return sample(adjusted, options, random)
  }

  /** Appends a token; true while the row goes on. */
  const advance = (row: Row, { logits, normaliser, probabilities }: Prediction): boolean => {
    const { completion } = row
    if (options.topLogProbs) {
      completion.topLogProbs ??= []
      const best = largest(logits, options.topLogProbs)
      completion.topLogProbs.push(best.map((id) => ({ id, logprob: logits[id]! - normaliser })))
    }
    const token = choose(row, logits, probabilities)
    completion.tokens.push(token)
    row.logProbs.push(logits[token]! - normaliser)
    const stopped = options.onToken?.(row.index, token, completion.tokens) === true
    if (stopTokens.has(token)) completion.finish = 'end'
    else if (stopped) completion.finish = 'stopped'
    const full = completion.tokens.length >= options.maxTokens || row.length + 1 >= config.maxPositions
    return completion.finish === 'length' && !full
  }

  const start = await prefill(config, run, prompts, capacity, temperature)
  let cache = start.cache
  let slots = all
  let going = new Set(all.filter((row) => advance(row, start.predictions[row.index]!)))
  while (going.size > 0) {
    // Finished rows are computed along until half of the batch is idle; then the cache is packed.
    if (going.size <= slots.length / 2) {
      const kept = slots.flatMap((row, slot) => (going.has(row) ? [slot] : []))
      cache = selectRows(
        config,
        kept.map((row) => ({ cache, row })),
        capacity,
      )
      slots = kept.map((slot) => slots[slot]!)
    }
    const next = await run(
      slots.map(({ completion }) => [completion.tokens.at(-1)!]),
      slots.map(({ length }) => length),
      cache,
      temperature,
    )
    const left = new Set<Row>()
    for (const [slot, row] of slots.entries()) {
      if (!going.has(row)) continue
      row.length++
      if (advance(row, predictionOf(next, slot))) left.add(row)
    }
    going = left
  }
  return all.map(({ completion, logProbs }) => ({ ...completion, logProbs: Float32Array.from(logProbs) }))
}
