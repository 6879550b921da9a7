/** Generation with a cache: many prompts of different length at once, token by token. */
import { TrainerError } from '../errors.ts'
import { checkConfig, type ModelConfig, type Weights } from '../model/config.ts'
import { checkWeights } from '../model/parameters.ts'
import { randomOf } from '../random.ts'
import { cacheOf, type Layer, remember, rowsAtOnce } from './cache.ts'
import { draw, largest, penalise, type SamplingOptions, sample, type TokenLogProb } from './sampling.ts'
import { openSteps, type Prediction, predictionOf, type Run, type Wanted } from './steps.ts'

export interface GenerationOptions extends SamplingOptions {
  maxTokens: number
  /** Row i draws from its own stream of this seed: its course does not depend on what it is batched with. */
  seed: number
  /** A seed of each row's own, in place of `seed`: row i draws as if it stood alone with seeds[i]. */
  seeds?: readonly number[]
  /** Tokens that end a row; default the model's own. */
  stopTokenIds?: readonly number[]
  /** Called for every new token, in the order they come; answering true ends that row (stop strings, streaming). */
  onToken?: (row: number, token: number, soFar: readonly number[]) => boolean | undefined
  /** Also return this many of the most probable tokens at each step. */
  topLogProbs?: number
}

export interface Completion {
  /** New tokens, the end token included where it came. */
  tokens: number[]
  /** log p of each token under the model itself: temperature 1, before penalty, top-k and top-p. */
  logProbs: Float32Array
  /** 'end': a stop token came; 'stopped': onToken said so; 'length': maxTokens or the model's positions ran out. */
  finish: 'end' | 'stopped' | 'length'
  topLogProbs?: TokenLogProb[][]
}

export interface Decoder {
  readonly config: ModelConfig
  /** Completions in the order of the prompts. Equal prompts are read once; rows go together as far as `rowsAtOnce` lets them. */
  generate(prompts: readonly ArrayLike<number>[], options: GenerationOptions): Promise<Completion[]>
  /** Takes other weights of the same shapes (the policy after an update), without copying them. */
  setWeights(weights: Weights): void
  close(): Promise<void>
}

interface Row {
  index: number
  prompt: ArrayLike<number>
  /** Positions in the cache. */
  length: number
  completion: Completion
  logProbs: number[]
}

/** Most tokens of a prefill at once. */
const prefillTokens = 8192
/** The cache grows by this many positions. */
const capacityStep = 64

export async function openDecoder(options: {
  config: ModelConfig
  weights: Weights
  threads?: number
}): Promise<Decoder> {
  const { config } = options
  checkConfig(config)
  checkWeights(config, options.weights)
  const steps = await openSteps(config, options.weights, options.threads)
  return {
    config,
    setWeights: (other) => {
      checkWeights(config, other)
      steps.setWeights(other)
    },
    generate: (prompts, generation) => generate(config, steps.run, prompts, generation),
    close: steps.close,
  }
}

/** Throws TrainerError where a prompt is not one that the model can answer; `where` names the prompt. */
export function checkPrompt(prompt: ArrayLike<number>, config: ModelConfig, where: string): void {
  if (prompt.length === 0) throw new TrainerError('bad_input', 'The prompt has no tokens.', { where })
  if (prompt.length >= config.maxPositions)
    throw new TrainerError('bad_input', `${prompt.length} tokens leave no room in ${config.maxPositions}.`, {
      where,
      hint: 'Shorten the prompt.',
    })
  for (let n = 0; n < prompt.length; n++)
    if (!(prompt[n]! >= 0 && prompt[n]! < config.vocabSize))
      throw new TrainerError('bad_input', `Token ${prompt[n]} is outside the vocabulary of ${config.vocabSize}.`, {
        where,
      })
}

/** Keys and values of a row, wherever they stand. */
interface Remembered {
  layers: readonly Layer[]
  row: number
}

/** Reads each distinct prompt once, in chunks of bounded size; answers for every prompt. */
async function readPrompts(run: Run, prompts: readonly ArrayLike<number>[], how: Wanted & { temperature: number }) {
  const distinct = new Map<string, { prompt: ArrayLike<number>; row: number }>()
  const keys = prompts.map((prompt) => Array.from(prompt).join())
  for (const [i, key] of keys.entries())
    if (!distinct.has(key)) distinct.set(key, { prompt: prompts[i]!, row: distinct.size })
  const unique = [...distinct.values()].map(({ prompt }) => prompt)
  const longest = unique.reduce((most, { length }) => Math.max(most, length), 0)
  const atOnce = Math.max(1, Math.floor(prefillTokens / longest))
  const predictions: Prediction[] = []
  const remembered: Remembered[] = []
  for (let from = 0; from < unique.length; from += atOnce) {
    const chunk = unique.slice(from, from + atOnce)
    const next = await run(chunk, how)
    for (let row = 0; row < chunk.length; row++) {
      predictions.push(predictionOf(next, row))
      remembered.push({ layers: next.fresh, row })
    }
  }
  const rows = keys.map((key) => distinct.get(key)!.row)
  return { remembered: rows.map((row) => remembered[row]!), predictions: rows.map((row) => predictions[row]!) }
}

async function generate(
  config: ModelConfig,
  run: Run,
  prompts: readonly ArrayLike<number>[],
  options: GenerationOptions,
): Promise<Completion[]> {
  for (const [i, prompt] of prompts.entries()) checkPrompt(prompt, config, `prompt ${i}`)
  if (prompts.length === 0 || options.maxTokens < 1)
    return prompts.map(() => ({ tokens: [], logProbs: new Float32Array(0), finish: 'length' }))
  const stopTokens = new Set(options.stopTokenIds ?? config.eosTokenIds)
  const { seed, seeds } = options
  const randoms = prompts.map((_, i) => (seeds ? randomOf(seeds[i]!) : randomOf(seed, i)))
  const all: Row[] = prompts.map((prompt, index) => ({
    index,
    prompt,
    length: prompt.length,
    completion: { tokens: [], logProbs: new Float32Array(0), finish: 'length' },
    logProbs: [],
  }))

  const { temperature, topK, topP = 1, repetitionPenalty = 1 } = options
  const isPlain = temperature > 0 && !topK && topP >= 1 && repetitionPenalty === 1
  // At temperature 1 a token is drawn from the model's own distribution, which then says its log p as well.
  const isOwn = isPlain && temperature === 1 && !options.topLogProbs
  const how = { temperature, logits: !isOwn, probabilities: isPlain }
  const choose = (row: Row, logits: Float32Array, probabilities: Float32Array): number => {
    const random = randoms[row.index]!
    if (isPlain) return draw(probabilities, random)
    if (repetitionPenalty === 1) return sample(logits, options, random)
    // Rows of equal prompts share their first logits.
    const adjusted = logits.slice()
    penalise(adjusted, [...Array.from(row.prompt), ...row.completion.tokens], repetitionPenalty)
    return sample(adjusted, options, random)
  }

  /** Appends a token; true while the row goes on. */
  const advance = (row: Row, { logits, normaliser, probabilities }: Prediction): boolean => {
    const { completion } = row
    if (options.topLogProbs) {
      completion.topLogProbs ??= []
      const best = largest(logits, options.topLogProbs)
      completion.topLogProbs.push(best.map((id) => ({ id, logprob: logits[id]! - normaliser })))
    }
    const token = choose(row, logits, probabilities)
    completion.tokens.push(token)
    row.logProbs.push(isOwn ? Math.log(probabilities[token]!) : logits[token]! - normaliser)
    const stopped = options.onToken?.(row.index, token, completion.tokens) === true
    if (stopTokens.has(token)) completion.finish = 'end'
    else if (stopped) completion.finish = 'stopped'
    const full = completion.tokens.length >= options.maxTokens || row.length + 1 >= config.maxPositions
    return completion.finish === 'length' && !full
  }

  const roomFor = (rows: readonly Row[]): number => {
    const longest = rows.reduce((most, { length }) => Math.max(most, length), 0)
    return Math.min(Math.ceil((longest + 1) / capacityStep) * capacityStep, config.maxPositions)
  }
  const complete = async (rows: Row[]): Promise<void> => {
    const start = await readPrompts(
      run,
      rows.map(({ prompt }) => prompt),
      how,
    )
    let slots = rows
    let going = new Set(rows.filter((row, i) => advance(row, start.predictions[i]!)))
    let cache = cacheOf(config, start.remembered, roomFor(rows))
    while (going.size > 0) {
      // Finished rows are computed along until half of the batch is idle; then, and when it is full, the cache is packed.
      const isFull = slots.some((row) => going.has(row) && row.length >= cache.capacity)
      if (going.size <= slots.length / 2 || isFull) {
        const kept = slots.flatMap((row, slot) => (going.has(row) ? [slot] : []))
        slots = kept.map((slot) => slots[slot]!)
        const { layers } = cache
        cache = cacheOf(
          config,
          kept.map((row) => ({ layers, row })),
          roomFor(slots),
        )
      }
      // A finished row may have filled the cache: what it computes along is of no use, but must not leave its place.
      const { capacity } = cache
      const lengths = slots.map(({ length }) => Math.min(length, capacity - 1))
      const next = await run(
        slots.map(({ completion }) => [completion.tokens.at(-1)!]),
        how,
        { cache, lengths },
      )
      remember(cache, next.fresh, lengths)
      const left = new Set<Row>()
      for (const [slot, row] of slots.entries()) {
        if (!going.has(row)) continue
        row.length++
        if (advance(row, predictionOf(next, slot))) left.add(row)
      }
      going = left
    }
  }
  const longest = all.reduce((most, { length }) => Math.max(most, length), 0)
  const atOnce = rowsAtOnce(config, longest + options.maxTokens)
  for (let from = 0; from < all.length; from += atOnce) await complete(all.slice(from, from + atOnce))
  return all.map(({ completion, logProbs }) => ({ ...completion, logProbs: Float32Array.from(logProbs) }))
}
