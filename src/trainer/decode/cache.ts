/** Keys and values of the positions so far, per layer [rows, kv, capacity, headDim]. */
import type { Value } from '../graph/runtime.ts'
import type { ModelConfig } from '../model/config.ts'

type Block = Value & { data: Float32Array }
export interface Layer {
  key: Block
  value: Block
}

export interface Cache {
  readonly rows: number
  readonly capacity: number
  readonly layers: readonly Layer[]
}

/** Bytes that rows which are answered together take, at most. */
const mostBytes = 0.4 * 2 ** 30

/** Bytes of keys and values of one row of so many positions, prompt and answer. */
const cacheBytes = ({ layers, keyValueHeads, headDim, maxPositions }: ModelConfig, positions: number): number =>
  8 * layers * keyValueHeads * headDim * Math.min(positions, maxPositions)

/** Steps whose results still wait for the garbage collector. */
const uncollected = 16

/** Bytes of what steps return of one row: logits and probabilities, and the copy of both that the runtime hands back. */
const returnedBytes = ({ vocabSize }: ModelConfig): number => uncollected * 2 * 8 * vocabSize

/** Rows of so many positions that are answered together; one at least. */
export const rowsAtOnce = (config: ModelConfig, positions: number): number =>
  Math.max(1, Math.floor(mostBytes / (cacheBytes(config, positions) + returnedBytes(config))))

/** Bytes that answering `rows` takes at its peak: a cache that is packed stands beside the one that it becomes. */
export const generationBytes = (config: ModelConfig, rows: number, positions: number): number =>
  Math.min(rows, rowsAtOnce(config, positions)) * (2 * cacheBytes(config, positions) + returnedBytes(config))

/** Room for `length` positions of each row in each layer. */
export function emptyLayers(config: ModelConfig, rows: number, length: number): Layer[] {
  const shape = [rows, config.keyValueHeads, length, config.headDim]
  const size = rows * config.keyValueHeads * length * config.headDim
  const room = (): Block => ({ shape, data: new Float32Array(size) })
  return Array.from({ length: config.layers }, () => ({ key: room(), value: room() }))
}

/** A cache of rows of others: prompts just read, repeated for several samples, without those that are finished. */
export function cacheOf(
  config: ModelConfig,
  from: readonly { layers: readonly Layer[]; row: number }[],
  capacity: number,
): Cache {
  const layers = emptyLayers(config, from.length, capacity)
  const { keyValueHeads: heads, headDim } = config
  for (const [layer, target] of layers.entries())
    for (const part of ['key', 'value'] as const)
      for (const [row, { layers: given, row: old }] of from.entries()) {
        const source = given[layer]![part]
        const width = source.shape[2]! * headDim
        const copied = Math.min(width, capacity * headDim)
        for (let head = 0; head < heads; head++) {
          const start = (old * heads + head) * width
          target[part].data.set(source.data.subarray(start, start + copied), (row * heads + head) * capacity * headDim)
        }
      }
  return { rows: from.length, capacity, layers }
}

/** Writes the keys and values of one more token of each row, at the row's own position. */
export function remember(cache: Cache, fresh: readonly Layer[], positions: readonly number[]): void {
  const [, heads, capacity, headDim] = cache.layers[0]!.key.shape as [number, number, number, number]
  for (const [layer, target] of cache.layers.entries())
    for (const part of ['key', 'value'] as const) {
      const into = target[part].data
      const source = fresh[layer]![part].data
      for (let row = 0; row < cache.rows; row++)
        for (let head = 0; head < heads; head++) {
          const from = (row * heads + head) * headDim
          const to = ((row * heads + head) * capacity + positions[row]!) * headDim
          for (let i = 0; i < headDim; i++) into[to + i] = source[from + i]!
        }
    }
}
