/**
 * Reverse-mode automatic differentiation over graphs.
 *
 * An operator is one entry: its shape rule, its forward nodes, its gradient nodes. `apply` adds the forward nodes and
 * remembers the application; `gradients` walks the applications backwards and adds the nodes of each vector-Jacobian
 * product to the same graph.
 *
 * Reference: A. Griewank and A. Walther, Evaluating Derivatives, 2nd ed., SIAM 2008, chapter 3.
 */
import { TrainerError } from '../errors.ts'
import type { Graph, Shape, Tensor } from './graph.ts'

export interface Application<A> {
  inputs: readonly Tensor[]
  output: Tensor
  /** Further results of the forward nodes that the gradient wants to read. */
  kept: readonly Tensor[]
  attributes: A
}

export interface Operator<A = void> {
  readonly name: string
  /** Shape of the output; throws when the inputs do not fit. */
  shape(inputs: readonly Tensor[], attributes: A): Shape
  /** Adds the nodes that compute the output (first) and what the gradient wants kept. */
  forward(graph: Graph, inputs: readonly Tensor[], attributes: A, shape: Shape): [Tensor, ...Tensor[]]
  /**
   * Adds the nodes of the gradient for each input where `wanted`; undefined for inputs that have none.
   * `flowing` is dL/d output. `sums` holds what other uses of an input have added so far: an entry may add to it and
   * return the sum, and says so by `sumsUp`.
   */
  gradient(
    graph: Graph,
    flowing: Tensor,
    application: Application<A>,
    wanted: readonly boolean[],
    sums: readonly (Tensor | undefined)[],
  ): (Tensor | undefined)[]
  /** Inputs (by position) whose returned gradient already includes `sums`. */
  readonly sumsUp?: readonly number[]
}

/** What `gradients` needs of one application, whatever its attributes. */
interface Entry {
  inputs: readonly Tensor[]
  output: Tensor
  sumsUp: readonly number[]
  gradient(flowing: Tensor, wanted: boolean[], sums: (Tensor | undefined)[]): (Tensor | undefined)[]
}

const tapes = new WeakMap<Graph, Entry[]>()

/** Applies an operator: adds its forward nodes to the graph of its inputs and remembers it for `gradients`. */
export function apply<A>(operator: Operator<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  const graph = inputs[0]!.graph
  const [output, ...kept] = operator.forward(graph, inputs, attributes, operator.shape(inputs, attributes))
  const application = { inputs, output, kept, attributes }
  const tape = tapes.get(graph) ?? []
  tapes.set(graph, tape)
  tape.push({
    inputs,
    output,
    sumsUp: operator.sumsUp ?? [],
    gradient: (flowing, wanted, sums) => operator.gradient(graph, flowing, application, wanted, sums),
  })
  return output
}

/**
 * Adds the gradients with respect to `parameters` of the scalar L, given dL/d output for some tensors of a graph.
 * Returns one tensor per parameter, of its shape. Throws when a parameter has no influence on the outputs.
 */
export function gradients(
  graph: Graph,
  flows: readonly { output: Tensor; gradient: Tensor }[],
  parameters: readonly Tensor[],
): Tensor[] {
  const tape = tapes.get(graph) ?? []
  const varying = new Set(parameters.map((parameter) => parameter.name))
  for (const { inputs, output } of tape) if (inputs.some((input) => varying.has(input.name))) varying.add(output.name)

  const sums = new Map(flows.map(({ output, gradient }) => [output.name, gradient]))
  for (const entry of tape.toReversed()) {
    const flowing = sums.get(entry.output.name)
    if (!flowing || !varying.has(entry.output.name)) continue
    const wanted = entry.inputs.map((input) => varying.has(input.name))
    const before = entry.inputs.map((input) => sums.get(input.name))
    const parts = entry.gradient(flowing, wanted, before)
    for (const [i, input] of entry.inputs.entries()) {
      const part = parts[i]
      if (!part || !wanted[i]) continue
      const sum = sums.get(input.name)
      sums.set(input.name, sum && !entry.sumsUp.includes(i) ? graph.node('Add', [sum, part], input.shape) : part)
    }
  }
  return parameters.map((parameter) => {
    const gradient = sums.get(parameter.name)
    if (!gradient) throw new TrainerError('bad_input', `No output depends on ${parameter.name}.`)
    return gradient
  })
}
