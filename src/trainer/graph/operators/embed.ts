/**
 * Rows of a table: y[...] = E[id]. Its gradient adds each row's gradient to the row of its id.
 *
 * ScatterND with reduction 'add' loses updates of equal ids when it runs on more than one thread (microsoft/onnxruntime
 * issues 18048 and 23396); ScatterElements does not.
 */
import { apply, type Operator } from '../autodiff.ts'
import type { Graph, Tensor } from '../graph.ts'
import { flattened } from './rows.ts'

/** `onto` [entries, columns] with row i of `rows` [n, columns] added to its row ids[i]; ids may repeat. */
export function addedAtRows(graph: Graph, onto: Tensor, ids: Tensor, rows: Tensor): Tensor {
  const [count, columns] = rows.shape as [Tensor['shape'][0], number]
  const column = graph.node('Reshape', [ids, graph.integers(-1, 1)], [count, 1], { type: 'int64' })
  const repeated = graph.node('Expand', [column, graph.integers(1, columns)], [count, columns], { type: 'int64' })
  return graph.node('ScatterElements', [onto, repeated, rows], onto.shape, {
    attributes: { axis: 0, reduction: 'add' },
  })
}

const embedOperator: Operator = {
  name: 'embed',
  shape: ([table, ids]) => [...ids!.shape, table!.shape[1]!],
  forward: (graph, [table, ids], _, shape) => [graph.node('Gather', [table, ids], shape)],
  sumsUp: [0],
  gradient: (graph, flowing, { inputs: [table, ids] }, [wantsTable], [sum]) => {
    if (!wantsTable) return []
    const [entries, columns] = table!.shape as [number, number]
    const onto = sum ?? graph.node('ConstantOfShape', [graph.integers(entries, columns)], table!.shape)
    return [addedAtRows(graph, onto, ids!, flattened(graph, flowing))]
  },
}

/** table [entries, columns], ids int64 [...] -> [..., columns] */
export const embed = (table: Tensor, ids: Tensor): Tensor => apply(embedOperator, [table, ids], undefined)
