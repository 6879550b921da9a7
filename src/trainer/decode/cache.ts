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

/** Bytes of keys and values of all rows that are answered together, at most. */
const mostCacheBytes = 2 ** 29

/** Bytes of keys and values of one row of so many positions, prompt and answer. */
const rowBytes = ({ layers, keyValueHeads, headDim, maxPositions }: ModelConfig, positions: number): number =>
  8 * layers * keyValueHeads * headDim * Math.min(positions, maxPositions)

/** Rows of so many positions that are answered together; one at least. */
export const rowsAtOnce = (config: ModelConfig, positions: number): number =>
  Math.max(1, Math.floor(mostCacheBytes / rowBytes(config, positions)))

/** Bytes that answering `rows` takes at its peak: a cache that is packed stands beside the one that it becomes. */
export const generationBytes = (config: ModelConfig, rows: number, positions: number): number =>
  2 * Math.min(rows, rowsAtOnce(config, positions)) * rowBytes(config, positions)

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
