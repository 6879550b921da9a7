/**
 * y = x W^T for a weight of four bits a number, each scale (q - 8) + offset of its block of 32:
 *
 *   y_n = sum over blocks b of scale_nb sum_k x_k (q_nk - 8)  +  sum over b of offset_nb (sum of x over b).
 *
 * The first sum is a kernel of the runtime (it multiplies in float32); the second a small product with the sums of x, which the projections
 * of one x share. The result is that of the expanded weight but for rounding.
 */
import type { Graph, Shape, Tensor } from '../graph/graph.ts'
import { fusedMatMul } from '../graph/operators/linear.ts'
import type { Quantised } from '../model/config.ts'

const blockSize = 32

export function quantisedProducts(graph: Graph): (x: Tensor, weight: Quantised, shape: Shape) => Tensor {
  const sums = new Map<string, Tensor>()
  /** x [..., in] -> [..., in / 32] */
  const sumsOf = (x: Tensor): Tensor => {
    const known = sums.get(x.name)
    if (known) return known
    const lead = x.shape.slice(0, -1)
    const count = (x.shape.at(-1) as number) / blockSize
    const blocks = graph.node(
      'Reshape',
      [x, graph.integers(...lead.map(() => 0), count, blockSize)],
      [...lead, count, blockSize],
    )
    const sum = graph.node('ReduceSum', [blocks, graph.integers(-1)], [...lead, count], { attributes: { keepdims: 0 } })
    sums.set(x.name, sum)
    return sum
  }
  return (x, { nibbles, scales, offsets }, shape) => {
    const [width, out] = [x.shape.at(-1) as number, shape.at(-1) as number]
    const blocks = width / blockSize
    const product = graph.node(
      'MatMulNBits',
      [x, graph.weight([out, blocks, blockSize / 2], nibbles), graph.weight([out * blocks], scales)],
      shape,
      { domain: 'com.microsoft', attributes: { K: width, N: out, bits: 4, block_size: blockSize } },
    )
    if (offsets.every((offset) => offset === 0)) return product
    const shift = fusedMatMul(graph, sumsOf(x), graph.weight([out, blocks], offsets), shape, { transposeB: true })
    return graph.node('Add', [product, shift], shape)
  }
}
