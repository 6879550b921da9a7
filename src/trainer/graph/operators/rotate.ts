/**
 * Rotary position embedding: pairs (x_i, x_{i + d/2}) of each head are rotated by position * frequency_i.
 * Paper: J. Su et al., RoFormer, arXiv:2104.09864. Layout of Hugging Face's Llama (halves, not interleaved).
 *
 * A rotation is orthogonal: its gradient is the rotation back, the same kernel with the sines negated. Where the
 * tables carry a factor (yarn's attention factor), it stays a factor of the transposed map.
 */
import { apply, type Operator } from '../autodiff.ts'
import type { Graph, Tensor } from '../graph.ts'

interface RotateAttributes {
  headDim: number
}

/** The kernel takes [batch, length, heads * headDim] and tables of [positions, headDim / 2]. */
export function rotation(
  graph: Graph,
  x: Tensor,
  positions: Tensor,
  cos: Tensor,
  sin: Tensor,
  headDim: number,
): Tensor {
  return graph.node('RotaryEmbedding', [x, positions, cos, sin], x.shape, {
    domain: 'com.microsoft',
    attributes: { num_heads: (x.shape.at(-1) as number) / headDim, rotary_embedding_dim: 0 },
  })
}

const rotateOperator: Operator<RotateAttributes> = {
  name: 'rotate',
  shape: ([x]) => x!.shape,
  forward: (graph, [x, positions, cos, sin], { headDim }) => [rotation(graph, x!, positions!, cos!, sin!, headDim)],
  gradient: (graph, flowing, { inputs: [, positions, cos, sin], attributes: { headDim } }) => {
    const back = graph.node('Neg', [sin], sin!.shape)
    return [rotation(graph, flowing, positions!, cos!, back, headDim)]
  },
}

/** x [rows, length, heads * headDim], positions int64 [1] (that of the first token), tables [positions, headDim / 2] */
export const rotate = (
  x: Tensor,
  tables: { positions: Tensor; cos: Tensor; sin: Tensor },
  attributes: RotateAttributes,
): Tensor => apply(rotateOperator, [x, tables.positions, tables.cos, tables.sin], attributes)
