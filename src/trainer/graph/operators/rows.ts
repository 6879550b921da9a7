/** Shapes shared by the operators: a tensor as a matrix of rows, and sums back over broadcast dimensions. */
import { TrainerError } from '../../errors.ts'
import { type Dimension, type Graph, type Shape, type Tensor, times } from '../graph.ts'

/** The number of rows of [..., columns] when it is seen as a matrix. */
export const rowsOf = (shape: Shape): Dimension => times(...shape.slice(0, -1))

/** [..., columns] as [rows, columns]; columns must be a number. */
export function flattened(graph: Graph, x: Tensor): Tensor {
  if (x.shape.length === 2) return x
  const columns = x.shape.at(-1) as number
  return graph.node('Reshape', [x, graph.integers(-1, columns)], [rowsOf(x.shape), columns], { type: x.type })
}

/** Shape of an elementwise result: dimensions of 1, or missing on the left, are repeated. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1
    const right = b[b.length - rank + i] ?? 1
    if (left !== right && left !== 1 && right !== 1)
      throw new TrainerError('bad_input', `Shapes [${a}] and [${b}] do not go together.`)
    return left === 1 ? right : left
  })
}

/** Sums a gradient over the dimensions that `shape` was repeated along. */
export function summedTo(graph: Graph, gradient: Tensor, shape: Shape): Tensor {
  const lead = gradient.shape.length - shape.length
  const axes = gradient.shape.flatMap((dimension, i) =>
    i < lead || (shape[i - lead] === 1 && dimension !== 1) ? [i] : [],
  )
  if (axes.length === 0) return gradient
  const kept = gradient.shape.map((dimension, i) => (axes.includes(i) ? 1 : dimension))
  const sum = graph.node('ReduceSum', [gradient, graph.integers(...axes)], kept, { attributes: { keepdims: 1 } })
  if (lead === 0) return sum
  return graph.node('Reshape', [sum, graph.integers(...(shape as number[]))], shape)
}
