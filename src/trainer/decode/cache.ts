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

/** A cache whose row i is row `from[i]` of the other: rows repeated for several samples, or finished rows left out. */
export function selectRows(cache: Cache, config: ModelConfig, from: readonly number[], capacity: number): Cache {
  const selected = emptyCache(config, from.length, capacity)
  const copied = Math.min(cache.capacity, capacity) * config.headDim
  const { keyValueHeads: heads, headDim } = config
  for (const [layer, target] of selected.layers.entries())
    for (const part of ['key', 'value'] as const) {
      const source = cache.layers[layer]![part].data as Float32Array
      const into = target[part].data as Float32Array
      for (const [row, old] of from.entries())
        for (let head = 0; head < heads; head++) {
          const start = (old * heads + head) * cache.capacity * headDim
          into.set(source.subarray(start, start + copied), (row * heads + head) * capacity * headDim)
        }
    }
  return selected
}
