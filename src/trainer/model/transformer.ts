/**
 * The decoder-only transformer of the Llama / Qwen2 family, as one expression.
 *
 * H. Touvron et al., LLaMA, arXiv:2302.13971; A. Yang et al., Qwen2, arXiv:2407.10671; adapters: E. Hu et al., LoRA,
 * arXiv:2106.09685 (y = x W^T + (alpha / rank) (x A^T) B^T).
 */
import type { Graph, Tensor } from '../graph/graph.ts'
import { add } from '../graph/operators/add.ts'
import { attention } from '../graph/operators/attention.ts'
import { embed } from '../graph/operators/embed.ts'
import { linear } from '../graph/operators/linear.ts'
import { logProbability } from '../graph/operators/log-probability.ts'
import { multiply } from '../graph/operators/multiply.ts'
import { pick } from '../graph/operators/pick.ts'
import { rmsNorm } from '../graph/operators/rms-norm.ts'
import { rotate } from '../graph/operators/rotate.ts'
import { swiglu } from '../graph/operators/swiglu.ts'
import type { ModelConfig } from './config.ts'
import { maskInputs } from './masks.ts'
import {
  adapterShapes,
  embeddingName,
  type Head,
  hasBias,
  linearLayers,
  parameterShapes,
  scoreName,
} from './parameters.ts'
import type { LoraOptions, LoraTarget } from './session.ts'

export interface Transformer {
  /** log p(target) or score at each picked position, [picked]. */
  output: Tensor
  /** Every weight that the graph reads, adapters included, by name. */
  parameters: Map<string, Tensor>
  /** Dropout masks, [rows, length, in], one for each adapted layer. Empty without dropout. */
  dropoutMasks: Tensor[]
}

export interface TransformerOptions {
  config: ModelConfig
  head: Head
  adapter?: LoraOptions
  /** Divides the logits; default 1. */
  temperature?: number
  /** With dropout on the adapters (training) or without. */
  training: boolean
}

/**
 * Inputs besides the parameters: ids and positions int64 [rows, length]; cos, sin; the masks of `masks.ts`; picked int64 [picked],
 * indices into the rows * length positions; targets int64 [picked] ('lm'); adapterScale [] (with an adapter).
 */
export function transformer(
  graph: Graph,
  { config, head, adapter, temperature = 1, training }: TransformerOptions,
): Transformer {
  const { heads, keyValueHeads, headDim, layers, maxPositions, rmsNormEps: epsilon } = config
  const shapes = new Map([...parameterShapes(config, head), ...(adapter ? adapterShapes(config, adapter) : [])])
  const parameters = new Map<string, Tensor>()
  const parameter = (name: string): Tensor => {
    const tensor = parameters.get(name) ?? graph.input(name, shapes.get(name)!)
    parameters.set(name, tensor)
    return tensor
  }
  const dropoutMasks: Tensor[] = []
  const ids = graph.input('ids', ['rows', 'length'], 'int64')
  const tables = {
    positions: graph.input('positions', ['rows', 'length'], 'int64'),
    cos: graph.input('cos', [maxPositions, headDim / 2]),
    sin: graph.input('sin', [maxPositions, headDim / 2]),
  }
  const masks = maskInputs(graph, config)
  const adapterScale = adapter && graph.input('adapterScale', [])
  const layout = linearLayers(config)

  const project = (x: Tensor, block: string, target: LoraTarget): Tensor => {
    const { path, in: width } = layout[target]
    const name = `${block}.${path}`
    let y = linear(x, parameter(`${name}.weight`))
    if (hasBias(config, target)) y = add(y, parameter(`${name}.bias`))
    if (!adapter?.targets.includes(target)) return y
    let input = x
    if (training && adapter.dropout > 0) {
      const dropout = graph.input(`${name}.dropout`, ['rows', 'length', width])
      dropoutMasks.push(dropout)
      input = multiply(x, dropout)
    }
    const low = multiply(linear(input, parameter(`${name}.lora_A.weight`)), adapterScale!)
    return add(y, linear(low, parameter(`${name}.lora_B.weight`)))
  }

  let x = embed(parameter(embeddingName), ids)
  for (let layer = 0; layer < layers; layer++) {
    const block = `model.layers.${layer}`
    const normal = rmsNorm(x, parameter(`${block}.input_layernorm.weight`), epsilon)
    const q = rotate(project(normal, block, 'q_proj'), tables, { headDim })
    const k = rotate(project(normal, block, 'k_proj'), tables, { headDim })
    const v = project(normal, block, 'v_proj')
    const attended = attention(q, k, v, masks, { heads, keyValueHeads, headDim })
    x = add(x, project(attended, block, 'o_proj'))
    const inner = rmsNorm(x, parameter(`${block}.post_attention_layernorm.weight`), epsilon)
    const activated = swiglu(project(inner, block, 'gate_proj'), project(inner, block, 'up_proj'))
    x = add(x, project(activated, block, 'down_proj'))
  }

  const picked = pick(x, graph.input('picked', ['picked'], 'int64'))
  const last = rmsNorm(picked, parameter('model.norm.weight'), epsilon)
  if (head === 'scalar') return { output: linear(last, parameter(scoreName)), parameters, dropoutMasks }
  const projection = parameter(config.tieWordEmbeddings ? embeddingName : 'lm_head.weight')
  // The head is linear: dividing what it reads divides its logits, which are a hundred times as many.
  const tempered = temperature === 1 ? last : multiply(last, graph.scalar(1 / temperature))
  const output = logProbability(tempered, projection, graph.input('targets', ['picked'], 'int64'))
  return { output, parameters, dropoutMasks }
}
