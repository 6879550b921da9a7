/** One step of generation: from token ids and a cache to what comes next. */
import { Graph } from '../graph/graph.ts'
import { compile, type Value } from '../graph/runtime.ts'
import type { ModelConfig, Weights } from '../model/config.ts'
import { causalMask } from '../model/masks.ts'
import { ropeTables } from '../model/rope.ts'
import { type Cache, emptyLayers, type Layer } from './cache.ts'
import { type CachedTransformer, cachedTransformer, headName } from './cached.ts'

/** Of what is as wide as the vocabulary, what is read: the runtime's binding copies all that it returns. */
export interface Wanted {
  logits: boolean
  probabilities: boolean
}

/** What comes after the last token of each row, and what to remember of the tokens; see `cached.ts`. Empty where not wanted. */
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
export type Run = (
  tokens: readonly ArrayLike<number>[],
  how: Wanted & { temperature: number },
  cached?: Cached,
) => Promise<Predictions>

/** [rows, 1, 1, capacity], 0 where the cache holds a position of the row. */
function lengthMask({ cache: { rows, capacity }, lengths }: Cached): Value {
  const data = new Float32Array(rows * capacity)
  for (const [row, length] of lengths.entries()) data.fill(-1e9, row * capacity + length, (row + 1) * capacity)
  return { shape: [rows, 1, 1, capacity], data }
}

/** Before whole prompts: one place, which no row sees. */
function nothingCached(config: ModelConfig, rows: number): Cached {
  return { cache: { rows, capacity: 1, layers: emptyLayers(config, rows, 1) }, lengths: Array(rows).fill(0) }
}

function resultsOf(next: Predictions, names: CachedTransformer): Map<string, Value> {
  const { logits, normalisers, probabilities } = next
  const rows = normalisers.length
  const results = new Map<string, Value>([[names.normaliser, { shape: [rows], data: normalisers }]])
  const gridOf = (data: Float32Array): Value => ({ shape: [rows, data.length / rows], data })
  if (logits.length > 0) results.set(names.logits, gridOf(logits))
  if (probabilities.length > 0) results.set(names.probabilities, gridOf(probabilities))
  for (const [layer, { key, value }] of next.fresh.entries())
    results.set(names.fresh[layer]!.key, key).set(names.fresh[layer]!.value, value)
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
  const own = (all: Float32Array): Float32Array => {
    const width = all.length / normalisers.length
    return all.subarray(row * width, (row + 1) * width)
  }
  return { logits: own(logits), normaliser: normalisers[row]!, probabilities: own(probabilities) }
}

export interface Steps {
  run: Run
  /** Takes other weights of the same shapes, without copying them. */
  setWeights(weights: Weights): void
  close(): Promise<void>
}

/**
 * The weights that are compiled into the graph: those of four bits, and with them the head. A weight that training changes is
 * a view of its memory and carries no four bits, so that what is compiled in never goes stale.
 */
function fixedOf(config: ModelConfig, weights: Weights): Weights {
  const fixed: Weights = new Map([...weights].filter(([, { quantised }]) => quantised))
  if (fixed.size > 0) fixed.set(headName(config), weights.get(headName(config))!)
  return fixed
}

const isSame = (a: Weights, b: Weights): boolean =>
  a.size === b.size && [...a].every(([name, weight]) => b.get(name) === weight)

export async function openSteps(config: ModelConfig, given: Weights, threads?: number): Promise<Steps> {
  const tables = ropeTables(config, config.maxPositions)
  const table = [config.maxPositions, config.headDim / 2]
  const shared: [string, Value][] = [
    ['cos', { shape: table, data: tables.cos }],
    ['sin', { shape: table, data: tables.sin }],
  ]
  const group = config.heads / config.keyValueHeads
  const open = async (fixed: Weights) => {
    const graph = new Graph('generation')
    const names = cachedTransformer(graph, config, fixed)
    return { program: await compile(graph, { threads }), names, fixed }
  }
  let weights = given
  let compiled = await open(fixedOf(config, weights))

  const run: Run = async (tokens, { temperature, logits, probabilities }, cached) => {
    const fixed = fixedOf(config, weights)
    if (!isSame(fixed, compiled.fixed)) {
      await compiled.program.close()
      compiled = await open(fixed)
    }
    const rows = tokens.length
    const length = tokens.reduce((most, row) => Math.max(most, row.length), 0)
    const past = cached ?? nothingCached(config, rows)
    const ids = new BigInt64Array(rows * length)
    const positions = new BigInt64Array(rows * length)
    const last = new BigInt64Array(rows)
    for (const [row, own] of tokens.entries()) {
      for (let i = 0; i < own.length; i++) {
        ids[row * length + i] = BigInt(own[i]!)
        positions[row * length + i] = BigInt(past.lengths[row]! + i)
      }
      last[row] = BigInt(row * length + own.length - 1)
    }
    const feeds = new Map<string, Value>([
      ...(weights as ReadonlyMap<string, Value>),
      ...shared,
      ['ids', { shape: [rows, length], data: ids }],
      ['positions', { shape: [rows, length], data: positions }],
      ['last', { shape: [rows], data: last }],
      ['causal', causalMask(length, group)],
      ['mask', lengthMask(past)],
      ['parts', { shape: [2], data: BigInt64Array.of(BigInt(past.cache.capacity), BigInt(length)) }],
      ['inverseTemperature', { shape: [], data: Float32Array.of(1 / (temperature || 1)) }],
    ])
    for (const [layer, { key, value }] of past.cache.layers.entries())
      feeds.set(`past.${layer}.key`, key).set(`past.${layer}.value`, value)
    const next: Predictions = {
      logits: new Float32Array(logits ? rows * config.vocabSize : 0),
      normalisers: new Float32Array(rows),
      probabilities: new Float32Array(probabilities ? rows * config.vocabSize : 0),
      fresh: emptyLayers(config, rows, length),
    }
    await compiled.program.run(feeds, resultsOf(next, compiled.names))
    return next
  }
  return {
    run,
    setWeights: (other) => {
      weights = other
    },
    close: () => compiled.program.close(),
  }
}
