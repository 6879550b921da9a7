/**
 * RMSNorm: y = w x r with r = 1 / sqrt(mean(x^2) + eps), over the last dimension.
 * Paper: B. Zhang and R. Sennrich, Root Mean Square Layer Normalization, NeurIPS 2019.
 *
 * With n = x r:  dw = sum over rows of dy n,  dx = r (dy w - n mean(dy w n)).
 */
import { apply, type Operator } from '../autodiff.ts'
import type { Tensor } from '../graph.ts'
import { flattened, summedTo } from './rows.ts'

export const rmsNormOperator: Operator<{ epsilon: number }> = {
  name: 'rmsNorm',
  shape: ([x]) => x!.shape,
  forward: (graph, [x, weight], { epsilon }, shape) => {
    const perRow = [...shape.slice(0, -1), 1]
    const [y, inverse] = graph.multi('SimplifiedLayerNormalization', [x, weight], [{ shape }, { shape: perRow }], {
      attributes: { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
    })
    return [y!, inverse!]
  },
  gradient: (graph, flowing, { inputs: [x, weight], kept: [inverse] }, [wantsX, wantsWeight]) => {
    const perRow = [...x!.shape.slice(0, -1), 1]
    const normal = graph.node('Mul', [x, inverse], x!.shape)
    const product = graph.node('Mul', [flowing, normal], x!.shape)
    const ofWeight = wantsWeight ? summedTo(graph, flattened(graph, product), weight!.shape) : undefined
    if (!wantsX) return [undefined, ofWeight]
    const weighted = graph.node('Mul', [product, weight], x!.shape)
    const mean = graph.node('ReduceMean', [weighted, graph.integers(-1)], perRow, { attributes: { keepdims: 1 } })
    const scaled = graph.node('Mul', [flowing, weight], x!.shape)
    const pull = graph.node('Mul', [normal, mean], x!.shape)
    const difference = graph.node('Sub', [scaled, pull], x!.shape)
    return [graph.node('Mul', [difference, inverse], x!.shape), ofWeight]
  },
}

/** x [..., d], weight [d] */
export const rmsNorm = (x: Tensor, weight: Tensor, epsilon: number): Tensor =>
  apply(rmsNormOperator, [x, weight], { epsilon })
