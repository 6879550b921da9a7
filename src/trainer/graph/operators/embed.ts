/**
 * Rows of a table: y[...] = E[id]. Its gradient adds each row's gradient to the row of its id.
 *
 * ScatterND with reduction 'add' loses updates of equal ids when it runs on more than one thread (microsoft/onnxruntime
 * issues 18048 and 23396); ScatterElements does not.
 */
import { apply, type Operator } from '../autodiff.ts'
import type { Tensor } from '../graph.ts'
import { flattened, rowsOf } from './rows.ts'

export const embedOperator: Operator = {
  name: 'embed',
  shape: ([table, ids]) => [...ids!.shape, table!.shape[1]!],
  forward: (graph, [table, ids], _, shape) => [graph.node('Gather', [table, ids], shape)],
  sumsUp: [0],
  gradient: (graph, flowing, { inputs: [table, ids] }, [wantsTable], [sum]) => {
    if (!wantsTable) return []
    const [entries, columns] = table!.shape as [number, number]
    const rows = rowsOf(flowing.shape)
    const onto = sum ?? graph.node('ConstantOfShape', [graph.integers(entries, columns)], table!.shape)
    const column = graph.node('Reshape', [ids, graph.integers(-1, 1)], [rows, 1], { type: 'int64' })
    const repeated = graph.node('Expand', [column, graph.integers(1, columns)], [rows, columns], { type: 'int64' })
    return [
      graph.node('ScatterElements', [onto, repeated, flattened(graph, flowing)], table!.shape, {
        attributes: { axis: 0, reduction: 'add' },
      }),
    ]
  },
}

/** table [entries, columns], ids int64 [...] -> [..., columns] */
export const embed = (table: Tensor, ids: Tensor): Tensor => apply(embedOperator, [table, ids], undefined)
