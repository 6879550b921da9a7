/**
 * The transformer for generation: what is predicted after each row's last token, and a cache of keys and values that the
 * kernel extends in place. Rows may have different lengths; prompts are right-padded, each row then continues at its own length.
 *
 * GroupQueryAttention of the runtime does rotary positions, cache and causal softmax in one kernel; it has no gradient,
 * so that training has its own graph (`model/transformer.ts`). A test holds the two against each other.
 */
import type { Graph, Tensor } from '../graph/graph.ts'
import { fusedMatMul } from '../graph/operators/linear.ts'
import type { ModelConfig } from '../model/config.ts'
import { embeddingName, hasBias, linearLayers, parameterShapes } from '../model/parameters.ts'
import type { LoraTarget } from '../model/session.ts'

export interface CachedTransformer {
  /** [rows, vocabSize] */
  logits: Tensor
  /** log of the sum of exp(logit), [rows]. */
  normaliser: Tensor
  /** softmax(logits * inverseTemperature), [rows, vocabSize]: drawing from it needs no exponentials outside. */
  probabilities: Tensor
  /** What the kernel writes back into the buffers that were fed as `past.N.key` and `past.N.value`. */
  present: { key: Tensor; value: Tensor }[]
}

/**
 * Inputs besides the parameters: ids int64 [rows, length]; last int64 [rows], index of each row's last token among the
 * rows * length; lastPosition int32 [rows], index of that token in its row, cache included; total int32 [], the largest
 * number of positions of a row after this run; inverseTemperature []; cos, sin; past.N.key and past.N.value [rows, kv, capacity, headDim].
 */
export function cachedTransformer(graph: Graph, config: ModelConfig): CachedTransformer {
  const { heads, keyValueHeads, headDim, layers, maxPositions, rmsNormEps, hiddenSize, vocabSize } = config
  const shapes = parameterShapes(config, 'lm')
  const parameters = new Map<string, Tensor>()
  const parameter = (name: string): Tensor => {
    const tensor = parameters.get(name) ?? graph.input(name, shapes.get(name)!)
    parameters.set(name, tensor)
    return tensor
  }
  const ids = graph.input('ids', ['rows', 'length'], 'int64')
  const last = graph.input('last', ['rows'], 'int64')
  const lastPosition = graph.input('lastPosition', ['rows'], 'int32')
  const total = graph.input('total', [], 'int32')
  const cos = graph.input('cos', [maxPositions, headDim / 2])
  const sin = graph.input('sin', [maxPositions, headDim / 2])
  const layout = linearLayers(config)
  const cache = ['rows', keyValueHeads, 'capacity', headDim]

  const project = (x: Tensor, block: string, target: LoraTarget): Tensor => {
    const { path, out } = layout[target]
    const shape = [...x.shape.slice(0, -1), out]
    const y = fusedMatMul(graph, x, parameter(`${block}.${path}.weight`), shape, { transposeB: true })
    if (!hasBias(config, target)) return y
    return graph.node('Add', [y, parameter(`${block}.${path}.bias`)], shape)
  }
  const norm = (x: Tensor, name: string): Tensor =>
    graph.node('SimplifiedLayerNormalization', [x, parameter(name)], x.shape, {
      attributes: { axis: -1, epsilon: { float: rmsNormEps }, stash_type: 1 },
    })

  const present: CachedTransformer['present'] = []
  let x = graph.node('Gather', [parameter(embeddingName), ids], ['rows', 'length', hiddenSize])
  for (let layer = 0; layer < layers; layer++) {
    const block = `model.layers.${layer}`
    const normal = norm(x, `${block}.input_layernorm.weight`)
    const [q, k, v] = [
      project(normal, block, 'q_proj'),
      project(normal, block, 'k_proj'),
      project(normal, block, 'v_proj'),
    ]
    const past = [graph.input(`past.${layer}.key`, cache), graph.input(`past.${layer}.value`, cache)]
    const [attended, key, value] = graph.multi(
      'GroupQueryAttention',
      [q, k, v, past[0], past[1], lastPosition, total, cos, sin],
      [{ shape: q.shape }, { shape: cache }, { shape: cache }],
      {
        domain: 'com.microsoft',
        attributes: {
          num_heads: heads,
          kv_num_heads: keyValueHeads,
          do_rotary: 1,
          scale: { float: 1 / Math.sqrt(headDim) },
        },
      },
    )
    present.push({ key: graph.output(key!), value: graph.output(value!) })
    x = graph.node('Add', [x, project(attended!, block, 'o_proj')], x.shape)
    const inner = norm(x, `${block}.post_attention_layernorm.weight`)
    const gate = project(inner, block, 'gate_proj')
    const silu = graph.node('QuickGelu', [gate], gate.shape, {
      domain: 'com.microsoft',
      attributes: { alpha: { float: 1 } },
    })
    const activated = graph.node('Mul', [silu, project(inner, block, 'up_proj')], gate.shape)
    x = graph.node('Add', [x, project(activated, block, 'down_proj')], x.shape)
  }
  const flat = graph.node('Reshape', [x, graph.integers(-1, hiddenSize)], ['rows*length', hiddenSize])
  const picked = norm(graph.node('Gather', [flat, last], ['rows', hiddenSize]), 'model.norm.weight')
  const projection = parameter(config.tieWordEmbeddings ? embeddingName : 'lm_head.weight')
  const logits = fusedMatMul(graph, picked, projection, ['rows', vocabSize], { transposeB: true })
  const largest = (of: Tensor): Tensor =>
    graph.node('ReduceMax', [of, graph.integers(-1)], ['rows'], { attributes: { keepdims: 0 } })
  const softmax = (of: Tensor): Tensor => graph.node('Softmax', [of], logits.shape, { attributes: { axis: -1 } })
  // The largest probability is exp(max logit - normaliser) and never underflows.
  const log = graph.node('Log', [largest(softmax(logits))], ['rows'])
  const scaled = graph.node('Mul', [logits, graph.input('inverseTemperature', [])], logits.shape)
  return {
    logits: graph.output(logits),
    normaliser: graph.output(graph.node('Sub', [largest(logits), log], ['rows'])),
    probabilities: graph.output(softmax(scaled)),
    present,
  }
}
