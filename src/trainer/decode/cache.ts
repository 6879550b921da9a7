/** Keys and values of the positions so far, per layer [rows, kv, capacity, headDim]; the kernel writes into them. */
import type { Value } from '../graph/runtime.ts'
import type { ModelConfig } from '../model/config.ts'

export interface Cache {
  readonly rows: number
  readonly capacity: number
  readonly layers: readonly { key: Value; value: Value }[]
}

export function emptyCache(config: ModelConfig, rows: number, capacity: number): Cache {
  const shape = [rows, config.keyValueHeads, capacity, config.headDim]
  const size = rows * config.keyValueHeads * capacity * config.headDim
  const room = (): Value => ({ shape, data: new Float32Array(size) })
  return {
    rows,
    capacity,
    layers: Array.from({ length: config.layers }, () => ({ key: room(), value: room() })),
  }
}

/** A cache of rows of others: repeated for several samples of a prompt, or without those that are finished. */
export function selectRows(
  config: ModelConfig,
  from: readonly { cache: Cache; row: number }[],
  capacity: number,
): Cache {
  const selected = emptyCache(config, from.length, capacity)
  const { keyValueHeads: heads, headDim } = config
  for (const [layer, target] of selected.layers.entries())
    for (const part of ['key', 'value'] as const) {
      const into = target[part].data as Float32Array
      for (const [row, { cache, row: old }] of from.entries()) {
        const source = cache.layers[layer]![part].data as Float32Array
        const copied = Math.min(cache.capacity, capacity) * headDim
        for (let head = 0; head < heads; head++) {
          const start = (old * heads + head) * cache.capacity * headDim
          into.set(source.subarray(start, start + copied), (row * heads + head) * capacity * headDim)
        }
      }
    }
  return selected
}
