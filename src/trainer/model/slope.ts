/**
 * dL/d output = -c_n within the training graph: as it is given, or by a formula in this very pass's outputs. What a formula
 * covers (reward models, DPO, GRPO's first update from its samples) saves a whole forward pass.
 */
import { TrainerError } from '../errors.ts'
import type { Graph, Tensor } from '../graph/graph.ts'
import { fusedMatMul } from '../graph/operators/linear.ts'
import type { Value } from '../graph/runtime.ts'
import type { Anchored, Coefficients, Logistic, Outputs } from './session.ts'

export type SlopeKind = 'given' | 'logistic' | 'anchored'

export function kindOf(coefficients: Coefficients): SlopeKind {
  if ('comparisons' in coefficients) return 'logistic'
  return 'anchor' in coefficients ? 'anchored' : 'given'
}

/** Adds dL/d output, of the shape of `output`, and the inputs that `slopeFeeds` fills. */
export function slopeOf(graph: Graph, output: Tensor, kind: SlopeKind): Tensor {
  const { shape } = output
  const [picked] = shape
  if (kind === 'given') return graph.input('flow', shape)
  if (kind === 'anchored') {
    const difference = graph.node('Sub', [graph.input('anchor', shape), output], shape)
    const pulled = graph.node('Mul', [graph.input('pull', shape), graph.node('Exp', [difference], shape)], shape)
    return graph.node('Sub', [graph.input('flow', shape), pulled], shape)
  }
  const perComparison = ['comparisons', 1]
  const design = graph.input('design', ['comparisons', picked!])
  const column = graph.node('Reshape', [output, graph.integers(-1, 1)], [picked!, 1])
  const z = graph.node(
    'Add',
    [fusedMatMul(graph, design, column, perComparison), graph.input('shift', perComparison)],
    perComparison,
  )
  const sigmoid = graph.node('Sigmoid', [z], perComparison)
  const missed = graph.node('Sub', [sigmoid, graph.input('label', perComparison)], perComparison)
  const weighed = graph.node('Mul', [missed, graph.input('weight', perComparison)], perComparison)
  const flow = fusedMatMul(graph, design, weighed, [picked!, 1], { transposeA: true })
  if (shape.length === 2) return flow
  return graph.node('Reshape', [flow, graph.integers(-1)], shape)
}

interface Picked {
  picked: number
  counts: readonly number[]
}

/** One number an output, in a row; throws where their shape is not that of the outputs or one is not finite. */
function flat(rows: Outputs, { picked, counts }: Picked): Float32Array {
  const values = new Float32Array(picked)
  let n = 0
  for (const [row, count] of counts.entries()) {
    const own = rows[row]
    if (own?.length !== count)
      throw new TrainerError('bad_input', `${own?.length ?? 0} coefficients for ${count} outputs.`, {
        where: `row ${row}`,
      })
    for (const c of own) {
      if (!Number.isFinite(c))
        throw new TrainerError('diverged', `A coefficient is ${c}.`, {
          where: `row ${row}`,
          hint: 'A lower learning rate, or a look at this row of the data.',
        })
      values[n++] = c
    }
  }
  return values
}

/** `shape` is that of the outputs. */
export function slopeFeeds(coefficients: Coefficients, batch: Picked, shape: number[]): Map<string, Value> {
  if ('comparisons' in coefficients) return logisticFeeds(coefficients, batch)
  const { given, pull, anchor }: Partial<Anchored> & { given: Outputs } =
    'anchor' in coefficients ? coefficients : { given: coefficients }
  const feeds = new Map<string, Value>([['flow', { shape, data: flat(given, batch).map((c) => -c) }]])
  if (pull && anchor)
    feeds.set('pull', { shape, data: flat(pull, batch) }).set('anchor', { shape, data: flat(anchor, batch) })
  return feeds
}

function logisticFeeds({ sequences, comparisons }: Logistic, { picked, counts }: Picked): Map<string, Value> {
  const count = comparisons.length
  const design = new Float32Array(count * picked)
  let n = 0
  for (const [row, outputs] of counts.entries()) {
    const { comparison, slope } = sequences[row] ?? { comparison: -1, slope: 0 }
    if (!(comparison >= 0 && comparison < count) || !Number.isFinite(slope))
      throw new TrainerError('bad_input', `There is no comparison ${comparison} of slope ${slope}.`, {
        where: `row ${row}`,
      })
    design.fill(slope, comparison * picked + n, comparison * picked + n + outputs)
    n += outputs
  }
  const column = (of: (comparison: Logistic['comparisons'][number]) => number): Value => ({
    shape: [count, 1],
    data: flat([Float32Array.from(comparisons, of)], { picked: count, counts: [count] }),
  })
  return new Map<string, Value>([
    ['design', { shape: [count, picked], data: design }],
    ['shift', column(({ shift }) => shift)],
    ['label', column(({ label }) => label)],
    ['weight', column(({ weight }) => weight)],
  ])
}
