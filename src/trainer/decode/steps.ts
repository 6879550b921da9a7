/** One step of generation: from token ids and a cache to what comes next. */
import { Graph } from '../graph/graph.ts'
import { compile, type Value } from '../graph/runtime.ts'
import { causalMask } from '../model/batch.ts'
import type { ModelConfig, Weights } from '../model/config.ts'
import { ropeTables } from '../model/rope.ts'
import { type Cache, emptyLayers, type Layer } from './cache.ts'
import { type CachedTransformer, cachedTransformer } from './cached.ts'

/** What comes after the last token of each row, and what to remember of the tokens; see `cached.ts`. */
export interface Predictions {
  logits: Float32Array
  normalisers: Float32Array
  probabilities: Float32Array
  fresh: Layer[]
}

export interface Cached {
  cache: Cache
  /** Positions of each row that the cache holds. */
  lengths: readonly number[]
}

/** Runs whole prompts (right-padded), or one more token of each row behind what is cached. */
export type Run = (tokens: readonly ArrayLike<number>[], temperature: number, cached?: Cached) => Promise<Predictions>

/** [rows, 1, 1, capacity], 0 where the cache holds a position of the row. */
function lengthMask({ cache: { rows, capacity }, lengths }: Cached): Value {
  const data = new Float32Array(rows * capacity)
  for (const [row, length] of lengths.entries()) data.fill(-1e9, row * capacity + length, (row + 1) * capacity)
  return { shape: [rows, 1, 1, capacity], data }
}

function resultsOf(next: Predictions, tensors: CachedTransformer): Map<string, Value> {
  const rows = next.normalisers.length
  const grid = [rows, next.logits.length / rows]
  const results = new Map<string, Value>([
    [tensors.logits.name, { shape: grid, data: next.logits }],
    [tensors.normaliser.name, { shape: [rows], data: next.normalisers }],
    [tensors.probabilities.name, { shape: grid, data: next.probabilities }],
  ])
  for (const [layer, { key, value }] of next.fresh.entries())
    results.set(tensors.fresh[layer]!.key.name, key).set(tensors.fresh[layer]!.value.name, value)
  return results
}

export interface Prediction {
  logits: Float32Array
  normaliser: number
  probabilities: Float32Array
}

export function predictionOf(
  { logits, normalisers, probabilities }: Omit<Predictions, 'fresh'>,
  row: number,
): Prediction {
  const width = logits.length / normalisers.length
  return {
    logits: logits.subarray(row * width, (row + 1) * width),
    normaliser: normalisers[row]!,
    probabilities: probabilities.subarray(row * width, (row + 1) * width),
  }
}

export interface Steps {
  run(weights: Weights, ...step: Parameters<Run>): Promise<Predictions>
  close(): Promise<void>
}

export async function openSteps(config: ModelConfig, threads?: number): Promise<Steps> {
  const tables = ropeTables(config, config.maxPositions)
  const table = [config.maxPositions, config.headDim / 2]
  const shared: [string, Value][] = [
    ['cos', { shape: table, data: tables.cos }],
    ['sin', { shape: table, data: tables.sin }],
  ]
  const group = config.heads / config.keyValueHeads
  const open = async (phase: 'prompts' | 'token') => {
    const graph = new Graph(phase)
    const tensors = cachedTransformer(graph, config, phase)
    return { program: await compile(graph, { threads }), tensors }
  }
  const [prompts, token] = [await open('prompts'), await open('token')]

  const run: Steps['run'] = async (weights, tokens, temperature, cached) => {
    const rows = tokens.length
    const length = tokens.reduce((most, row) => Math.max(most, row.length), 0)
    const ids = new BigInt64Array(rows * length)
    const positions = new BigInt64Array(rows * length)
    const last = new BigInt64Array(rows)
    for (const [row, own] of tokens.entries()) {
      for (let i = 0; i < own.length; i++) {
        ids[row * length + i] = BigInt(own[i]!)
        positions[row * length + i] = BigInt((cached?.lengths[row] ?? 0) + i)
      }
      last[row] = BigInt(row * length + own.length - 1)
    }
    const feeds = new Map<string, Value>([
      ...(weights as ReadonlyMap<string, Value>),
      ...shared,
      ['ids', { shape: [rows, length], data: ids }],
      ['positions', { shape: [rows, length], data: positions }],
      ['last', { shape: [rows], data: last }],
      ['mask', cached ? lengthMask(cached) : causalMask(length, group)],
      ['inverseTemperature', { shape: [], data: Float32Array.of(1 / (temperature || 1)) }],
    ])
    for (const [layer, { key, value }] of cached?.cache.layers.entries() ?? [])
      feeds.set(`past.${layer}.key`, key).set(`past.${layer}.value`, value)
    const { program, tensors } = cached ? token : prompts
    const next: Predictions = {
      logits: new Float32Array(rows * config.vocabSize),
      normalisers: new Float32Array(rows),
      probabilities: new Float32Array(rows * config.vocabSize),
      fresh: emptyLayers(config, rows, length),
    }
    await program.run(feeds, resultsOf(next, tensors))
    return next
  }
  return {
    run,
    close: async () => {
      await prompts.program.close()
      await token.program.close()
    },
  }
}
