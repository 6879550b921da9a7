/**
 * The transformer for generation, twice: over whole prompts, giving the keys and values to remember, and over one more
 * token a row, reading those from a cache. Rows may have different lengths: prompts are right-padded, and each row then
 * continues at its own position.
 *
 * The cache is an input and only the newest keys and values are an output. (The runtime's GroupQueryAttention would extend
 * the cache in place, but onnxruntime-node copies every output once more: at 64 rows that took most of a step.)
 * It has no gradient and so a graph of its own; a test holds it against that of training.
 */
import type { Graph, Tensor } from '../graph/graph.ts'
import { attentionOperator } from '../graph/operators/attention.ts'
import { fusedMatMul } from '../graph/operators/linear.ts'
import { rotation } from '../graph/operators/rotate.ts'
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
  /** Per layer, [rows, kv, length, headDim]; length is 1 for a token. */
  fresh: { key: Tensor; value: Tensor }[]
}

/**
 * Inputs besides the parameters: ids and positions int64 [rows, length]; last int64 [rows], index of each row's last token
 * among the rows * length; inverseTemperature []; cos, sin; mask, for prompts [1, 1, group * length, length], for a token
 * [rows, 1, 1, capacity]; for a token also past.N.key and past.N.value [rows, kv, capacity, headDim].
 */
export function cachedTransformer(graph: Graph, config: ModelConfig, phase: 'prompts' | 'token'): CachedTransformer {
  const { heads, keyValueHeads, headDim, layers, maxPositions, rmsNormEps, hiddenSize, vocabSize } = config
  const shapes = parameterShapes(config, 'lm')
  const parameters = new Map<string, Tensor>()
  const parameter = (name: string): Tensor => {
    const tensor = parameters.get(name) ?? graph.input(name, shapes.get(name)!)
    parameters.set(name, tensor)
    return tensor
  }
  const length = phase === 'token' ? 1 : 'length'
  const ids = graph.input('ids', ['rows', length], 'int64')
  const positions = graph.input('positions', ['rows', length], 'int64')
  const last = graph.input('last', ['rows'], 'int64')
  const cos = graph.input('cos', [maxPositions, headDim / 2])
  const sin = graph.input('sin', [maxPositions, headDim / 2])
  const mask = graph.input('mask', phase === 'token' ? ['rows', 1, 1, 'capacity'] : [1, 1, 'grouped', 'length'])
  const layout = linearLayers(config)

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
  const attend = (q: Tensor, k: Tensor, v: Tensor, layer: number): { attended: Tensor; key: Tensor; value: Tensor } => {
    if (phase === 'prompts') {
      const attributes = { heads, keyValueHeads, headDim }
      const [attended, , key, value] = attentionOperator.forward(graph, [q, k, v, mask], attributes, q.shape)
      return { attended, key: key!, value: value! }
    }
    const past = ['rows', keyValueHeads, 'capacity', headDim]
    const [pastKey, pastValue] = [graph.input(`past.${layer}.key`, past), graph.input(`past.${layer}.value`, past)]
    return attendCached(graph, { q, k, v, pastKey, pastValue, mask }, config)
  }

  const fresh: CachedTransformer['fresh'] = []
  let x = graph.node('Gather', [parameter(embeddingName), ids], ['rows', length, hiddenSize])
  for (let layer = 0; layer < layers; layer++) {
    const block = `model.layers.${layer}`
    const normal = norm(x, `${block}.input_layernorm.weight`)
    const q = rotation(graph, project(normal, block, 'q_proj'), positions, cos, sin, headDim)
    const k = rotation(graph, project(normal, block, 'k_proj'), positions, cos, sin, headDim)
    const { attended, key, value } = attend(q, k, project(normal, block, 'v_proj'), layer)
    fresh.push({ key: graph.output(key), value: graph.output(value) })
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
    fresh,
  }
}

interface CachedInputs {
  q: Tensor
  k: Tensor
  v: Tensor
  pastKey: Tensor
  pastValue: Tensor
  mask: Tensor
}

/** One query a row against what the cache holds and against its own key: a softmax over both. */
function attendCached(
  graph: Graph,
  { q, k, v, pastKey, pastValue, mask }: CachedInputs,
  { heads, keyValueHeads, headDim }: ModelConfig,
): { attended: Tensor; key: Tensor; value: Tensor } {
  const group = heads / keyValueHeads
  const apart = (x: Tensor, count: number): Tensor =>
    graph.node(
      'Reshape',
      [x, graph.integers(0, keyValueHeads, count, headDim)],
      ['rows', keyValueHeads, count, headDim],
    )
  const [queries, key, value] = [apart(q, group), apart(k, 1), apart(v, 1)]
  const grid = (columns: number | string) => ['rows', keyValueHeads, group, columns]
  const score = { transposeB: true, scale: 1 / Math.sqrt(headDim) }
  const own = fusedMatMul(graph, queries, key, grid(1), score)
  const seen = graph.node(
    'Add',
    [fusedMatMul(graph, queries, pastKey, grid('capacity'), score), mask],
    grid('capacity'),
  )
  const all = graph.node('Concat', [own, seen], grid('capacity+1'), { attributes: { axis: -1 } })
  const weights = graph.node('Softmax', [all], all.shape, { attributes: { axis: -1 } })
  const slice = (from: number, to: number, columns: number | string): Tensor =>
    graph.node('Slice', [weights, graph.integers(from), graph.integers(to), graph.integers(3)], grid(columns))
  const ofOwn = fusedMatMul(graph, slice(0, 1, 1), value, queries.shape)
  const ofPast = fusedMatMul(graph, slice(1, 2 ** 31, 'capacity'), pastValue, queries.shape)
  const sum = graph.node('Add', [ofOwn, ofPast], queries.shape)
  return { attended: graph.node('Reshape', [sum, graph.integers(0, 1, heads * headDim)], q.shape), key, value }
}
