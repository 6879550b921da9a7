/**
 * Scaled dot-product attention with grouped key-value heads: P = softmax(s q k^T + mask), o = P v.
 * Papers: A. Vaswani et al., Attention Is All You Need, 2017; J. Ainslie et al., GQA, arXiv:2305.13245.
 *
 * Query heads that share a key-value head are laid under each other, [rows, kv, length * group, headDim], so that keys
 * and values are never repeated and their gradients are summed over the group by the matrix product itself.
 *
 * Each mask stands for a block of positions, one behind the other, against keys up to the end of that block: what lies
 * ahead of a whole block is not computed.
 *
 * Backward, with D = sum(do o) per query (T. Dao et al., FlashAttention, 2022, appendix B):
 *   dv^T = do^T P,  dS = P (do v^T - D),  dq = s dS k,  dk^T = s q^T dS.
 * dv and dk are computed as their transposes: the kernel then turns the narrow factor, not P and dS.
 */
import { apply, type Operator } from '../autodiff.ts'
import { type Dimension, type Graph, type Shape, type Tensor, times } from '../graph.ts'
import { fusedMatMul } from './linear.ts'

interface AttentionAttributes {
  heads: number
  keyValueHeads: number
  headDim: number
}

/** [rows, length, kv * group * headDim] -> [rows, kv, length * group, headDim] */
export function splitHeads(graph: Graph, x: Tensor, keyValueHeads: number, group: number, headDim: number): Tensor {
  const [rows, length] = x.shape as [Dimension, Dimension]
  const width = group * headDim
  const apart = graph.node(
    'Reshape',
    [x, graph.integers(0, 0, keyValueHeads, width)],
    [rows, length, keyValueHeads, width],
  )
  const turned = graph.node('Transpose', [apart], [rows, keyValueHeads, length, width], {
    attributes: { perm: [0, 2, 1, 3] },
  })
  if (group === 1) return turned
  const shape = [rows, keyValueHeads, times(group, length), headDim]
  return graph.node('Reshape', [turned, graph.integers(0, 0, -1, headDim)], shape)
}

/** The way back: [rows, kv, length * group, headDim] -> shape [rows, length, kv * group * headDim] */
export function joinHeads(graph: Graph, x: Tensor, shape: Shape, group: number): Tensor {
  const [rows, keyValueHeads, , headDim] = x.shape as [Dimension, number, Dimension, number]
  const length = shape[1]!
  const width = group * headDim
  const together =
    group === 1 ? x : graph.node('Reshape', [x, graph.integers(0, 0, -1, width)], [rows, keyValueHeads, length, width])
  const turned = graph.node('Transpose', [together], [rows, length, keyValueHeads, width], {
    attributes: { perm: [0, 2, 1, 3] },
  })
  return graph.node('Reshape', [turned, graph.integers(0, 0, keyValueHeads * width)], shape)
}

/** From the transposes of keys or values: [rows, kv, headDim, length] -> shape [rows, length, kv * headDim] */
function joinTransposed(graph: Graph, x: Tensor, shape: Shape): Tensor {
  const [rows, keyValueHeads, headDim, length] = x.shape as [Dimension, number, number, Dimension]
  const turned = graph.node('Transpose', [x], [rows, length, keyValueHeads, headDim], {
    attributes: { perm: [0, 3, 1, 2] },
  })
  return graph.node('Reshape', [turned, graph.integers(0, 0, keyValueHeads * headDim)], shape)
}

const transposed = ([rows, keyValueHeads, length, width]: Shape): Shape => [rows!, keyValueHeads!, width!, length!]

/** What the nodes of every layer want to know of the blocks, int64. */
interface Blocks {
  /** Queries of each, [blocks]. */
  queries: Tensor
  /** Of each the keys that it sees, [1]. */
  ends: Tensor[]
  /** Of each the keys that it sees by the blocks that they stand in: [1], [2], ... */
  keys: Tensor[]
}

const blocksOfMasks = new WeakMap<Tensor, Blocks>()

/** Computed once for all layers of a graph, which share their masks. */
function blocksOf(graph: Graph, masks: readonly Tensor[], group: number): Blocks {
  const present = blocksOfMasks.get(masks[0]!)
  if (present) return present
  const sizes = (axis: number): Tensor[] =>
    masks.map((mask) => graph.node('Shape', [mask], [1], { attributes: { start: axis, end: axis + 1 }, type: 'int64' }))
  const list = (parts: readonly Tensor[]): Tensor =>
    graph.node('Concat', parts, [parts.length], { attributes: { axis: 0 }, type: 'int64' })
  const perBlock = sizes(2)
  const positions = perBlock.map((size) => graph.node('Div', [size, graph.integers(group)], [1], { type: 'int64' }))
  const blocks = {
    queries: list(perBlock),
    ends: sizes(3),
    keys: masks.map((_, i) => list(positions.slice(0, i + 1))),
  }
  blocksOfMasks.set(masks[0]!, blocks)
  return blocks
}

function split(graph: Graph, x: Tensor, sizes: Tensor, dimensions: readonly Dimension[], axis: number): Tensor[] {
  if (dimensions.length === 1) return [x]
  const outputs = dimensions.map((dimension) => ({ shape: x.shape.with(axis, dimension) }))
  return graph.multi('Split', [x, sizes], outputs, { attributes: { axis } })
}

function concatenated(graph: Graph, parts: readonly Tensor[], dimension: Dimension, axis: number): Tensor {
  if (parts.length === 1) return parts[0]!
  return graph.node('Concat', parts, parts[0]!.shape.with(axis, dimension), { attributes: { axis } })
}

/** Keys or values up to an end, [rows, kv, end, headDim]. */
function startOf(graph: Graph, x: Tensor, end: Tensor, dimension: Dimension): Tensor {
  if (dimension === x.shape[2]) return x
  return graph.node('Slice', [x, graph.integers(0), end, graph.integers(2)], x.shape.with(2, dimension))
}

/** The sum of what each block gives to the keys or values that it sees, [rows, kv, headDim, end] each. */
function sumOfStarts(graph: Graph, starts: readonly Tensor[], sizes: readonly Tensor[]): Tensor {
  const own = starts.map((_, i) => `keys${i}`)
  const pieces = starts.map((start, i) => split(graph, start, sizes[i]!, own.slice(0, i + 1), 3))
  const sums = own.map((dimension, i) => {
    const parts = pieces.slice(i).map((piece) => piece[i]!)
    return parts.length === 1 ? parts[0]! : graph.node('Sum', parts, parts[0]!.shape.with(3, dimension))
  })
  return concatenated(graph, sums, starts.at(-1)!.shape[3]!, 3)
}

const attentionOperator: Operator<AttentionAttributes> = {
  name: 'attention',
  shape: ([q]) => q!.shape,
  forward: (graph, [q, k, v, ...masks], { heads, keyValueHeads, headDim }, shape) => {
    const group = heads / keyValueHeads
    const scale = 1 / Math.sqrt(headDim)
    const allQueries = splitHeads(graph, q!, keyValueHeads, group, headDim)
    const allKeys = splitHeads(graph, k!, keyValueHeads, 1, headDim)
    const allValues = splitHeads(graph, v!, keyValueHeads, 1, headDim)
    const { queries: sizes, ends } = blocksOf(graph, masks, group)
    const dimensions = masks.map((mask) => mask.shape[2]!)
    const blocks = split(graph, allQueries, sizes, dimensions, 2).map((queries, i) => {
      const mask = masks[i]!
      const keys = startOf(graph, allKeys, ends[i]!, mask.shape[3]!)
      const values = startOf(graph, allValues, ends[i]!, mask.shape[3]!)
      const grid = [...queries.shape.slice(0, 3), keys.shape[2]!]
      const scores = fusedMatMul(graph, queries, keys, grid, { transposeB: true, scale })
      const masked = graph.node('Add', [scores, mask], grid)
      const weights = graph.node('Softmax', [masked], grid, { attributes: { axis: -1 } })
      return { out: fusedMatMul(graph, weights, values, queries.shape), kept: [queries, keys, values, weights] }
    })
    const outs = blocks.map((block) => block.out)
    const out = concatenated(graph, outs, allQueries.shape[2]!, 2)
    return [joinHeads(graph, out, shape, group), out, ...blocks.flatMap(({ kept }) => kept)]
  },
  gradient: (graph, flowing, { inputs: [q, k, v, ...masks], kept: [out, ...kept], attributes }) => {
    const { heads, keyValueHeads, headDim } = attributes
    const group = heads / keyValueHeads
    const scale = 1 / Math.sqrt(headDim)
    const allFlow = splitHeads(graph, flowing, keyValueHeads, group, headDim)
    const product = graph.node('Mul', [allFlow, out], allFlow.shape)
    const perQuery = [...allFlow.shape.slice(0, -1), 1]
    const sums = graph.node('ReduceSum', [product, graph.integers(-1)], perQuery, { attributes: { keepdims: 1 } })
    const { queries: sizes, keys: sizesOfStarts } = blocksOf(graph, masks, group)
    const dimensions = masks.map((mask) => mask.shape[2]!)
    const shares = split(graph, sums, sizes, dimensions, 2)
    const blocks = split(graph, allFlow, sizes, dimensions, 2).map((flow, i) => {
      const [queries, keys, values, weights] = kept.slice(4 * i, 4 * i + 4) as [Tensor, Tensor, Tensor, Tensor]
      const ofWeights = fusedMatMul(graph, flow, values, weights.shape, { transposeB: true })
      const centred = graph.node('Sub', [ofWeights, shares[i]], weights.shape)
      const ofScores = graph.node('Mul', [weights, centred], weights.shape)
      return {
        ofQueries: fusedMatMul(graph, ofScores, keys, queries.shape, { scale }),
        ofKeys: fusedMatMul(graph, queries, ofScores, transposed(keys.shape), { transposeA: true, scale }),
        ofValues: fusedMatMul(graph, flow, weights, transposed(values.shape), { transposeA: true }),
      }
    })
    const ofQueries = blocks.map((block) => block.ofQueries)
    const ofKeys = blocks.map((block) => block.ofKeys)
    const ofValues = blocks.map((block) => block.ofValues)
    return [
      joinHeads(graph, concatenated(graph, ofQueries, allFlow.shape[2]!, 2), q!.shape, group),
      joinTransposed(graph, sumOfStarts(graph, ofKeys, sizesOfStarts), k!.shape),
      joinTransposed(graph, sumOfStarts(graph, ofValues, sizesOfStarts), v!.shape),
    ]
  },
}

/**
 * q [rows, length, heads * headDim], k and v [rows, length, keyValueHeads * headDim]; of each block of positions a mask
 * [1 or rows, 1, positions * heads / keyValueHeads, end], added to the scores of one key-value head ->
 * [rows, length, heads * headDim]
 */
export const attention = (
  q: Tensor,
  k: Tensor,
  v: Tensor,
  masks: readonly Tensor[],
  attributes: AttentionAttributes,
): Tensor => apply(attentionOperator, [q, k, v, ...masks], attributes)
