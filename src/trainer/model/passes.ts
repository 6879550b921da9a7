/** The compiled passes of one model: outputs alone, and outputs with gradients. */
import { gradients } from '../graph/autodiff.ts'
import { Graph, sizes, type Tensor } from '../graph/graph.ts'
import { compile, type Value, type Values } from '../graph/runtime.ts'
import type { PackedBatch } from './batch.ts'
import { causalMasks } from './masks.ts'
import { elementsOf } from './parameters.ts'
import { ropeTables } from './rope.ts'
import type { Coefficients } from './session.ts'
import { type SlopeKind, slopeFeeds, slopeOf } from './slope.ts'
import { type TransformerOptions, transformer } from './transformer.ts'

export interface TrainingGraph {
  graph: Graph
  output: Tensor
  /** Gradient tensors by parameter. */
  gradients: Map<string, Tensor>
  dropoutMasks: readonly Tensor[]
}

/** Forward and backward pass; dL/d output is given or computed, see `slope.ts`. */
export function trainingGraph(
  options: Omit<TransformerOptions, 'training'>,
  trained: readonly string[],
  slope: SlopeKind,
): TrainingGraph {
  const graph = new Graph(`training, ${slope}`)
  const { output, parameters, dropoutMasks } = transformer(graph, { ...options, training: true })
  graph.output(output)
  const computed = gradients(
    graph,
    [{ output, gradient: slopeOf(graph, output, slope) }],
    trained.map((name) => parameters.get(name)!),
  )
  const named = new Map(trained.map((name, i) => [name, graph.output(computed[i]!)]))
  return { graph, output, gradients: named, dropoutMasks }
}

/** Inputs that depend on the model or the padded length alone, kept from batch to batch. */
export function fixedInputs({ config }: Pick<TransformerOptions, 'config'>): (length: number) => Map<string, Value> {
  const { cos, sin } = ropeTables(config, config.maxPositions)
  const table = [config.maxPositions, config.headDim / 2]
  const shared = new Map<string, Value>([
    ['cos', { shape: table, data: cos }],
    ['sin', { shape: table, data: sin }],
  ])
  let [lengthOfMasks, masks] = [0, new Map<string, Value>()]
  return (length) => {
    if (lengthOfMasks !== length) masks = causalMasks(length, config)
    lengthOfMasks = length
    return new Map([...shared, ...masks])
  }
}

const namesOf = ({ rows, length, picked }: PackedBatch) => ({ rows, length, picked })

/** Outputs without gradient; with dropout only when that is asked for. */
export async function outputPass(
  { training = false, ...options }: Omit<TransformerOptions, 'training'> & { training?: boolean },
  threads?: number,
) {
  const graph = new Graph('outputs')
  const { output } = transformer(graph, { ...options, training })
  graph.output(output)
  const program = await compile(graph, { threads })
  return {
    run: async (batch: PackedBatch, feeds: Values): Promise<Float32Array> => {
      const shape = sizes(output.shape, namesOf(batch))
      const data = new Float32Array(elementsOf(shape))
      await program.run(feeds, new Map([[output.name, { shape, data }]]))
      return data
    },
    close: () => program.close(),
  }
}

/** Outputs, and the gradients for coefficients of the graph's kind, written into `into`: a value for each trained parameter. */
export async function trainingPass({ graph, output, gradients: named }: TrainingGraph, threads?: number) {
  const program = await compile(graph, { threads })
  return {
    run: async (batch: PackedBatch, feeds: Values, coefficients: Coefficients, into: Values): Promise<Float32Array> => {
      const shape = sizes(output.shape, namesOf(batch))
      const data = new Float32Array(elementsOf(shape))
      const results = new Map<string, Value>([[output.name, { shape, data }]])
      for (const [name, tensor] of named) results.set(tensor.name, into.get(name)!)
      await program.run(new Map([...feeds, ...slopeFeeds(coefficients, batch, shape)]), results)
      return data
    },
    close: () => program.close(),
  }
}
