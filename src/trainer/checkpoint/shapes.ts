/** Which weights a model of a given configuration has, and their shapes: a checkpoint must bring every one. */
import { TrainerError } from '../errors.ts'
import type { ModelConfig, Weights } from '../model/config.ts'

export function shapesOf(config: ModelConfig, head: 'lm' | 'scalar'): Map<string, number[]> {
  const { hiddenSize: d, intermediateSize: f, heads, keyValueHeads, headDim } = config
  const shapes = new Map<string, number[]>([['model.embed_tokens.weight', [config.vocabSize, d]]])
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `model.layers.${layer}`
    const linear = (name: string, rows: number, columns: number, bias: boolean) => {
      shapes.set(`${at}.${name}.weight`, [rows, columns])
      if (bias) shapes.set(`${at}.${name}.bias`, [rows])
    }
    shapes.set(`${at}.input_layernorm.weight`, [d])
    linear('self_attn.q_proj', heads * headDim, d, config.attentionBias)
    linear('self_attn.k_proj', keyValueHeads * headDim, d, config.attentionBias)
    linear('self_attn.v_proj', keyValueHeads * headDim, d, config.attentionBias)
    linear('self_attn.o_proj', d, heads * headDim, config.attentionOutputBias)
    shapes.set(`${at}.post_attention_layernorm.weight`, [d])
    linear('mlp.gate_proj', f, d, false)
    linear('mlp.up_proj', f, d, false)
    linear('mlp.down_proj', d, f, false)
  }
  shapes.set('model.norm.weight', [d])
  if (head === 'scalar') shapes.set('score.weight', [1, d])
  else if (!config.tieWordEmbeddings) shapes.set('lm_head.weight', [config.vocabSize, d])
  return shapes
}

/** Refuses missing weights and wrong shapes, by name. */
export function checkWeights(config: ModelConfig, weights: Weights, head: 'lm' | 'scalar', where: string): void {
  for (const [name, shape] of shapesOf(config, head)) {
    const weight = weights.get(name)
    if (!weight)
      throw new TrainerError('bad_input', 'This weight is missing.', {
        where: `${where}, tensor ${name}`,
        hint: 'The checkpoint is incomplete, or config.json belongs to another model.',
      })
    if (String(weight.shape) !== String(shape))
      throw new TrainerError('bad_input', `Its shape is [${weight.shape}]; config.json says [${shape}].`, {
        where: `${where}, tensor ${name}`,
      })
  }
}
