/** An adapter merged into the weights that it adapts: W + (alpha / rank) B A. */
import type { ModelConfig, Weights } from './config.ts'
import { linearLayers } from './parameters.ts'
import type { LoraOptions } from './session.ts'

/** Base weights with the adapter merged in: adapted layers are new arrays, all others the very same. */
export function mergeAdapter(config: ModelConfig, base: Weights, options: LoraOptions, adapter: Weights): Weights {
  const merged: Weights = new Map(base)
  const scale = options.alpha / options.rank
  const layout = linearLayers(config)
  for (let layer = 0; layer < config.layers; layer++)
    for (const target of options.targets) {
      const name = `model.layers.${layer}.${layout[target].path}`
      const weight = base.get(`${name}.weight`)!
      const a = adapter.get(`${name}.lora_A.weight`)!.data
      const b = adapter.get(`${name}.lora_B.weight`)!.data
      const [out, width] = weight.shape as [number, number]
      const data = weight.data.slice()
      for (let row = 0; row < out; row++)
        for (let r = 0; r < options.rank; r++) {
          const factor = Math.fround(scale * b[row * options.rank + r]!)
          if (factor === 0) continue
          const [to, from] = [row * width, r * width]
          for (let i = 0; i < width; i++) data[to + i] = data[to + i]! + factor * a[from + i]!
        }
      merged.set(`${name}.weight`, { shape: weight.shape, data })
    }
  return merged
}
