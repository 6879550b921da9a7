/**
 * Some rows of a matrix, by distinct position: what needs no logits is left out here.
 * The gradient puts the rows back among zeros; positions are distinct, so that nothing needs to be added up.
 */
import { apply, type Operator } from '../autodiff.ts'
import type { Tensor } from '../graph.ts'
import { flattened, rowsOf } from './rows.ts'

const pickOperator: Operator = {
  name: 'pick',
  shape: ([x, positions]) => [positions!.shape[0]!, x!.shape.at(-1)!],
  forward: (graph, [x, positions], _, shape) => [graph.node('Gather', [flattened(graph, x!), positions], shape)],
  gradient: (graph, flowing, { inputs: [x, positions] }) => {
    const columns = x!.shape.at(-1) as number
    const sizes = graph.node('Shape', [x], [x!.shape.length], { type: 'int64' })
    const zeros = graph.node('ConstantOfShape', [sizes], x!.shape)
    const rows = flattened(graph, zeros)
    const index = graph.node('Reshape', [positions, graph.integers(-1, 1)], [positions!.shape[0]!, 1], {
      type: 'int64',
    })
    const scattered = graph.node('ScatterND', [rows, index, flowing], [rowsOf(x!.shape), columns])
    return [graph.node('Reshape', [scattered, sizes], x!.shape)]
  },
}

/** x [..., columns], positions int64 [picked], distinct, into the rows of x -> [picked, columns] */
export const pick = (x: Tensor, positions: Tensor): Tensor => apply(pickOperator, [x, positions], undefined)
