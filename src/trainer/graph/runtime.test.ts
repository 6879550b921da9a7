import { expect, it } from 'vitest'
import { Graph } from './graph.ts'
import { compile } from './runtime.ts'

it.each(['node', 'web'] as const)('weights lie beside the graph, not in its bytes: onnxruntime-%s', async (runtime) => {
  const [rows, width] = [2, 2048]
  const graph = new Graph('weights')
  const x = graph.input('x', [rows, width])
  const weight = graph.weight(
    [width, 1],
    Float32Array.from({ length: width }, (_, i) => i % 7),
  )
  const y = graph.output(graph.node('MatMul', [x, weight], [rows, 1]))
  expect(graph.bytes().length).toBeLessThan(width)
  const program = await compile(graph, {}, runtime)
  const result = { shape: [rows, 1], data: new Float32Array(rows) }
  const given = new Float32Array(rows * width)
  given[5] = 1
  given[width + 10] = 2
  await program.run(new Map([['x', { shape: [rows, width], data: given }]]), new Map([[y.name, result]]))
  expect([...result.data]).toEqual([5, 6])
  await program.close()
})

it('tells the runtime the shape of every tensor: it would infer it without our names of dimensions', async () => {
  const graph = new Graph('shapes')
  const x = graph.input('x', ['rows', 4])
  const within = graph.node('Reshape', [x, graph.integers(-1)], ['4*rows'])
  const y = graph.output(graph.node('Neg', [within], ['4*rows']))
  const stated = Buffer.from(graph.bytes()).toString('latin1').split('4*rows').length - 1
  expect(stated).toBe(2)
  const program = await compile(graph)
  const result = { shape: [8], data: new Float32Array(8) }
  await program.run(new Map([['x', { shape: [2, 4], data: new Float32Array(8).fill(1) }]]), new Map([[y.name, result]]))
  expect([...result.data]).toEqual(Array(8).fill(-1))
  await program.close()
})

it('orders nodes so that the runtime computes results in the order of their making, and first what is wanted early', async () => {
  const graph = new Graph('order')
  const x = graph.input('x', [2])
  const inner = graph.node('Abs', [x], [2])
  const results = [graph.node('Neg', [inner], [2]), graph.node('Exp', [graph.early(inner)], [2])]
  for (const result of results) graph.output(result)
  const places = ['Abs', 'Exp', 'Neg', 'Shape'].map((name) => Buffer.from(graph.bytes()).indexOf(name))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  const values = new Map(results.map(({ name }) => [name, { shape: [2], data: new Float32Array(2) }]))
  const program = await compile(graph)
  await program.run(new Map([['x', { shape: [2], data: Float32Array.of(0, 0) }]]), values)
  expect(results.map(({ name }) => [...values.get(name)!.data])).toEqual([
    [-0, -0],
    [1, 1],
  ])
  await program.close()
})
