/**
 * Runs graphs on ONNX Runtime: `onnxruntime-node` where its binary fits the machine, else `onnxruntime-web`.
 *
 * Inputs are read where they lie and results are written where the caller wants them: parameters and gradients stay in
 * the same arrays from step to step. onnxruntime-node also hands back a copy of every output, about 0.4 ms a megabyte:
 * large outputs are best avoided.
 *
 * `run` blocks the thread while the kernels work (onnxruntime-node has no asynchronous run): a server runs training
 * and generation in a worker or a child process.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { TrainerError } from '../errors.ts'
import type { Graph, OutsideData } from './graph.ts'

export interface Value {
  readonly shape: readonly number[]
  readonly data: Float32Array | BigInt64Array
}

export type Values = ReadonlyMap<string, Value>

export interface Program {
  /** Fills `results`, values of the right size for those outputs that are wanted. Feeds may hold more than is needed. */
  run(feeds: Values, results: Values): Promise<void>
  /** Where profiling is on, this writes the trace. */
  close(): Promise<void>
}

export interface CompileOptions {
  threads?: number
  /** Prefix of a trace file in Chrome's format, written on close. */
  profile?: string
}

type Ort = typeof import('onnxruntime-node')
export type RuntimeName = 'node' | 'web'

const loaded = new Map<RuntimeName, Promise<Ort>>()

async function importOrt(name: RuntimeName): Promise<Ort> {
  try {
    if (name === 'node') return await import('onnxruntime-node')
    return (await import('onnxruntime-web')) as unknown as Ort
  } catch (cause) {
    throw new TrainerError('unavailable', `The compute kernel onnxruntime-${name} could not be loaded.`, {
      hint: 'Install the packages again (npm ci) on this machine.',
      cause,
    })
  }
}

function load(name: RuntimeName): Promise<Ort> {
  const present = loaded.get(name)
  if (present) return present
  const loading = importOrt(name)
  loaded.set(name, loading)
  return loading
}

/** The runtime of this machine: node's where its binary loads, else the one in WebAssembly (about 6 times slower). */
async function chooseRuntime(): Promise<RuntimeName> {
  return await load('node').then(
    () => 'node' as const,
    () => load('web').then(() => 'web' as const),
  )
}

/** What a session may still read, for as long as it lives. */
const kept = new WeakMap<InferenceSession, readonly OutsideData[]>()

/** Compiles the graph once; the program then runs for any value of its named dimensions. */
export async function compile(graph: Graph, options: CompileOptions = {}, name?: RuntimeName): Promise<Program> {
  const runtime = name ?? (await chooseRuntime())
  const ort = await load(runtime)
  const bytes = graph.bytes()
  // The program keeps the name and the weights alone: the runtime reads those that its kernels do not repack where they lie.
  const { name: label, outside: externalData } = graph
  const given = { ...sessionOptions(runtime, options), ...(externalData.length ? { externalData } : {}) }
  const session = await ort.InferenceSession.create(bytes, given).catch((cause) => {
    throw new TrainerError('bad_input', `ONNX Runtime refuses the graph ${label}: ${cause}`, { cause })
  })
  kept.set(session, externalData)
  const tensors = new WeakMap<Value, OrtTensor>()
  const tensorOf = (value: Value): OrtTensor => {
    const present = tensors.get(value)
    if (present) return present
    const tensor =
      value.data instanceof Float32Array
        ? new ort.Tensor('float32', value.data, value.shape)
        : new ort.Tensor('int64', value.data, value.shape)
    tensors.set(value, tensor)
    return tensor
  }
  const gather = (names: readonly string[], values: Values): Record<string, OrtTensor> => {
    const record: Record<string, OrtTensor> = {}
    for (const key of names) {
      const value = values.get(key)
      if (!value) throw new TrainerError('bad_input', `Nothing is given for ${key} of graph ${label}.`)
      record[key] = tensorOf(value)
    }
    return record
  }
  return {
    run: async (feeds, results) => {
      const inputs = gather(session.inputNames, feeds)
      const wanted = session.outputNames.filter((key) => results.has(key))
      if (runtime === 'node') {
        await session.run(inputs, gather(wanted, results))
        return
      }
      const computed = await session.run(inputs, wanted)
      for (const key of wanted) results.get(key)!.data.set(computed[key]!.data as Float32Array & bigint[])
    },
    close: async () => {
      if (options.profile) session.endProfiling()
      await session.release()
    },
  }
}

function sessionOptions(runtime: RuntimeName, { threads, profile }: CompileOptions): InferenceSession.SessionOptions {
  // Our graphs leave the runtime nothing to fuse: its search took 40% of the time of compiling, and steps are no faster for it.
  const options: InferenceSession.SessionOptions = { graphOptimizationLevel: 'disabled', logSeverityLevel: 3 }
  if (runtime === 'web') return { ...options, executionProviders: ['wasm'] }
  options.executionProviders = ['cpu']
  // Masked scores underflow in softmax, and numbers below 1e-38 cost a hundred times as much: softmax over a causal mask
  // took four times as long. The first session of a process also sets this for the thread that opens it.
  // Kernel threads wait for the next operator for 50 microseconds, then sleep: those that spin on (the default) took
  // half of the processor from whatever else runs, and on a busy machine doubled the time of a step.
  const waiting = { allow_spinning: '1', spin_duration_us: '50' }
  options.extra = { session: { set_denormal_as_zero: '1', intra_op: waiting } }
  if (threads) options.intraOpNumThreads = threads
  if (profile) {
    options.enableProfiling = true
    options.profileFilePrefix = profile
  }
  return options
}
