/**
 * The facts of a decoder-only transformer of the Llama / Qwen2 family: the keys of Hugging Face's `config.json` in
 * camelCase, and the weights under Hugging Face's tensor names.
 */
import { TrainerError } from '../errors.ts'

/** How rotary frequencies are stretched beyond the length that a model was trained on; `rope_scaling` of the file. */
export type RopeScaling =
  | { type: 'linear'; factor: number }
  | {
      type: 'llama3'
      factor: number
      lowFreqFactor: number
      highFreqFactor: number
      originalMaxPositions: number
    }
  | {
      type: 'yarn'
      factor: number
      originalMaxPositions: number
      betaFast: number
      betaSlow: number
      attentionFactor?: number
    }

export interface ModelConfig {
  vocabSize: number
  hiddenSize: number
  intermediateSize: number
  /** num_hidden_layers */
  layers: number
  /** num_attention_heads */
  heads: number
  /** num_key_value_heads; divides `heads`. */
  keyValueHeads: number
  headDim: number
  ropeTheta: number
  ropeScaling?: RopeScaling
  rmsNormEps: number
  /** The output projection is the embedding itself; then there is no `lm_head.weight`. */
  tieWordEmbeddings: boolean
  /** Biases on the q, k and v projections: true in Qwen2. */
  attentionBias: boolean
  /** Bias on the o projection too: true in Llama with `attention_bias`, false in Qwen2. */
  attentionOutputBias: boolean
  maxPositions: number
  bosTokenId?: number
  eosTokenIds: number[]
  padTokenId?: number
}

/** One weight as it stands in a checkpoint: row-major, linear layers as [out, in]. */
export interface Weight {
  shape: number[]
  readonly data: Float32Array
  /** The same numbers in four bits each, where the checkpoint stores them so: generation reads an eighth of the memory. */
  quantised?: () => Quantised
}

/** Rows of blocks of 32 numbers of four bits q, each x = scale (q - 8) + offset of its block. */
export interface Quantised {
  /** 16 bytes a block; number 2 j stands in the low half of byte j. */
  nibbles: Uint8Array
  scales: Float32Array
  offsets: Float32Array
}

/** Hugging Face tensor name (`model.layers.0.self_attn.q_proj.weight`) to weight. */
export type Weights = Map<string, Weight>

const preset = (shape: {
  vocabSize: number
  hiddenSize: number
  intermediateSize: number
  layers: number
  heads: number
  keyValueHeads: number
}): ModelConfig => ({
  ...shape,
  headDim: shape.hiddenSize / shape.heads,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  tieWordEmbeddings: true,
  attentionBias: false,
  attentionOutputBias: false,
  maxPositions: 1024,
  eosTokenIds: [],
})

/**
 * Shapes to train from scratch. The vocabulary size is an upper bound: whoever trains the tokenizer replaces it, and
 * sets the special token ids.
 */
export const presets = {
  'preset:1m': preset({
    vocabSize: 2048,
    hiddenSize: 128,
    intermediateSize: 384,
    layers: 4,
    heads: 4,
    keyValueHeads: 4,
  }),
  'preset:7m': preset({
    vocabSize: 8192,
    hiddenSize: 256,
    intermediateSize: 768,
    layers: 6,
    heads: 8,
    keyValueHeads: 8,
  }),
  'preset:30m': preset({
    vocabSize: 16384,
    hiddenSize: 512,
    intermediateSize: 1280,
    layers: 8,
    heads: 8,
    keyValueHeads: 4,
  }),
} as const satisfies Record<string, ModelConfig>

export type PresetName = keyof typeof presets

export const isPreset = (name: string): name is PresetName => Object.hasOwn(presets, name)

/** Refuses what cannot be a model, field by field. `where` names the file. */
export function checkConfig(config: ModelConfig, where = 'config'): void {
  const refuse = (field: string, message: string): never => {
    throw new TrainerError('bad_input', message, { where: `${where}, ${field}` })
  }
  const counts = ['vocabSize', 'hiddenSize', 'intermediateSize', 'layers', 'heads', 'keyValueHeads', 'headDim'] as const
  for (const field of [...counts, 'maxPositions'] as const) {
    const value = config[field]
    if (!Number.isSafeInteger(value) || value < 1 || value > 2 ** 31)
      refuse(field, `${field} is ${value}, not a positive integer.`)
  }
  if (config.heads % config.keyValueHeads !== 0)
    refuse('keyValueHeads', `${config.heads} heads cannot be shared by ${config.keyValueHeads} key-value heads.`)
  if (config.headDim % 2 !== 0) refuse('headDim', `headDim ${config.headDim} is odd; rotary positions need pairs.`)
  if (!(config.rmsNormEps > 0)) refuse('rmsNormEps', `rmsNormEps is ${config.rmsNormEps}, not above 0.`)
  if (!(config.ropeTheta > 1)) refuse('ropeTheta', `ropeTheta is ${config.ropeTheta}, not above 1.`)
}
