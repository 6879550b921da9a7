/**
 * The transformer for generation: over new tokens (whole prompts, or one more token a row), behind what a cache remembers.
 * Rows may have different lengths: prompts are right-padded, and each row then continues at its own position.
 *
 * The cache is an input and only the newest keys and values are an output. (The runtime's GroupQueryAttention would extend
 * the cache in place, but onnxruntime-node copies every output once more: at 64 rows that took most of a step.)
 * It has no gradient and so a graph of its own; a test holds it against that of training.
 */
import type { Graph, Tensor } from '../graph/graph.ts'
import { joinHeads, splitHeads } from '../graph/operators/attention.ts'
import { fusedMatMul } from '../graph/operators/linear.ts'
import { rotation } from '../graph/operators/rotate.ts'
import type { ModelConfig, Weights } from '../model/config.ts'
import { embeddingName, hasBias, linearLayers, parameterShapes } from '../model/parameters.ts'
import type { LoraTarget } from '../model/session.ts'
import { quantisedProducts } from './quantised-product.ts'

/** Names of the results. */
export interface CachedTransformer {
  /** [rows, vocabSize] */
  logits: string
  /** log of the sum of exp(logit), [rows]. */
  normaliser: string
  /** softmax(logits * inverseTemperature), [rows, vocabSize]: drawing from it needs no exponentials outside. */
  probabilities: string
  /** Per layer, [rows, kv, length, headDim]. */
  fresh: { key: string; value: string }[]
}

export const headName = (config: ModelConfig): string => (config.tieWordEmbeddings ? embeddingName : 'lm_head.weight')

/**
 * Inputs besides the parameters: ids and positions int64 [rows, length]; last int64 [rows], index of each row's last token
 * among the rows * length; inverseTemperature []; cos, sin; causal [1, 1, length * group, length] among the new tokens;
 * mask [rows, 1, 1, capacity] and past.N.key, past.N.value [rows, kv, capacity, headDim] of the cache; parts int64 [2], capacity
 * and length. `fixed` weights become part of the graph: linear layers of four bits and the head.
 */
export function cachedTransformer(graph: Graph, config: ModelConfig, fixed: Weights): CachedTransformer {
  const { keyValueHeads, headDim, layers, maxPositions, rmsNormEps, hiddenSize, vocabSize } = config
  const shapes = parameterShapes(config, 'lm')
  const parameters = new Map<string, Tensor>()
  const parameter = (name: string): Tensor => {
    const tensor = parameters.get(name) ?? graph.input(name, shapes.get(name)!)
    parameters.set(name, tensor)
    return tensor
  }
  const ids = graph.input('ids', ['rows', 'length'], 'int64')
  const positions = graph.input('positions', ['rows', 'length'], 'int64')
  const last = graph.input('last', ['rows'], 'int64')
  const cos = graph.input('cos', [maxPositions, headDim / 2])
  const sin = graph.input('sin', [maxPositions, headDim / 2])
  // Queries are scaled as they are rotated: the kernel for one row against a matrix takes no factor of its own.
  const scale = graph.scalar(1 / Math.sqrt(headDim))
  const [scaledCos, scaledSin] = [
    graph.node('Mul', [cos, scale], cos.shape),
    graph.node('Mul', [sin, scale], sin.shape),
  ]
  const masks = {
    causal: graph.input('causal', [1, 1, 'grouped', 'length']),
    mask: graph.input('mask', ['rows', 1, 1, 'capacity']),
    parts: graph.input('parts', [2], 'int64'),
  }
  const layout = linearLayers(config)
  const quantisedProduct = quantisedProducts(graph)

  const project = (x: Tensor, block: string, target: LoraTarget): Tensor => {
    const { path, out } = layout[target]
    const name = `${block}.${path}.weight`
    const shape = [...x.shape.slice(0, -1), out]
    const quantised = fixed.get(name)?.quantised?.()
    const y = quantised
      ? quantisedProduct(x, quantised, shape)
      : fusedMatMul(graph, x, parameter(name), shape, { transposeB: true })
    return hasBias(config, target) ? graph.node('Add', [y, parameter(`${block}.${path}.bias`)], shape) : y
  }
  const norm = (x: Tensor, name: string): Tensor =>
    graph.node('SimplifiedLayerNormalization', [x, parameter(name)], x.shape, {
      attributes: { axis: -1, epsilon: { float: rmsNormEps }, stash_type: 1 },
    })
  const pastOf = (layer: number, part: 'key' | 'value'): Tensor =>
    graph.input(`past.${layer}.${part}`, ['rows', keyValueHeads, 'capacity', headDim])

  const fresh: CachedTransformer['fresh'] = []
  let x = graph.node('Gather', [parameter(embeddingName), ids], ['rows', 'length', hiddenSize])
  for (let layer = 0; layer < layers; layer++) {
    const block = `model.layers.${layer}`
    const normal = norm(x, `${block}.input_layernorm.weight`)
    const q = rotation(graph, project(normal, block, 'q_proj'), positions, scaledCos, scaledSin, headDim)
    const k = rotation(graph, project(normal, block, 'k_proj'), positions, cos, sin, headDim)
    const past = { key: pastOf(layer, 'key'), value: pastOf(layer, 'value') }
    const { attended, key, value } = attendCached(
      graph,
      { q, k, v: project(normal, block, 'v_proj'), past, ...masks },
      config,
    )
    fresh.push({ key: graph.output(key).name, value: graph.output(value).name })
    x = graph.node('Add', [x, project(attended, block, 'o_proj')], x.shape)
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
  // Apart from the embedding, which stays an input: the kernel's own layout of the head then is the only copy.
  const known = fixed.get(headName(config))
  const head = known ? graph.weight(known.shape, known.data) : parameter(headName(config))
  const logits = fusedMatMul(graph, picked, head, ['rows', vocabSize], { transposeB: true })
  const largest = (of: Tensor): Tensor =>
    graph.node('ReduceMax', [of, graph.integers(-1)], ['rows'], { attributes: { keepdims: 0 } })
  const softmax = (of: Tensor): Tensor => graph.node('Softmax', [of], logits.shape, { attributes: { axis: -1 } })
  // The largest probability is exp(max logit - normaliser) and never underflows.
  const log = graph.node('Log', [largest(softmax(logits))], ['rows'])
  const scaled = graph.node('Mul', [logits, graph.input('inverseTemperature', [])], logits.shape)
  return {
    logits: graph.output(logits).name,
    normaliser: graph.output(graph.node('Sub', [largest(logits), log], ['rows'])).name,
    probabilities: graph.output(softmax(scaled)).name,
    fresh,
  }
}

interface CachedInputs {
  q: Tensor
  k: Tensor
  v: Tensor
  past: { key: Tensor; value: Tensor }
  causal: Tensor
  mask: Tensor
  parts: Tensor
}

/** New tokens against what the cache holds and against each other: a softmax over both. */
function attendCached(
  graph: Graph,
  { q, k, v, past, causal, mask, parts }: CachedInputs,
  { heads, keyValueHeads, headDim }: ModelConfig,
): { attended: Tensor; key: Tensor; value: Tensor } {
  const group = heads / keyValueHeads
  const queries = splitHeads(graph, q, keyValueHeads, group, headDim)
  const key = splitHeads(graph, k, keyValueHeads, 1, headDim)
  const value = splitHeads(graph, v, keyValueHeads, 1, headDim)
  const grid = (columns: string) => ['rows', keyValueHeads, queries.shape[2]!, columns]
  const scores = (keys: Tensor, columns: string, hidden: Tensor): Tensor => {
    const product = fusedMatMul(graph, queries, keys, grid(columns), { transposeB: true })
    return graph.node('Add', [product, hidden], grid(columns))
  }
  const all = graph.node(
    'Concat',
    [scores(past.key, 'capacity', mask), scores(key, 'length', causal)],
    grid('capacity+length'),
    { attributes: { axis: -1 } },
  )
  const weights = graph.node('Softmax', [all], all.shape, { attributes: { axis: -1 } })
  const [ofPast, ofOwn] = graph.multi(
    'Split',
    [weights, parts],
    [{ shape: grid('capacity') }, { shape: grid('length') }],
    { attributes: { axis: -1 } },
  )
  const sum = graph.node(
    'Add',
    [fusedMatMul(graph, ofPast!, past.value, queries.shape), fusedMatMul(graph, ofOwn!, value, queries.shape)],
    queries.shape,
  )
  return { attended: joinHeads(graph, sum, q.shape, group), key, value }
}
