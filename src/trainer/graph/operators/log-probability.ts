/**
 * log p(target) under softmax(logits), per row.
 * Gradient: d log p(t) / d logit_j = [j = t] - p_j.
 */
import { apply, type Operator } from '../autodiff.ts'
import type { Tensor } from '../graph.ts'

export const logProbabilityOperator: Operator = {
  name: 'logProbability',
  shape: ([logits]) => [logits!.shape[0]!],
  forward: (graph, [logits, targets], _, shape) => {
    const logs = graph.node('LogSoftmax', [logits], logits!.shape, { attributes: { axis: -1 } })
    const column = graph.node('Unsqueeze', [targets, graph.integers(1)], [shape[0]!, 1], { type: 'int64' })
    const picked = graph.node('GatherElements', [logs, column], [shape[0]!, 1], { attributes: { axis: 1 } })
    return [graph.node('Squeeze', [picked, graph.integers(1)], shape), logs]
  },
  gradient: (graph, flowing, { inputs: [logits, targets], kept: [logs] }) => {
    const rows = logits!.shape[0]!
    const flow = graph.node('Unsqueeze', [flowing, graph.integers(1)], [rows, 1])
    const column = graph.node('Unsqueeze', [targets, graph.integers(1)], [rows, 1], { type: 'int64' })
    const probabilities = graph.node('Exp', [logs], logits!.shape)
    const spread = graph.node('Mul', [probabilities, graph.node('Neg', [flow], [rows, 1])], logits!.shape)
    return [
      graph.node('ScatterElements', [spread, column, flow], logits!.shape, {
        attributes: { axis: 1, reduction: 'add' },
      }),
    ]
  },
}

/** logits [rows, vocabulary], targets int64 [rows] -> [rows] */
export const logProbability = (logits: Tensor, targets: Tensor): Tensor =>
  apply(logProbabilityOperator, [logits, targets], undefined)
