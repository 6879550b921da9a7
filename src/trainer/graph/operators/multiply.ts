/** Elementwise product with broadcasting: scales and dropout masks. d(ab) = b da + a db. */
import { apply, type Operator } from '../autodiff.ts'
import type { Tensor } from '../graph.ts'
import { broadcast, summedTo } from './rows.ts'

const multiplyOperator: Operator = {
  name: 'multiply',
  shape: ([a, b]) => broadcast(a!.shape, b!.shape),
  forward: (graph, [a, b], _, shape) => [graph.node('Mul', [a, b], shape)],
  gradient: (graph, flowing, { inputs }, wanted) =>
    inputs.map((input, i) =>
      wanted[i] ? summedTo(graph, graph.node('Mul', [flowing, inputs[1 - i]], flowing.shape), input.shape) : undefined,
    ),
}

export const multiply = (a: Tensor, b: Tensor): Tensor => apply(multiplyOperator, [a, b], undefined)
