/** The tensors that a model consists of: names and shapes, first values for presets, and the check of a checkpoint. */
import { TrainerError } from '../errors.ts'
import { randomOf } from '../random.ts'
import type { ModelConfig, Weight, Weights } from './config.ts'
import type { LoraOptions, LoraTarget } from './session.ts'

export type Head = 'lm' | 'scalar'

export const embeddingName = 'model.embed_tokens.weight'
export const scoreName = 'score.weight'

/** Linear layers of a block: where they stand in the name, and [out, in]. */
export function linearLayers(config: ModelConfig): Record<LoraTarget, { path: string; out: number; in: number }> {
  const { hiddenSize, intermediateSize, heads, keyValueHeads, headDim } = config
  const [queries, keys] = [heads * headDim, keyValueHeads * headDim]
  return {
    q_proj: { path: 'self_attn.q_proj', out: queries, in: hiddenSize },
    k_proj: { path: 'self_attn.k_proj', out: keys, in: hiddenSize },
    v_proj: { path: 'self_attn.v_proj', out: keys, in: hiddenSize },
    o_proj: { path: 'self_attn.o_proj', out: hiddenSize, in: queries },
    gate_proj: { path: 'mlp.gate_proj', out: intermediateSize, in: hiddenSize },
    up_proj: { path: 'mlp.up_proj', out: intermediateSize, in: hiddenSize },
    down_proj: { path: 'mlp.down_proj', out: hiddenSize, in: intermediateSize },
  }
}

export const hasBias = (config: ModelConfig, target: LoraTarget): boolean =>
  target === 'o_proj' ? config.attentionOutputBias : config.attentionBias && /^[qkv]_/.test(target)

/** Every tensor of the model without adapters, in the order of a checkpoint. */
export function parameterShapes(config: ModelConfig, head: Head): Map<string, number[]> {
  const { vocabSize, hiddenSize, layers } = config
  const shapes = new Map<string, number[]>([[embeddingName, [vocabSize, hiddenSize]]])
  for (let layer = 0; layer < layers; layer++) {
    const block = `model.layers.${layer}`
    shapes.set(`${block}.input_layernorm.weight`, [hiddenSize])
    for (const [target, { path, out, in: width }] of Object.entries(linearLayers(config))) {
      shapes.set(`${block}.${path}.weight`, [out, width])
      if (hasBias(config, target as LoraTarget)) shapes.set(`${block}.${path}.bias`, [out])
    }
    shapes.set(`${block}.post_attention_layernorm.weight`, [hiddenSize])
  }
  shapes.set('model.norm.weight', [hiddenSize])
  if (head === 'scalar') shapes.set(scoreName, [1, hiddenSize])
  else if (!config.tieWordEmbeddings) shapes.set('lm_head.weight', [vocabSize, hiddenSize])
  return shapes
}

/** The tensors of an adapter, under PEFT's names without their prefix. */
export function adapterShapes(config: ModelConfig, { rank, targets }: LoraOptions): Map<string, number[]> {
  const shapes = new Map<string, number[]>()
  const linear = linearLayers(config)
  for (let layer = 0; layer < config.layers; layer++)
    for (const target of targets) {
      const { path, out, in: width } = linear[target]
      shapes.set(`model.layers.${layer}.${path}.lora_A.weight`, [rank, width])
      shapes.set(`model.layers.${layer}.${path}.lora_B.weight`, [out, rank])
    }
  return shapes
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

export function countParameters(shapes: Iterable<readonly number[]>): number {
  let count = 0
  for (const shape of shapes) count += elementsOf(shape)
  return count
}

/** The weight of that name and shape, or an error that says what is wrong with it. `where` names the checkpoint. */
export function weightOf(weights: Weights, name: string, shape: readonly number[], where = 'weights'): Weight {
  const weight = weights.get(name)
  if (!weight)
    throw new TrainerError('bad_input', `The tensor ${name} is missing.`, {
      where,
      hint: 'The checkpoint is incomplete, or its config describes another model.',
    })
  // What is stored in four bits has the length of its shape, and is not expanded to be measured.
  const length = weight.quantised ? elementsOf(weight.shape) : weight.data.length
  if (weight.shape.join() !== shape.join() || length !== elementsOf(shape))
    throw new TrainerError('bad_input', `The tensor ${name} is [${weight.shape}] where the config says [${shape}].`, {
      where,
    })
  return weight
}

/** Refuses weights that lack a tensor of the config or carry one in another shape; others are left alone. */
export function checkWeights(config: ModelConfig, weights: Weights, where?: string): void {
  for (const [name, shape] of parameterShapes(config, 'lm')) weightOf(weights, name, shape, where)
}

/**
 * First weights of a model trained from scratch: normal with deviation 0.02 as GPT-2, what writes into the residual
 * stream divided by sqrt(2 layers) (A. Radford et al., 2019); norms 1, biases 0.
 */
export function initialWeights(config: ModelConfig, seed: number): Weights {
  const random = randomOf(seed, 1)
  const weights: Weights = new Map()
  for (const [name, shape] of parameterShapes(config, 'lm')) {
    const data = new Float32Array(elementsOf(shape))
    const intoResidual = /(o_proj|down_proj)\.weight$/.test(name)
    const deviation = intoResidual ? 0.02 / Math.sqrt(2 * config.layers) : 0.02
    if (/norm\.weight$/.test(name)) data.fill(1)
    else if (!name.endsWith('.bias')) for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal()
    weights.set(name, { shape, data })
  }
  return weights
}

/** First weights of an adapter: A uniform within 1 / sqrt(in), B zero, so that it starts without effect (as PEFT). */
export function initialAdapter(config: ModelConfig, options: LoraOptions, seed: number): Weights {
  const random = randomOf(seed, 2)
  const weights: Weights = new Map()
  for (const [name, shape] of adapterShapes(config, options)) {
    const data = new Float32Array(elementsOf(shape))
    const bound = 1 / Math.sqrt(shape[1]!)
    if (name.endsWith('lora_A.weight'))
      for (let i = 0; i < data.length; i++) data[i] = bound * (2 * random.uniform() - 1)
    weights.set(name, { shape, data })
  }
  return weights
}
