/**
 * A computation as a list of ONNX nodes over typed tensors, and its bytes.
 * Field numbers are those of onnx.proto3 (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto).
 *
 * Shapes may name dimensions that are known only at run time ('rows', 'length'): one compiled graph then serves every
 * batch. Two dimensions are equal when their number or their name is.
 */
import { Message } from './protobuf.ts'

export type Dimension = number | string
export type Shape = readonly Dimension[]
export type ElementType = 'float32' | 'int64' | 'uint8'

export interface Tensor {
  readonly name: string
  readonly shape: Shape
  readonly type: ElementType
  readonly graph: Graph
}

/** A product of dimensions: a number where all are, else a canonical name such as '3*length'. */
export function times(...dimensions: readonly Dimension[]): Dimension {
  const factors = dimensions.flatMap((dimension) => String(dimension).split('*'))
  const names = factors.filter((factor) => Number.isNaN(Number(factor)))
  const count = factors.reduce<number>((product, factor) => product * (Number(factor) || 1), 1)
  if (names.length === 0) return count
  return [...(count === 1 ? [] : [count]), ...names].join('*')
}

/** The numbers of a shape, given those of its names. */
export function sizes(shape: Shape, names: Readonly<Record<string, number>>): number[] {
  const sizeOf = (factor: string): number => names[factor] ?? Number(factor)
  return shape.map((dimension) =>
    typeof dimension === 'number' ? dimension : dimension.split('*').reduce((product, f) => product * sizeOf(f), 1),
  )
}

/** Integers, lists of integers and text as they are; `{ float }` marks a number that ONNX wants as float. */
export type Attribute = number | string | readonly number[] | { float: number }

/** Bytes that lie outside the graph's own, under the name by which the graph points at them. */
export interface OutsideData {
  path: string
  data: Uint8Array
}

const elementCode: Record<ElementType, number> = { float32: 1, int64: 7, uint8: 2 }

/** ONNX operator set; every operator used here exists in it. */
const onnxOpset = 21
const irVersion = 10
/** TensorProto.DataLocation */
const isOutside = 1

interface Node {
  message: Message
  results: readonly Tensor[]
}

export class Graph {
  readonly name: string
  private readonly nodes: Node[] = []
  /** Names of what some node reads. */
  private readonly read = new Set<string>()
  /** Names of results that nobody reads, of nodes that are computed first. */
  private readonly soon = new Set<string>()
  private readonly initialisers: Message[] = []
  private readonly constants = new Map<string, Tensor>()
  private readonly produced = new Map<string, Tensor>()
  readonly inputs: Tensor[] = []
  readonly outputs: Tensor[] = []
  /** Where the weights lie: they are handed to the runtime beside the bytes, never copied into them. */
  readonly outside: OutsideData[] = []
  private count = 0

  constructor(name: string) {
    this.name = name
  }

  private tensor(name: string, shape: Shape, type: ElementType): Tensor {
    return { name, shape, type, graph: this }
  }

  /** A value fed at each run. */
  input(name: string, shape: Shape, type: ElementType = 'float32'): Tensor {
    const tensor = this.tensor(name, shape, type)
    this.inputs.push(tensor)
    return tensor
  }

  /** A value fixed in the graph; equal constants are stored once. */
  constant(values: readonly number[], shape: readonly number[], type: 'float32' | 'int64' = 'float32'): Tensor {
    const key = `${type}:${shape}:${values}`
    const present = this.constants.get(key)
    if (present) return present
    const tensor = this.tensor(`c${this.count++}`, shape, type)
    const elements = type === 'float32' ? new Float32Array(values) : new BigInt64Array(values.map(BigInt))
    this.initialisers.push(initialiser(tensor, shape).raw(9, bytesOf(elements)))
    this.constants.set(key, tensor)
    return tensor
  }

  /**
   * A weight that never changes, kept by the runtime in the layout that its kernels like best. `data` is read when the
   * graph is compiled, and must not change while the program lives.
   */
  weight(shape: readonly number[], data: Float32Array | Uint8Array): Tensor {
    const tensor = this.tensor(`w${this.count++}`, shape, data instanceof Float32Array ? 'float32' : 'uint8')
    const bytes = bytesOf(data)
    this.outside.push({ path: tensor.name, data: bytes })
    const entry = (key: string, value: string) => new Message().text(1, key).text(2, value)
    this.initialisers.push(
      initialiser(tensor, shape)
        .message(13, entry('location', tensor.name))
        .message(13, entry('length', String(bytes.length)))
        .integer(14, isOutside),
    )
    return tensor
  }

  scalar(value: number): Tensor {
    return this.constant([value], [])
  }

  /** A list of integers, as shapes and axes are passed to ONNX operators. */
  integers(...values: number[]): Tensor {
    return this.constant(values, [values.length], 'int64')
  }

  /** Adds a node with one output. `domain` is '' for ONNX itself, 'com.microsoft' for the runtime's own operators. */
  node(
    operator: string,
    inputs: readonly (Tensor | undefined)[],
    shape: Shape,
    options: { attributes?: Record<string, Attribute>; type?: ElementType; domain?: string } = {},
  ): Tensor {
    return this.multi(operator, inputs, [{ shape, type: options.type ?? 'float32' }], options)[0]!
  }

  /** Adds a node with several outputs; an output given as undefined is not computed. */
  multi(
    operator: string,
    inputs: readonly (Tensor | undefined)[],
    outputs: readonly ({ shape: Shape; type?: ElementType } | undefined)[],
    options: { attributes?: Record<string, Attribute>; domain?: string } = {},
  ): Tensor[] {
    const message = new Message()
    for (const input of inputs) {
      message.text(1, input?.name ?? '')
      if (input) this.read.add(input.name)
    }
    const results: Tensor[] = []
    for (const output of outputs) {
      if (!output) {
        message.text(2, '')
        continue
      }
      const result = this.tensor(`t${this.count++}`, output.shape, output.type ?? 'float32')
      this.produced.set(result.name, result)
      message.text(2, result.name)
      results.push(result)
    }
    message.text(4, operator)
    for (const [name, value] of Object.entries(options.attributes ?? {})) message.message(5, attributeOf(name, value))
    if (options.domain) message.text(7, options.domain)
    this.nodes.push({ message, results })
    return results
  }

  /** Marks a tensor as a result, and returns it; what is not computed here is passed through under a new name. */
  output(tensor: Tensor): Tensor {
    if (!this.produced.has(tensor.name)) return this.output(this.node('Identity', [tensor], tensor.shape, tensor))
    if (!this.outputs.some((output) => output.name === tensor.name)) this.outputs.push(tensor)
    return tensor
  }

  /** Has a tensor computed as soon as what it depends on is there, ahead of what needs it: its inputs may then be freed. */
  early(tensor: Tensor): Tensor {
    this.soon.add(this.node('Shape', [tensor], [tensor.shape.length], { type: 'int64' }).name)
    return tensor
  }

  /**
   * The runtime starts at the last of the nodes that no other reads, computes what it depends on, and so on to the first of
   * them. They come in the reverse order of their making: the gradient of a weight is then computed where that of its layer's
   * output is at hand, not after all others, when both factors have left the caches and all of them still take memory.
   * What is wanted early comes behind them, that of the first layers last, as gradients are made backwards.
   */
  private inOrder(): Node[] {
    const inner: Node[] = []
    const last: Node[] = []
    const soon: Node[] = []
    for (const node of this.nodes)
      if (node.results.some(({ name }) => this.read.has(name))) inner.push(node)
      else if (node.results.some(({ name }) => this.soon.has(name))) soon.push(node)
      else last.push(node)
    return [...inner, ...last.reverse(), ...soon]
  }

  /** The ONNX model. */
  bytes(): Uint8Array {
    const graph = new Message()
    for (const { message } of this.inOrder()) graph.message(1, message)
    graph.text(2, this.name)
    for (const initialiser of this.initialisers) graph.message(5, initialiser)
    for (const input of this.inputs) graph.message(11, valueInfo(input))
    for (const output of this.outputs) graph.message(12, valueInfo(output))
    // The runtime infers most shapes without our names of their dimensions, and then knows of no two that they are equal: its
    // plan of memory searches all that is free for each tensor in vain, which takes the square of their number.
    for (const tensor of this.produced.values())
      if (!this.outputs.includes(tensor)) graph.message(13, valueInfo(tensor))
    return new Message()
      .integer(1, irVersion)
      .message(8, new Message().text(1, '').integer(2, onnxOpset))
      .message(8, new Message().text(1, 'com.microsoft').integer(2, 1))
      .message(7, graph)
      .finish()
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

function initialiser({ name, type }: Tensor, shape: readonly number[]): Message {
  const message = new Message()
  for (const dimension of shape) message.integer(1, dimension)
  return message.integer(2, elementCode[type]).text(8, name)
}

function attributeOf(name: string, value: Attribute): Message {
  const message = new Message().text(1, name)
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2)
  if (typeof value === 'string') return message.text(4, value).integer(20, 3)
  if ('float' in value) return message.float(2, value.float).integer(20, 1)
  for (const item of value) message.integer(8, item)
  return message.integer(20, 7)
}

function valueInfo({ name, shape, type }: Tensor): Message {
  const dimensions = new Message()
  for (const dimension of shape)
    dimensions.message(
      1,
      typeof dimension === 'string' ? new Message().text(2, dimension) : new Message().integer(1, dimension),
    )
  const tensorType = new Message().integer(1, elementCode[type]).message(2, dimensions)
  return new Message().text(1, name).message(2, new Message().message(1, tensorType))
}
