/**
 * Scaled dot-product attention with grouped key-value heads: P = softmax(s q k^T + mask), o = P v.
 * Papers: A. Vaswani et al., Attention Is All You Need, 2017; J. Ainslie et al., GQA, arXiv:2305.13245.
 *
 * Query heads that share a key-value head are laid under each other, [rows, kv, group * length, headDim], so that keys
 * and values are never repeated and their gradients are summed over the group by the matrix product itself.
 *
 * Backward, with D = sum(do o) per query (T. Dao et al., FlashAttention, 2022, appendix B):
 *   dv = P^T do,  dS = P (do v^T - D),  dq = s dS k,  dk = s dS^T q.
 */
import { apply, type Operator } from '../autodiff.ts'
import { type Dimension, type Graph, type Shape, type Tensor, times } from '../graph.ts'
import { fusedMatMul } from './linear.ts'

interface AttentionAttributes {
  heads: number
  keyValueHeads: number
  headDim: number
}

/** [rows, length, kv * group * headDim] -> [rows, kv, group * length, headDim] */
export function splitHeads(graph: Graph, x: Tensor, keyValueHeads: number, group: number, headDim: number): Tensor {
  const [rows, length] = x.shape as [Dimension, Dimension]
  if (group === 1) {
    const apart = graph.node(
      'Reshape',
      [x, graph.integers(0, 0, keyValueHeads, headDim)],
      [rows, length, keyValueHeads, headDim],
    )
    return graph.node('Transpose', [apart], [rows, keyValueHeads, length, headDim], {
      attributes: { perm: [0, 2, 1, 3] },
    })
  }
  const apart = graph.node(
    'Reshape',
    [x, graph.integers(0, 0, keyValueHeads, group, headDim)],
    [rows, length, keyValueHeads, group, headDim],
  )
  const turned = graph.node('Transpose', [apart], [rows, keyValueHeads, group, length, headDim], {
    attributes: { perm: [0, 2, 3, 1, 4] },
  })
  return graph.node(
    'Reshape',
    [turned, graph.integers(0, keyValueHeads, -1, headDim)],
    [rows, keyValueHeads, times(group, length), headDim],
  )
}

/** The way back: [rows, kv, group * length, headDim] -> shape [rows, length, kv * group * headDim] */
export function joinHeads(graph: Graph, x: Tensor, shape: Shape, group: number): Tensor {
  const [rows, keyValueHeads, , headDim] = x.shape as [Dimension, number, Dimension, number]
  const length = shape[1]!
  const width = keyValueHeads * group * headDim
  if (group === 1) {
    const turned = graph.node('Transpose', [x], [rows, length, keyValueHeads, headDim], {
      attributes: { perm: [0, 2, 1, 3] },
    })
    return graph.node('Reshape', [turned, graph.integers(0, 0, width)], shape)
  }
  const apart = graph.node(
    'Reshape',
    [x, graph.integers(0, keyValueHeads, group, -1, headDim)],
    [rows, keyValueHeads, group, length, headDim],
  )
  const turned = graph.node('Transpose', [apart], [rows, length, keyValueHeads, group, headDim], {
    attributes: { perm: [0, 3, 1, 2, 4] },
  })
  return graph.node('Reshape', [turned, graph.integers(0, 0, width)], shape)
}

const attentionOperator: Operator<AttentionAttributes> = {
  name: 'attention',
  shape: ([q]) => q!.shape,
  forward: (graph, [q, k, v, mask], { heads, keyValueHeads, headDim }, shape) => {
    const group = heads / keyValueHeads
    const [rows, length] = shape as [Dimension, Dimension]
    const queries = splitHeads(graph, q!, keyValueHeads, group, headDim)
    const keys = splitHeads(graph, k!, keyValueHeads, 1, headDim)
    const values = splitHeads(graph, v!, keyValueHeads, 1, headDim)
    const flat = [rows, keyValueHeads, queries.shape[2]!, length]
    const scores = fusedMatMul(graph, queries, keys, flat, { transposeB: true, scale: 1 / Math.sqrt(headDim) })
    const masked = graph.node('Add', [scores, mask], flat)
    const weights = graph.node('Softmax', [masked], flat, { attributes: { axis: -1 } })
    const out = fusedMatMul(graph, weights, values, queries.shape)
    return [joinHeads(graph, out, shape, group), queries, keys, values, weights]
  },
  gradient: (graph, flowing, { inputs: [q, k, v], output, kept, attributes }) => {
    const { heads, keyValueHeads, headDim } = attributes
    const group = heads / keyValueHeads
    const scale = 1 / Math.sqrt(headDim)
    const [queries, keys, values, weights] = kept as [Tensor, Tensor, Tensor, Tensor]
    const flow = splitHeads(graph, flowing, keyValueHeads, group, headDim)
    const out = splitHeads(graph, output, keyValueHeads, group, headDim)
    const perQuery = [...queries.shape.slice(0, -1), 1]
    const product = graph.node('Mul', [flow, out], queries.shape)
    const share = graph.node('ReduceSum', [product, graph.integers(-1)], perQuery, { attributes: { keepdims: 1 } })
    const ofWeights = fusedMatMul(graph, flow, values, weights.shape, { transposeB: true })
    const centred = graph.node('Sub', [ofWeights, share], weights.shape)
    const ofScores = graph.node('Mul', [weights, centred], weights.shape)
    return [
      joinHeads(graph, fusedMatMul(graph, ofScores, keys, queries.shape, { scale }), q!.shape, group),
      joinHeads(graph, fusedMatMul(graph, ofScores, queries, keys.shape, { transposeA: true, scale }), k!.shape, 1),
      joinHeads(graph, fusedMatMul(graph, weights, flow, values.shape, { transposeA: true }), v!.shape, 1),
    ]
  },
}

/**
 * q [rows, length, heads * headDim], k and v [rows, length, keyValueHeads * headDim], mask [heads / keyValueHeads * length,
 * length] added to the scores of one key-value head -> [rows, length, heads * headDim]
 */
export const attention = (q: Tensor, k: Tensor, v: Tensor, mask: Tensor, attributes: AttentionAttributes): Tensor =>
  apply(attentionOperator, [q, k, v, mask], attributes)
