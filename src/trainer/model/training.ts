/** Opens a training session: see `session.ts` for what it promises. */
import { TrainerError } from '../errors.ts'
import type { Tensor } from '../graph/graph.ts'
import type { Value } from '../graph/runtime.ts'
import { randomOf } from '../random.ts'
import { normOf } from './adamw.ts'
import { groupsOf } from './arrangement.ts'
import { checkRows, type PackedBatch, pack, perRow } from './batch.ts'
import { checkConfig, type ModelConfig, type Weights } from './config.ts'
import { mergeAdapter } from './lora.ts'
import {
  adapterShapes,
  countParameters,
  elementsOf,
  type Head,
  initialAdapter,
  parameterShapes,
  scoreName,
} from './parameters.ts'
import { fixedInputs, outputPass, type TrainingGraph, trainingGraph, trainingPass } from './passes.ts'
import {
  type Adapter,
  loraTargets,
  type Outputs,
  type Sequence,
  type SessionOptions,
  type TrainingSession,
} from './session.ts'
import { kindOf, type SlopeKind } from './slope.ts'
import { overwrite, storageOf } from './storage.ts'

/** Without gradient, rows are run in chunks of at most this many tokens and this many logits. */
export const chunkTokens = 4096
export const chunkLogits = 2 ** 25

function checkAdapter({ rank, alpha, targets, dropout }: Adapter): void {
  const refuse = (field: string, message: string): never => {
    throw new TrainerError('bad_input', message, { where: `adapter, ${field}` })
  }
  if (!Number.isInteger(rank) || rank < 1) refuse('rank', `The rank is ${rank}, not a positive integer.`)
  if (!(alpha > 0)) refuse('alpha', `alpha is ${alpha}, not above 0.`)
  if (!(dropout >= 0 && dropout < 1)) refuse('dropout', `The dropout is ${dropout}, not within 0 and 1.`)
  const unknown = targets.find((target) => !loraTargets.includes(target))
  if (unknown || targets.length === 0)
    refuse('targets', `${unknown ?? 'Nothing'} is no linear layer to adapt; there are ${loraTargets.join(', ')}.`)
}

/** Sequences that share a start together, longest rows first, in chunks that keep memory bounded; batch indices. */
function chunks(batch: readonly Sequence[], config: ModelConfig, head: Head): number[][] {
  const vocabSize = head === 'lm' ? config.vocabSize : 1
  const result: number[][] = []
  let [longest, rows] = [0, 0]
  for (const { members, total } of groupsOf(batch, config, head).sort((a, b) => b.total - a.total)) {
    const tokens = (rows + 1) * longest
    if (rows > 0 && tokens <= chunkTokens && tokens * vocabSize <= chunkLogits) {
      result.at(-1)!.push(...members)
      rows++
    } else {
      result.push([...members])
      longest = total
      rows = 1
    }
  }
  return result
}

export async function openTrainingSession(options: SessionOptions): Promise<TrainingSession> {
  const { config, head, adapter, temperature, threads, seed } = options
  checkConfig(config)
  if (adapter) checkAdapter(adapter)
  const shapes = parameterShapes(config, head)
  const given: Weights = new Map(options.weights)
  if (head === 'scalar' && !given.has(scoreName))
    given.set(scoreName, { shape: [1, config.hiddenSize], data: new Float32Array(config.hiddenSize) })
  if (adapter) {
    for (const [name, weight] of adapter.weights ?? initialAdapter(config, adapter, seed)) given.set(name, weight)
    for (const [name, shape] of adapterShapes(config, adapter)) shapes.set(name, shape)
  }
  const isTrained = (name: string): boolean => !adapter || /\.lora_[AB]\.weight$/.test(name) || name === scoreName
  const storage = storageOf(shapes, given, isTrained)
  const trained = storage.views(storage.weights)

  const model = { config, head, adapter, temperature }
  const graphs: Partial<Record<SlopeKind, TrainingGraph>> = {}
  const graphOf = (kind: SlopeKind): TrainingGraph => {
    graphs[kind] ??= trainingGraph(model, [...trained.keys()], kind)
    return graphs[kind]
  }
  // Each is compiled when it is first needed.
  const opened = new Map<string, { close(): Promise<void> }>()
  const once = async <P extends { close(): Promise<void> }>(name: string, open: () => Promise<P>): Promise<P> => {
    const present = opened.get(name)
    if (present) return present as P
    const pass = await open()
    opened.set(name, pass)
    return pass
  }
  const outputsOf = (training: boolean) =>
    once(training ? 'outputs in training' : 'outputs', () => outputPass({ ...model, training }, threads))
  const inputsOf = fixedInputs(model)
  let [updates, passes, accumulated] = [0, 0, 0]
  let addend: Float32Array | undefined

  const feedsOf = (batch: PackedBatch, adapterScale: number): Map<string, Value> => {
    const scale: Value = { shape: [], data: Float32Array.of(adapterScale) }
    return new Map([...storage.values, ...inputsOf(batch.length), ...batch.values, ['adapterScale', scale]])
  }
  const scaleOf = (which: 'on' | 'off'): number => (adapter && which === 'on' ? adapter.alpha / adapter.rank : 0)

  /** Masks of 0 and 1 / (1 - p): a function of the seed and the number of the pass alone. */
  const dropoutOf = (masks: readonly Tensor[], { rows, length }: PackedBatch): [string, Value][] => {
    const random = randomOf(seed, 1000 + passes)
    return masks.map(({ name, shape }) => {
      const size = [rows, length, shape[2] as number]
      const kept = 1 / (1 - adapter!.dropout)
      const data = new Float32Array(elementsOf(size))
      for (let i = 0; i < data.length; i++) data[i] = random.uniform() < adapter!.dropout ? 0 : kept
      return [name, { shape: size, data }]
    })
  }

  const ofGradient = storage.views(storage.gradient)

  const session: TrainingSession = {
    config,
    head,
    parameters: {
      trained: countParameters([...trained.values()].map(({ shape }) => shape)),
      total: countParameters([...storage.values.values()].map(({ shape }) => shape)),
    },

    forward: async (batch, { adapter: which = 'on' } = {}) => {
      checkRows(batch, config, head)
      const outputs = await outputsOf(false)
      const results: Outputs = batch.map(() => new Float32Array(0))
      for (const chunk of chunks(batch, config, head)) {
        const packed = pack(
          chunk.map((i) => batch[i]!),
          config,
          head,
        )
        if (packed.picked === 0) continue
        const flat = await outputs.run(packed, feedsOf(packed, scaleOf(which)))
        for (const [n, row] of perRow(flat, packed.counts).entries()) results[chunk[n]!] = row
      }
      return results
    },

    accumulate: async (batch, coefficients) => {
      checkRows(batch, config, head)
      const packed = pack(batch, config, head)
      if (packed.picked === 0) return batch.map(() => new Float32Array(0))
      const feeds = feedsOf(packed, scaleOf('on'))
      const graph = graphOf(typeof coefficients === 'function' ? 'given' : kindOf(coefficients))
      for (const [name, value] of dropoutOf(graph.dropoutMasks, packed)) feeds.set(name, value)
      passes++
      if (accumulated > 0) addend ??= new Float32Array(storage.gradient.length)
      const into = accumulated > 0 ? storage.views(addend!) : ofGradient
      let known = coefficients
      if (typeof known === 'function') {
        const outputs = await outputsOf(graph.dropoutMasks.length > 0)
        known = await known(perRow(await outputs.run(packed, feeds), packed.counts))
      }
      const pass = await once(graph.graph.name, () => trainingPass(graph, threads))
      const result = perRow(await pass.run(packed, feeds, known, into), packed.counts)
      if (accumulated > 0) {
        const { gradient } = storage
        for (let i = 0; i < gradient.length; i++) gradient[i] = gradient[i]! + addend![i]!
      }
      accumulated++
      return result
    },

    update: ({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, maxGradientNorm = 1 }) => {
      if (accumulated === 0)
        throw new TrainerError('bad_input', 'There is no gradient to update with.', { hint: 'Call accumulate first.' })
      accumulated = 0
      const gradientNorm = normOf(storage.gradient)
      if (!Number.isFinite(gradientNorm)) return { gradientNorm, clipped: false, applied: false }
      const clipped = gradientNorm > maxGradientNorm
      updates++
      storage.step(storage.stretches, {
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        gradientScale: clipped ? maxGradientNorm / gradientNorm : 1,
        update: updates,
      })
      return { gradientNorm, clipped, applied: true }
    },

    trained: () => trained,
    merged: () => {
      const all: Weights = new Map()
      for (const name of parameterShapes(config, head).keys()) all.set(name, storage.values.get(name)!)
      return adapter ? mergeAdapter(config, all, adapter, trained) : all
    },
    state: () => ({
      weights: trained,
      firstMoment: storage.views(storage.firstMoment),
      secondMoment: storage.views(storage.secondMoment),
      updates,
      passes,
    }),
    restore: (state) => {
      overwrite(trained, state.weights, 'weights')
      overwrite(storage.views(storage.firstMoment), state.firstMoment, 'first moment')
      overwrite(storage.views(storage.secondMoment), state.secondMoment, 'second moment')
      updates = state.updates
      passes = state.passes
      accumulated = 0
    },
    gradients: () => {
      if (accumulated === 0) storage.gradient.fill(0)
      return storage.views(storage.gradient)
    },
    close: async () => {
      for (const pass of opened.values()) await pass.close()
    },
  }
  return session
}
