/** Sum with broadcasting: residual connections and biases. Its gradient flows through, summed where it was repeated. */
import { apply, type Operator } from '../autodiff.ts'
import type { Tensor } from '../graph.ts'
import { broadcast, summedTo } from './rows.ts'

const addOperator: Operator = {
  name: 'add',
  shape: ([a, b]) => broadcast(a!.shape, b!.shape),
  forward: (graph, [a, b], _, shape) => [graph.node('Add', [a, b], shape)],
  gradient: (graph, flowing, { inputs }, wanted) =>
    inputs.map((input, i) => (wanted[i] ? summedTo(graph, flowing, input.shape) : undefined)),
}

export const add = (a: Tensor, b: Tensor): Tensor => apply(addOperator, [a, b], undefined)
