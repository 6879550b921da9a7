/**
 * log p(target) of a language model's head: p = softmax(h E^T), per row, without ever building the gradient of the
 * logits. With P the probabilities and c = dL / d log p(target) of each row:
 *
 *   d log p(t) / d logit_j = [j = t] - p_j,  so  dh = c (E_t - P E)  and  dE = scatter_t(c h) - P^T (c h).
 *
 * Only P is kept. The logarithm of the normaliser comes from the largest probability, which never underflows:
 * log p(t) = logit_t - max logit + log(max p).
 */
import { TrainerError } from '../../errors.ts'
import { apply, type Operator } from '../autodiff.ts'
import type { Graph, Tensor } from '../graph.ts'
import { addedAtRows } from './embed.ts'
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
    const largest = (x: Tensor): Tensor =>
      graph.node('ReduceMax', [x, graph.integers(-1)], shape, { attributes: { keepdims: 0 } })
    const logits = fusedMatMul(graph, hidden!, table!, grid, { transposeB: true })
    const picked = graph.node('GatherElements', [logits, asColumn(graph, targets!)], [shape[0]!, 1], {
      attributes: { axis: 1 },
    })
    const above = graph.node('Sub', [graph.node('Squeeze', [picked, graph.integers(1)], shape), largest(logits)], shape)
    const probabilities = graph.node('Softmax', [logits], grid, { attributes: { axis: -1 } })
    const log = graph.node('Add', [above, graph.node('Log', [largest(probabilities)], shape)], shape)
    return [log, probabilities]
  },
  gradient: (graph, flowing, { inputs, kept: [probabilities] }, [wantsHidden, wantsTable]) => {
    const [hidden, table, targets] = inputs as [Tensor, Tensor, Tensor]
    const flow = asColumn(graph, flowing)
    const result: (Tensor | undefined)[] = [undefined, undefined]
    if (wantsHidden) {
      const expected = fusedMatMul(graph, probabilities!, table, hidden.shape)
      const own = graph.node('Gather', [table, targets], hidden.shape)
      result[0] = graph.node('Mul', [graph.node('Sub', [own, expected], hidden.shape), flow], hidden.shape)
    }
    if (wantsTable) {
      const weighted = graph.node('Mul', [hidden, flow], hidden.shape)
      const pushed = graph.node('Gemm', [probabilities, weighted], table.shape, {
        attributes: { transA: 1, alpha: { float: -1 } },
      })
      result[1] = addedAtRows(graph, pushed, targets, weighted)
    }
    return result
  },
}

/** hidden [rows, d], table [vocabulary, d], targets int64 [rows] -> [rows] */
export const logProbability = (hidden: Tensor, table: Tensor, targets: Tensor): Tensor =>
  apply(logProbabilityOperator, [hidden, table, targets], undefined)
