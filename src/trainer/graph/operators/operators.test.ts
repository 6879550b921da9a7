/** Every operator's gradient against finite differences, on one and two threads and in WebAssembly. */
import { expect, it } from 'vitest'
import { randomOf } from '../../random.ts'
import { gradients } from '../autodiff.ts'
import { Graph, type Shape, type Tensor } from '../graph.ts'
import { compile, type RuntimeName, type Value } from '../runtime.ts'
import { add } from './add.ts'
import { attention } from './attention.ts'
import { embed } from './embed.ts'
import { linear } from './linear.ts'
import { logProbability } from './log-probability.ts'
import { multiply } from './multiply.ts'
import { pick } from './pick.ts'
import { rmsNorm } from './rms-norm.ts'
import { rotate } from './rotate.ts'
import { swiglu } from './swiglu.ts'

interface Case {
  /** Differentiated inputs. */
  varied: Record<string, number[]>
  /** Other inputs, with their values. */
  fixed?: Record<string, { shape: number[]; data: Float32Array | BigInt64Array }>
  output: number[]
  build(tensors: Record<string, Tensor>): Tensor
}

const int64 = (shape: number[], ...values: number[]) => ({ shape, data: BigInt64Array.from(values.map(BigInt)) })
const float32 = (shape: number[], values: (i: number) => number) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => values(i)),
})
/** Of the positions from `start` to `end`, each once for each of `group` heads. */
const causal = (group: number, start: number, end: number) =>
  float32([1, 1, (end - start) * group, end], (i) => (i % end > start + Math.floor(i / end / group) ? -1e9 : 0))

const cases: Record<string, Case> = {
  linear: { varied: { x: [2, 3, 5], w: [4, 5] }, output: [2, 3, 4], build: ({ x, w }) => linear(x!, w!) },
  'add, broadcast': { varied: { x: [2, 3, 4], b: [4] }, output: [2, 3, 4], build: ({ x, b }) => add(x!, b!) },
  'multiply, broadcast': {
    varied: { x: [2, 3, 4], b: [3, 1] },
    output: [2, 3, 4],
    build: ({ x, b }) => multiply(x!, b!),
  },
  'multiply by itself': { varied: { x: [3, 2] }, output: [3, 2], build: ({ x }) => multiply(x!, x!) },
  'embed, equal ids': {
    varied: { table: [5, 64] },
    fixed: { ids: int64([2, 40], ...Array.from({ length: 80 }, (_, i) => (i * 3) % 4)) },
    output: [2, 40, 64],
    build: ({ table, ids }) => embed(table!, ids!),
  },
  'embed and project by one table': {
    varied: { table: [5, 4] },
    fixed: { ids: int64([6], 1, 1, 4, 0, 1, 4) },
    output: [6, 5],
    build: ({ table, ids }) => linear(embed(table!, ids!), table!),
  },
  pick: {
    varied: { x: [2, 3, 4] },
    fixed: { positions: int64([3], 4, 0, 5) },
    output: [3, 4],
    build: ({ x, positions }) => pick(x!, positions!),
  },
  rmsNorm: { varied: { x: [2, 3, 6], w: [6] }, output: [2, 3, 6], build: ({ x, w }) => rmsNorm(x!, w!, 1e-5) },
  swiglu: { varied: { g: [3, 5], u: [3, 5] }, output: [3, 5], build: ({ g, u }) => swiglu(g!, u!) },
  rotate: {
    varied: { x: [2, 3, 8] },
    fixed: {
      positions: int64([1], 2),
      cos: float32([6, 2], (i) => Math.cos(i * 0.7)),
      sin: float32([6, 2], (i) => Math.sin(i * 0.7)),
    },
    output: [2, 3, 8],
    build: ({ x, positions, cos, sin }) => rotate(x!, { positions: positions!, cos: cos!, sin: sin! }, { headDim: 4 }),
  },
  'attention, one head each': {
    varied: { q: [2, 4, 6], k: [2, 4, 6], v: [2, 4, 6] },
    fixed: { mask: causal(1, 0, 4) },
    output: [2, 4, 6],
    build: ({ q, k, v, mask }) => attention(q!, k!, v!, [mask!], { heads: 2, keyValueHeads: 2, headDim: 3 }),
  },
  'attention, grouped': {
    varied: { q: [2, 3, 24], k: [2, 3, 8], v: [2, 3, 8] },
    fixed: { mask: causal(3, 0, 3) },
    output: [2, 3, 24],
    build: ({ q, k, v, mask }) => attention(q!, k!, v!, [mask!], { heads: 6, keyValueHeads: 2, headDim: 4 }),
  },
  'attention in blocks of positions': {
    varied: { q: [2, 7, 24], k: [2, 7, 8], v: [2, 7, 8] },
    fixed: { a: causal(3, 0, 2), b: causal(3, 2, 6), c: causal(3, 6, 7) },
    output: [2, 7, 24],
    build: ({ q, k, v, a, b, c }) => attention(q!, k!, v!, [a!, b!, c!], { heads: 6, keyValueHeads: 2, headDim: 4 }),
  },
  logProbability: {
    varied: { h: [4, 3], e: [7, 3] },
    fixed: { t: int64([4], 0, 6, 6, 2) },
    output: [4],
    build: ({ h, e, t }) => logProbability(h!, e!, t!),
  },
}

const sizeOf = (shape: Shape): number => (shape as number[]).reduce((a, b) => a * b, 1)

async function compare({ varied, fixed = {}, output, build }: Case, threads: number, runtime: RuntimeName) {
  const random = randomOf(7)
  const graph = new Graph('operator')
  const values = new Map<string, Value>()
  const tensors: Record<string, Tensor> = {}
  for (const [name, shape] of Object.entries(varied)) {
    tensors[name] = graph.input(name, shape)
    values.set(
      name,
      float32(shape, () => random.normal()),
    )
  }
  for (const [name, value] of Object.entries(fixed)) {
    tensors[name] = graph.input(name, value.shape, value.data instanceof Float32Array ? 'float32' : 'int64')
    values.set(name, value)
  }
  const y = build(tensors)
  expect(y.shape).toEqual(output)
  const result = graph.output(y)
  const flow = float32(output, () => random.normal())
  values.set('flow', flow)
  const names = Object.keys(varied)
  const computed = gradients(
    graph,
    [{ output: y, gradient: graph.input('flow', output) }],
    names.map((name) => tensors[name]!),
  ).map((gradient) => graph.output(gradient))
  const program = await compile(graph, { threads }, runtime)
  for (const { name, shape } of graph.outputs)
    values.set(
      name,
      float32(shape as number[], () => 0),
    )
  const loss = async (): Promise<number> => {
    await program.run(values, values)
    const { data } = values.get(result.name)!
    return flow.data.reduce((sum, c, i) => sum + c * Number(data[i]), 0)
  }
  await loss()
  const found = computed.map(({ name }) => values.get(name)!.data.slice())
  let [off, norm] = [0, 0]
  for (const [i, name] of names.entries()) {
    const at = values.get(name)!.data as Float32Array
    const gradient = found[i]!
    expect(gradient).toHaveLength(sizeOf(varied[name]!))
    for (let n = 0; n < 12; n++) {
      const j = random.integer(at.length)
      const here = at[j]!
      const near = async (offset: number): Promise<number> => {
        at[j] = here + offset
        const value = await loss()
        at[j] = here
        return value
      }
      const h = 2e-2
      const difference =
        (8 * ((await near(h)) - (await near(-h))) - ((await near(2 * h)) - (await near(-2 * h)))) / (12 * h)
      off += (Number(gradient[j]) - difference) ** 2
      norm += difference ** 2
    }
  }
  await program.close()
  return Math.sqrt(off / norm)
}

for (const [runtime, threads] of [
  ['node', 1],
  ['node', 2],
  ['web', 1],
] as const)
  it.each(Object.entries(cases))(`gradient of %s, onnxruntime-${runtime}, ${threads} threads`, async (_, operator) => {
    expect(await compare(operator, threads, runtime)).toBeLessThan(2e-3)
  })

it('refuses inputs that do not fit, by shape', () => {
  const graph = new Graph('g')
  expect(() => linear(graph.input('x', [2, 3]), graph.input('w', [4, 5]))).toThrow(/\[4,5\] does not take \[2,3\]/)
  expect(() => add(graph.input('a', [2, 3]), graph.input('b', [2]))).toThrow(/do not go together/)
})

it('gives the log-probability of what is all but impossible', async () => {
  const graph = new Graph('improbable')
  const output = graph.output(
    logProbability(graph.input('h', [1, 1]), graph.input('e', [2, 1]), graph.input('t', [1], 'int64')),
  )
  const values = new Map<string, Value>([
    ['h', float32([1, 1], () => 200)],
    ['e', float32([2, 1], (i) => i - 1)],
    ['t', int64([1], 0)],
  ])
  for (const { name, shape } of graph.outputs)
    values.set(
      name,
      float32(shape as number[], () => 0),
    )
  const program = await compile(graph)
  await program.run(values, values)
  expect(values.get(output.name)!.data[0]).toBe(-200)
  await program.close()
})
