/** `config.json` of Hugging Face, of Llama, Mistral and Qwen2, to ModelConfig and back. */
import { TrainerError } from '../errors.ts'
import type { ModelConfig, RopeScaling } from '../model/config.ts'
import { checkConfig } from '../model/config.ts'
import { booleanOf, type Fields, isFields, numberOf, textOf } from './json.ts'

const known = ['llama', 'mistral', 'qwen2']

function scalingOf(fields: Fields, where: string): RopeScaling | undefined {
  const type = textOf(fields, 'rope_type') ?? textOf(fields, 'type') ?? 'default'
  const at = `${where}, rope_scaling`
  const number = (name: string, fallback?: number) => numberOf(fields, name, at, fallback)
  switch (type) {
    case 'default':
      return undefined
    case 'linear':
      return { type, factor: number('factor') }
    case 'llama3':
      return {
        type,
        factor: number('factor'),
        lowFreqFactor: number('low_freq_factor'),
        highFreqFactor: number('high_freq_factor'),
        originalMaxPositions: number('original_max_position_embeddings'),
      }
    case 'yarn':
      return {
        type,
        factor: number('factor'),
        originalMaxPositions: number('original_max_position_embeddings'),
        betaFast: number('beta_fast', 32),
        betaSlow: number('beta_slow', 1),
        ...(fields.attention_factor == null ? {} : { attentionFactor: number('attention_factor') }),
      }
    default:
      throw new TrainerError('bad_input', `Rotary scaling '${type}' is not supported.`, {
        where: at,
        hint: 'Supported are default, linear, llama3 and yarn.',
      })
  }
}

/** Token ids given as one number, a list or nothing. */
export function tokenIdsOf(value: unknown): number[] {
  return (Array.isArray(value) ? value : [value]).filter((id): id is number => Number.isSafeInteger(id))
}

export function configOf(fields: Fields, where: string): ModelConfig {
  const type = textOf(fields, 'model_type') ?? 'missing'
  if (!known.includes(type))
    throw new TrainerError('bad_input', `Models of type '${type}' are not supported.`, {
      where: `${where}, model_type`,
      hint: `Supported are ${known.join(', ')}.`,
    })
  const number = (name: string, fallback?: number) => numberOf(fields, name, where, fallback)
  const activation = textOf(fields, 'hidden_act') ?? 'silu'
  if (activation !== 'silu' && activation !== 'swish')
    throw new TrainerError('bad_input', `Activation '${activation}' is not supported.`, {
      where: `${where}, hidden_act`,
    })
  if (booleanOf(fields, 'mlp_bias', false))
    throw new TrainerError('bad_input', 'Biases in the feed-forward layers are not supported.', {
      where: `${where}, mlp_bias`,
    })
  const isQwen2 = type === 'qwen2'
  const heads = number('num_attention_heads')
  const attentionBias = isQwen2 || booleanOf(fields, 'attention_bias', false)
  const usesWindow = isQwen2
    ? booleanOf(fields, 'use_sliding_window', false)
    : typeof fields.sliding_window === 'number'
  const positions = number('max_position_embeddings', 2048)
  const [bosTokenId] = tokenIdsOf(fields.bos_token_id)
  const [padTokenId] = tokenIdsOf(fields.pad_token_id)
  const rope = isFields(fields.rope_parameters) ? fields.rope_parameters : fields
  const scaling = isFields(fields.rope_parameters) ? fields.rope_parameters : fields.rope_scaling
  const ropeScaling = isFields(scaling) ? scalingOf(scaling, where) : undefined
  const config: ModelConfig = {
    vocabSize: number('vocab_size'),
    hiddenSize: number('hidden_size'),
    intermediateSize: number('intermediate_size'),
    layers: number('num_hidden_layers'),
    heads,
    keyValueHeads: number('num_key_value_heads', heads),
    headDim: number('head_dim', number('hidden_size') / heads),
    ropeTheta: numberOf(rope, 'rope_theta', where, 10_000),
    ...(ropeScaling ? { ropeScaling } : {}),
    rmsNormEps: number('rms_norm_eps', 1e-6),
    tieWordEmbeddings: booleanOf(fields, 'tie_word_embeddings', false),
    attentionBias,
    attentionOutputBias: attentionBias && !isQwen2,
    // Within the window every token sees all before it, as ours do.
    maxPositions: usesWindow ? Math.min(positions, number('sliding_window', positions)) : positions,
    eosTokenIds: tokenIdsOf(fields.eos_token_id),
  }
  if (bosTokenId !== undefined) config.bosTokenId = bosTokenId
  if (padTokenId !== undefined) config.padTokenId = padTokenId
  checkConfig(config, where)
  return config
}

const scalingFields = (scaling: RopeScaling): Fields =>
  scaling.type === 'linear'
    ? { rope_type: 'linear', factor: scaling.factor }
    : scaling.type === 'llama3'
      ? {
          rope_type: 'llama3',
          factor: scaling.factor,
          low_freq_factor: scaling.lowFreqFactor,
          high_freq_factor: scaling.highFreqFactor,
          original_max_position_embeddings: scaling.originalMaxPositions,
        }
      : {
          rope_type: 'yarn',
          factor: scaling.factor,
          original_max_position_embeddings: scaling.originalMaxPositions,
          beta_fast: scaling.betaFast,
          beta_slow: scaling.betaSlow,
          ...(scaling.attentionFactor === undefined ? {} : { attention_factor: scaling.attentionFactor }),
        }

/** The `config.json` that `transformers` loads; a scalar head makes it a sequence classifier of one label. */
export function configFields(config: ModelConfig, head: 'lm' | 'scalar'): Fields {
  const isQwen2 = config.attentionBias && !config.attentionOutputBias
  const family = isQwen2 ? 'Qwen2' : 'Llama'
  return {
    architectures: [head === 'lm' ? `${family}ForCausalLM` : `${family}ForSequenceClassification`],
    model_type: family.toLowerCase(),
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headDim,
    hidden_act: 'silu',
    rms_norm_eps: config.rmsNormEps,
    rope_theta: config.ropeTheta,
    rope_scaling: config.ropeScaling ? scalingFields(config.ropeScaling) : null,
    max_position_embeddings: config.maxPositions,
    tie_word_embeddings: config.tieWordEmbeddings,
    attention_bias: config.attentionBias,
    mlp_bias: false,
    bos_token_id: config.bosTokenId ?? null,
    eos_token_id: config.eosTokenIds.length === 1 ? config.eosTokenIds[0] : config.eosTokenIds,
    pad_token_id: config.padTokenId ?? config.eosTokenIds[0] ?? null,
    torch_dtype: 'float32',
    ...(head === 'scalar' ? { id2label: { 0: 'LABEL_0' }, label2id: { LABEL_0: 0 }, num_labels: 1 } : {}),
  }
}
