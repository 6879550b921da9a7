/**
 * Linear layer with the weight as checkpoints store it: y = x W^T, x [..., in], W [out, in].
 * dx = dy W, dW = dy^T x over all rows.
 */
import { TrainerError } from '../../errors.ts'
import { apply, type Operator } from '../autodiff.ts'
import type { Graph, Tensor } from '../graph.ts'
import { flattened } from './rows.ts'

/** a b with either side transposed, scaled: one kernel of the runtime where plain ONNX needs three. */
export function fusedMatMul(
  graph: Graph,
  a: Tensor,
  b: Tensor,
  shape: Tensor['shape'],
  options: { transposeA?: boolean; transposeB?: boolean; scale?: number } = {},
): Tensor {
  return graph.node('FusedMatMul', [a, b], shape, {
    domain: 'com.microsoft',
    attributes: {
      transA: options.transposeA ? 1 : 0,
      transB: options.transposeB ? 1 : 0,
      alpha: { float: options.scale ?? 1 },
    },
  })
}

const linearOperator: Operator = {
  name: 'linear',
  shape: ([x, weight]) => {
    if (weight!.shape.length !== 2 || x!.shape.at(-1) !== weight!.shape[1])
      throw new TrainerError('bad_input', `A linear layer of [${weight!.shape}] does not take [${x!.shape}].`)
    return [...x!.shape.slice(0, -1), weight!.shape[0]!]
  },
  forward: (graph, [x, weight], _, shape) => [fusedMatMul(graph, x!, weight!, shape, { transposeB: true })],
  gradient: (graph, flowing, { inputs: [x, weight] }, [wantsX, wantsWeight]) => [
    wantsX ? fusedMatMul(graph, flowing, weight!, x!.shape) : undefined,
    wantsWeight
      ? graph.node('Gemm', [flattened(graph, flowing), flattened(graph, x!)], weight!.shape, {
          attributes: { transA: 1 },
        })
      : undefined,
  ],
}

export const linear = (x: Tensor, weight: Tensor): Tensor => apply(linearOperator, [x, weight], undefined)
