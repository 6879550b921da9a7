/**
 * log p(target) of a language model's head: p = softmax(h E^T), per row. With P the probabilities, 1_t the target's place and
 * c = dL / d log p(target) of each row:
 *
 *   d log p(t) / d logit_j = [j = t] - p_j,  so with G = P - 1_t:  dh = -c G E  and  dE = -G^T (c h).
 *
 * G is written over P: it differs in one number of each row.
 */
import { TrainerError } from '../../errors.ts'
import { apply, type Operator } from '../autodiff.ts'
import type { Dimension, Graph, Tensor } from '../graph.ts'
import { fusedMatMul } from './linear.ts'

const asColumn = (graph: Graph, x: Tensor): Tensor =>
  graph.node('Unsqueeze', [x, graph.integers(1)], [x.shape[0]!, 1], { type: x.type })

const logProbabilityOperator: Operator = {
  name: 'logProbability',
  shape: ([hidden, table]) => {
    if (hidden!.shape.length !== 2 || hidden!.shape[1] !== table!.shape[1])
      throw new TrainerError('bad_input', `A head of [${table!.shape}] does not take [${hidden!.shape}].`)
    return [hidden!.shape[0]!]
  },
  forward: (graph, [hidden, table, targets], _, shape) => {
    const grid = [shape[0]!, table!.shape[0]!]
    const logits = fusedMatMul(graph, hidden!, table!, grid, { transposeB: true })
    const logs = graph.node('LogSoftmax', [logits], grid, { attributes: { axis: -1 } })
    const picked = graph.node('GatherElements', [logs, asColumn(graph, targets!)], [shape[0]!, 1], {
      attributes: { axis: 1 },
    })
    return [graph.node('Squeeze', [picked, graph.integers(1)], shape), logs]
  },
  gradient: (graph, flowing, { inputs, kept: [logs] }, [wantsHidden, wantsTable]) => {
    const [hidden, table, targets] = inputs as [Tensor, Tensor, Tensor]
    const flow = asColumn(graph, flowing)
    const places = asColumn(graph, targets)
    const less = graph.node(
      'Expand',
      [graph.scalar(-1), graph.node('Shape', [places], [2], { type: 'int64' })],
      places.shape,
    )
    const slope = graph.node('ScatterElements', [graph.node('Exp', [logs], logs!.shape), places, less], logs!.shape, {
      attributes: { axis: 1, reduction: 'add' },
    })
    const weighted = graph.node('Mul', [hidden, flow], hidden.shape)
    const ofHidden = wantsHidden
      ? graph.node('Mul', [fusedMatMul(graph, slope, table, hidden.shape, { scale: -1 }), flow], hidden.shape)
      : undefined
    if (!wantsTable) return [ofHidden]
    // As its transpose: the kernel would turn the wide factor piece by piece, with a page between one number and the next.
    const [rows, width] = hidden.shape as [Dimension, number]
    const narrow = graph.node('Transpose', [weighted], [width, rows], { attributes: { perm: [1, 0] } })
    const turned = fusedMatMul(graph, narrow, slope, [width, table.shape[0]!], { scale: -1 })
    const ofTable = graph.node('Transpose', [turned], table.shape, { attributes: { perm: [1, 0] } })
    // Where the table is the embedding as well, its gradient is whole at the very end: `slope` is not kept until then.
    return [ofHidden, graph.early(ofTable)]
  },
}

/** hidden [rows, d], table [vocabulary, d], targets int64 [rows] -> [rows] */
export const logProbability = (hidden: Tensor, table: Tensor, targets: Tensor): Tensor =>
  apply(logProbabilityOperator, [hidden, table, targets], undefined)
