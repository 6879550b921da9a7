/**
 * GGUF, the file format of llama.cpp, as a Hugging Face checkpoint: tensors get Hugging Face's names and row order.
 */
import { closeSync, fstatSync, openSync } from 'node:fs'
import { TrainerError } from '../errors.ts'
import type { ModelConfig, Quantised, RopeScaling, Weight, Weights } from '../model/config.ts'
import { checkConfig } from '../model/config.ts'
import { elementsOf } from '../model/parameters.ts'
import { type GgufTensor, readGgufHeader } from './gguf-header.ts'
import { badBlock, quantisations } from './quantised.ts'
import { checkFinite, readFully } from './safetensors.ts'

export interface Gguf {
  config: ModelConfig
  weights: Weights
  metadata: Record<string, unknown>
}

const layerNames: Record<string, string> = {
  attn_norm: 'input_layernorm',
  ffn_norm: 'post_attention_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
}
const topNames: Record<string, string> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
}

/** Hugging Face's name of a GGUF tensor; undefined for one that has none. */
export function huggingFaceName(name: string): string | undefined {
  const [, layer, part, kind] = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name) ?? []
  if (layer === undefined) return Object.hasOwn(topNames, name) ? topNames[name] : undefined
  return Object.hasOwn(layerNames, part) ? `model.layers.${layer}.${layerNames[part]}.${kind}` : undefined
}

/**
 * Undoes llama.cpp's interleaving of rotary pairs in the rows of q and k: row (head, j, half) there is row
 * (head, half, j) here, j < headDim / 2.
 */
export function uninterleave<A extends Float32Array | Uint8Array>(data: A, heads: number, headDim: number): A {
  const columns = data.length / (heads * headDim)
  const out = data.slice() as A
  for (let head = 0; head < heads; head++)
    for (let half = 0; half < 2; half++)
      for (let j = 0; j < headDim / 2; j++) {
        const from = (head * headDim + j * 2 + half) * columns
        out.set(data.subarray(from, from + columns), (head * headDim + half * (headDim / 2) + j) * columns)
      }
  return out
}

/** Llama 3.1's frequency factors stand in GGUF as the tensor `rope_freqs.weight`; its constants are published. */
function scalingOf(factors: Float32Array, config: ModelConfig, where: string): RopeScaling {
  const factor = factors.reduce((a, b) => Math.max(a, b), 0)
  const [lowFreqFactor, highFreqFactor, originalMaxPositions] = [1, 4, 8192]
  factors.forEach((given, i) => {
    const wavelength = 2 * Math.PI * config.ropeTheta ** ((2 * i) / config.headDim)
    const smooth = (originalMaxPositions / wavelength - lowFreqFactor) / (highFreqFactor - lowFreqFactor)
    const expected = smooth <= 0 ? factor : smooth >= 1 ? 1 : 1 / ((1 - smooth) / factor + smooth)
    if (Math.abs(given - expected) > 1e-2 * expected)
      throw new TrainerError('bad_input', 'Its rotary frequency factors are not those of Llama 3.', {
        where: `${where}, tensor rope_freqs.weight`,
        hint: 'Use the Hugging Face folder of this model: its config.json says how they are made.',
      })
  })
  return { type: 'llama3', factor, lowFreqFactor, highFreqFactor, originalMaxPositions }
}

function configOf(metadata: Record<string, unknown>, tensors: GgufTensor[], path: string): ModelConfig {
  const architecture = String(metadata['general.architecture'])
  if (architecture !== 'llama' && architecture !== 'qwen2')
    throw new TrainerError('bad_input', `Models of architecture '${architecture}' are not supported.`, {
      where: `${path}, general.architecture`,
      hint: 'Supported are llama and qwen2.',
    })
  const number = (name: string, fallback?: number): number => {
    const value = metadata[`${architecture}.${name}`] ?? fallback
    if (typeof value === 'number' && Number.isFinite(value)) return value
    throw new TrainerError('bad_input', `${architecture}.${name} is missing or not a number.`, { where: path })
  }
  const token = (name: string): number | undefined => {
    const value = metadata[`tokenizer.ggml.${name}_token_id`]
    return typeof value === 'number' ? value : undefined
  }
  const scalingType = metadata[`${architecture}.rope.scaling.type`] ?? 'none'
  if (scalingType !== 'none' && scalingType !== 'linear')
    throw new TrainerError('bad_input', `Rotary scaling '${scalingType}' of a GGUF file is not supported.`, {
      where: `${path}, ${architecture}.rope.scaling.type`,
      hint: 'Use the Hugging Face folder of this model.',
    })
  const has = (name: string) => tensors.some((tensor) => tensor.name === name)
  const embedding = tensors.find((tensor) => tensor.name === 'token_embd.weight')
  if (!embedding) throw new TrainerError('bad_input', 'token_embd.weight is missing.', { where: path })
  const heads = number('attention.head_count')
  const config: ModelConfig = {
    vocabSize: embedding.shape[0],
    hiddenSize: number('embedding_length'),
    intermediateSize: number('feed_forward_length'),
    layers: number('block_count'),
    heads,
    keyValueHeads: number('attention.head_count_kv', heads),
    headDim: number('attention.key_length', number('embedding_length') / heads),
    ropeTheta: number('rope.freq_base', 10_000),
    ...(scalingType === 'linear' ? { ropeScaling: { type: 'linear', factor: number('rope.scaling.factor') } } : {}),
    // Stored as float32; the decimal that was meant differs from it by less than half its precision.
    rmsNormEps: Number(number('attention.layer_norm_rms_epsilon').toPrecision(7)),
    tieWordEmbeddings: !has('output.weight'),
    attentionBias: has('blk.0.attn_q.bias'),
    attentionOutputBias: has('blk.0.attn_output.bias'),
    maxPositions: number('context_length'),
    eosTokenIds: [token('eos'), token('eot')].filter((id) => id !== undefined),
  }
  const [bos, pad] = [token('bos'), token('padding')]
  if (bos !== undefined) config.bosTokenId = bos
  if (pad !== undefined) config.padTokenId = pad
  checkConfig(config, path)
  return config
}

type Order = <A extends Float32Array | Uint8Array>(rows: A) => A
const asStored: Order = (rows) => rows

function readTensor(
  file: number,
  { name, shape, dtype, offset }: GgufTensor,
  { base, size, path }: { base: number; size: number; path: string },
  order = asStored,
): Weight {
  const refuse = (message: string, hint?: string): never => {
    throw new TrainerError('bad_input', message, { where: `${path}, tensor ${name}`, hint })
  }
  const quantisation = quantisations.get(dtype)
  const names = [...quantisations.values()].map((known) => known.name).join(', ')
  if (!quantisation) return refuse(`Its type (ggml number ${dtype}) is not supported.`, `Supported are ${names}.`)
  const numbers = shape.reduce((product, side) => product * side, 1)
  const bytes = (numbers / quantisation.numbers) * quantisation.bytes
  if (!Number.isSafeInteger(bytes))
    return refuse(`Shape [${shape}] does not fill whole blocks of ${quantisation.name}.`)
  if (!Number.isSafeInteger(base + offset + bytes) || base + offset + bytes > size)
    return refuse(`It needs ${bytes} bytes from ${base + offset}; the file has ${size}: it is truncated.`)
  const stored = new Uint8Array(bytes)
  readFully(file, stored, base + offset, path)
  const bad = badBlock(stored, quantisation)
  if (bad >= 0) return refuse(`The scale of block ${bad} is not a number: the file is damaged.`)
  const expand = () => {
    const data = new Float32Array(numbers)
    quantisation.decode(stored, data)
    return order(data)
  }
  // Blocks of whole rows only: a row that ends within a block cannot be multiplied by block.
  const { repack } = quantisation
  if (repack && shape.at(-1)! % 32 === 0) {
    const quantised = () => {
      const { nibbles, scales, offsets } = repack(stored)
      return { nibbles: order(nibbles), scales: order(scales), offsets: order(offsets) }
    }
    return whenNeeded(shape, expand, quantised)
  }
  const data = expand()
  if (quantisation.halves.length === 0) checkFinite(name, data, path)
  return { shape, data }
}

/** Generation multiplies with the four bits alone; training asks for the numbers themselves, and then keeps them. */
function whenNeeded(shape: number[], expand: () => Float32Array, quantised: () => Quantised): Weight {
  let data: Float32Array | undefined
  return {
    shape,
    get data() {
      data ??= expand()
      return data
    },
    quantised,
  }
}

/** Reads a GGUF file of a Llama or Qwen2 model whole. Throws TrainerError naming file and field or tensor. */
export function readGguf(path: string): Gguf {
  const { metadata, tensors, base } = readGgufHeader(path)
  const config = configOf(metadata, tensors, path)
  const weights: Weights = new Map()
  const file = openSync(path, 'r')
  try {
    const place = { base, size: fstatSync(file).size, path }
    for (const tensor of tensors) {
      if (tensor.name === 'rope_freqs.weight') {
        config.ropeScaling = scalingOf(readTensor(file, tensor, place).data, config, path)
        continue
      }
      const name = huggingFaceName(tensor.name)
      if (!name)
        throw new TrainerError('bad_input', 'This tensor has no place in a Llama or Qwen2 model.', {
          where: `${path}, tensor ${tensor.name}`,
        })
      const heads = /\.q_proj\./.test(name) ? config.heads : /\.k_proj\./.test(name) ? config.keyValueHeads : 0
      const isInterleaved = heads > 0 && metadata['general.architecture'] === 'llama'
      if (isInterleaved && elementsOf(tensor.shape) % (heads * config.headDim))
        throw new TrainerError(
          'bad_input',
          `Shape [${tensor.shape}] does not fit ${heads} heads of ${config.headDim}.`,
          {
            where: `${path}, tensor ${tensor.name}`,
          },
        )
      const order: Order = isInterleaved ? (rows) => uninterleave(rows, heads, config.headDim) : asStored
      weights.set(name, readTensor(file, tensor, place, order))
    }
  } finally {
    closeSync(file)
  }
  return { config, weights, metadata }
}
