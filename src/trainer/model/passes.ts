/** The compiled passes of one model: outputs alone, and outputs with the activations kept for the backward pass. */
import { gradients } from '../graph/autodiff.ts'
import { Graph, sizes, type Tensor } from '../graph/graph.ts'
import { compile, type Program, type Value, type Values } from '../graph/runtime.ts'
import { causalMask, type PackedBatch } from './batch.ts'
import { elementsOf } from './parameters.ts'
import { ropeTables } from './rope.ts'
import { type TransformerOptions, transformer } from './transformer.ts'

export interface TrainingGraphs {
  /** The graph that the outputs come from. */
  forward: Graph
  /** That of the gradients: another one, or the same. */
  backward: Graph
  output: Tensor
  /** Gradient tensors by parameter. */
  gradients: Map<string, Tensor>
  dropoutMasks: readonly Tensor[]
}

/**
 * Forward and backward pass; `flow` [as the output] is dL/d output. As two graphs the coefficients can be computed from
 * the outputs between them; as one, nothing has to be kept, and that is faster where the coefficients are known.
 */
export function trainingGraphs(
  options: Omit<TransformerOptions, 'training'>,
  trained: readonly string[],
  passes: 'one' | 'two',
): TrainingGraphs {
  const forward = new Graph('forward')
  const { output, parameters, dropoutMasks } = transformer(forward, { ...options, training: true })
  forward.output(output)
  const backward = passes === 'one' ? forward : new Graph('backward')
  const flow = backward.input('flow', output.shape)
  const computed = gradients(
    backward,
    [{ output, gradient: flow }],
    trained.map((name) => parameters.get(name)!),
  )
  const named = new Map(trained.map((name, i) => [name, backward.output(computed[i]!)]))
  return { forward, backward, output, gradients: named, dropoutMasks }
}

/** Inputs that depend on the model or the padded length alone, kept from batch to batch. */
export function fixedInputs({ config }: Pick<TransformerOptions, 'config'>): (length: number) => Map<string, Value> {
  const { cos, sin } = ropeTables(config, config.maxPositions)
  const table = [config.maxPositions, config.headDim / 2]
  const shared = new Map<string, Value>([
    ['cos', { shape: table, data: cos }],
    ['sin', { shape: table, data: sin }],
  ])
  let mask = causalMask(1, 1)
  return (length) => {
    if (mask.shape[3] !== length) mask = causalMask(length, config.heads / config.keyValueHeads)
    return new Map([...shared, ['mask', mask]])
  }
}

const namesOf = ({ rows, length, picked }: PackedBatch) => ({ rows, length, picked })

/** Outputs without gradient: nothing is kept. */
export async function outputPass(options: Omit<TransformerOptions, 'training'>, threads?: number) {
  const graph = new Graph('outputs')
  const { output } = transformer(graph, { ...options, training: false })
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

/** Room for what the forward pass keeps; grows to the largest batch and is then used again and again. */
function arena(): (shapes: readonly number[][]) => Float32Array[] {
  let memory = new Float32Array(0)
  // Kernels like their rows to start at cache lines.
  const aligned = (shape: readonly number[]): number => Math.ceil(elementsOf(shape) / 16) * 16
  return (shapes) => {
    const total = shapes.reduce((sum, shape) => sum + aligned(shape), 0)
    if (memory.length < total) memory = new Float32Array(total)
    let offset = 0
    return shapes.map((shape) => {
      const view = memory.subarray(offset, offset + elementsOf(shape))
      offset += aligned(shape)
      return view
    })
  }
}

/** Where the gradients of a pass go: a value for each trained parameter. */
const resultsOf = (graphs: TrainingGraphs, into: Values): [string, Value][] =>
  [...graphs.gradients].map(([name, tensor]) => [tensor.name, into.get(name)!])

export interface TrainingPass {
  /** Outputs; activations stay until the next forward. */
  forward(batch: PackedBatch, feeds: Values): Promise<Float32Array>
  /** Writes the gradients of the last forward. */
  backward(flow: Float32Array, into: Values): Promise<void>
  close(): Promise<void>
}

export async function trainingPass(graphs: TrainingGraphs, threads?: number): Promise<TrainingPass> {
  const programs: [Program, Program] = [
    await compile(graphs.forward, { threads }),
    await compile(graphs.backward, { threads }),
  ]
  const allocate = arena()
  let kept = new Map<string, Value>()
  return {
    forward: async (batch, feeds) => {
      const tensors = graphs.forward.outputs
      const shapes = tensors.map(({ shape }) => sizes(shape, namesOf(batch)))
      const memory = allocate(shapes)
      kept = new Map(tensors.map(({ name }, i) => [name, { shape: shapes[i]!, data: memory[i]! }]))
      await programs[0].run(feeds, kept)
      for (const [name, value] of feeds) kept.set(name, value)
      return kept.get(graphs.output.name)!.data as Float32Array
    },
    backward: async (flow, into) => {
      kept.set('flow', { shape: kept.get(graphs.output.name)!.shape, data: flow })
      await programs[1].run(kept, new Map(resultsOf(graphs, into)))
    },
    close: async () => {
      for (const program of programs) await program.close()
    },
  }
}

export interface WholePass {
  /** Outputs, and the gradients for the given dL/d output. */
  run(batch: PackedBatch, feeds: Values, flow: Float32Array, into: Values): Promise<Float32Array>
  close(): Promise<void>
}

export async function wholePass(graphs: TrainingGraphs, threads?: number): Promise<WholePass> {
  const program = await compile(graphs.forward, { threads })
  return {
    run: async (batch, feeds, flow, into) => {
      const shape = sizes(graphs.output.shape, namesOf(batch))
      const outputs = new Float32Array(elementsOf(shape))
      const results = new Map([...resultsOf(graphs, into), [graphs.output.name, { shape, data: outputs }] as const])
      await program.run(new Map([...feeds, ['flow', { shape, data: flow }]]), results)
      return outputs
    },
    close: () => program.close(),
  }
}
