/** What a run is told: a plain object that survives JSON. Defaults that depend on the model are filled in here. */
import { TrainerError } from '../errors.ts'
import { type LoraTarget, loraTargets } from '../model/session.ts'
import type { Schedule } from './rate.ts'

export const algorithms = ['sft', 'reward', 'dpo', 'kto', 'orpo', 'grpo', 'rloo', 'ppo', 'rejection'] as const
export type Algorithm = (typeof algorithms)[number]

/** Those that sample from the policy while they train it. */
const onlineAlgorithms: readonly Algorithm[] = ['grpo', 'rloo', 'ppo', 'rejection']
export const isOnline = (algorithm: Algorithm): boolean => onlineAlgorithms.includes(algorithm)

export interface RunSpec {
  algorithm: Algorithm
  /** `preset:1m`, `preset:7m`, `preset:30m`, a Hugging Face folder, an adapter's folder or a GGUF file. */
  model: string
  /** JSON lines in the shapes of TRL; `eval` are held-out rows. */
  data: string
  eval?: string
  out: string
  /** Optimiser steps in all, also after a resume; default: one pass over the data. */
  steps?: number
  /** Rows an optimiser step: texts, pairs or prompts. */
  batchSize?: number
  learningRate?: number
  schedule?: Schedule
  /** Default: a tenth of the steps; none with `constant`. */
  warmupSteps?: number
  weightDecay?: number
  maxGradientNorm?: number
  /** Tokens of a row; what is longer is cut at the left of its prompt. */
  maxLength?: number
  seed?: number
  threads?: number
  /** 0 trains all weights. Default: 0 up to 50 million weights, 16 beyond. */
  loraRank?: number
  /** Default: twice the rank. */
  loraAlpha?: number
  loraDropout?: number
  loraTargets?: LoraTarget[]
  /** DPO, KTO: temperature of the implicit reward; ORPO: lambda; online: weight of the divergence from the reference. */
  beta?: number
  /** DPO. */
  loss?: 'sigmoid' | 'ipo'
  labelSmoothing?: number
  referenceFree?: boolean
  /** KTO. */
  desirableWeight?: number
  undesirableWeight?: number
  /** Reward: weight of the centring term. */
  centring?: number
  /** Reward: pairs of a better response against itself spoiled (`text/spoil.ts`), as a share of the rows. */
  spoiled?: number
  /**
   * Online: folder of a reward model, samples a prompt, tokens a sample, temperature (of the samples, and of the policy
   * that grpo, rloo and ppo learn), optimiser steps a batch of samples.
   */
  rewardModel?: string
  groupSize?: number
  maxTokens?: number
  temperature?: number
  reuse?: number
  epsilon?: number
  epsilonHigh?: number
  average?: 'sequence' | 'token' | 'constant'
  scaleRewards?: boolean
  klEstimator?: 'k1' | 'k2' | 'k3'
  /** Nats a token that beta is adapted to hold; and the nats a token at which the run stops. */
  klTarget?: number
  klBudget?: number
  /** Taken off the reward of a sample that was cut off at `maxTokens`. */
  truncationPenalty?: number
  /** So many held-out prompts are answered greedily before the first step and now and then, for people to read; 0: none. */
  samples?: number
  /**
   * Algorithms that learn from rows: at most so many of those held out are measured before the first step and now and then
   * (`glances.ts`), so that over-fitting is seen while it happens; 0: none.
   */
  heldRows?: number
  /** Steps between checkpoints. */
  saveEvery?: number
  resume?: boolean
  /** Bytes that the run may take; default: what the machine has free. */
  memoryBytes?: number
}

type Open =
  | 'eval'
  | 'steps'
  | 'rewardModel'
  | 'spoiled'
  | 'klTarget'
  | 'klBudget'
  | 'threads'
  | 'memoryBytes'
  | 'warmupSteps'

/** A spec with every default filled in; what stays optional has no meaning when absent. */
export type Settings = Required<Omit<RunSpec, Open>> & Pick<RunSpec, Open>

const smallModel = 50e6

/** Peak rates by what is trained: all weights of a small model, all of a large one, an adapter. */
const rates: Record<Algorithm, [small: number, large: number, adapter: number]> = {
  sft: [3e-3, 2e-5, 2e-4],
  reward: [1e-3, 1e-5, 2e-4],
  dpo: [3e-4, 1e-6, 5e-5],
  kto: [3e-4, 1e-6, 5e-5],
  orpo: [1e-3, 8e-6, 1e-4],
  grpo: [3e-4, 1e-6, 1e-4],
  rloo: [3e-4, 1e-6, 1e-4],
  ppo: [3e-4, 1e-6, 1e-4],
  rejection: [1e-3, 1e-5, 1e-4],
}
const betas: Partial<Record<Algorithm, number>> = { grpo: 0.04, rloo: 0.05, ppo: 0.05 }

/** Fills in defaults; `parameters` is the size of the model. Throws TrainerError naming the field that is wrong. */
export function settingsOf(spec: RunSpec, parameters: number): Settings {
  const online = isOnline(spec.algorithm)
  const loraRank = spec.loraRank ?? (parameters > smallModel ? 16 : 0)
  const [small, large, adapter] = rates[spec.algorithm]
  const settings: Settings = {
    batchSize: online ? 8 : 16,
    learningRate: loraRank ? adapter : parameters > smallModel ? large : small,
    schedule: online ? 'constant' : 'linear',
    weightDecay: 0,
    maxGradientNorm: 1,
    maxLength: 512,
    seed: 0,
    loraAlpha: 2 * loraRank,
    loraDropout: 0,
    loraTargets: ['q_proj', 'v_proj'],
    beta: betas[spec.algorithm] ?? 0.1,
    loss: 'sigmoid',
    labelSmoothing: 0,
    referenceFree: false,
    desirableWeight: 1,
    undesirableWeight: 1,
    centring: 0,
    groupSize: 8,
    maxTokens: 128,
    temperature: 1,
    reuse: spec.algorithm === 'ppo' ? 2 : 1,
    epsilon: 0.2,
    epsilonHigh: spec.epsilon ?? 0.2,
    average: 'token',
    scaleRewards: true,
    klEstimator: 'k3',
    truncationPenalty: 1,
    samples: 0,
    heldRows: 64,
    saveEvery: 25,
    resume: false,
    ...Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined && value !== null)),
    algorithm: spec.algorithm,
    model: spec.model,
    data: spec.data,
    out: spec.out,
    loraRank,
  }
  check(settings)
  return settings
}

/** Which algorithms have these settings. */
export const divergences: Record<'klBudget' | 'klTarget' | 'klEstimator', readonly Algorithm[]> = {
  klBudget: onlineAlgorithms,
  klTarget: ['grpo', 'rloo', 'ppo'],
  klEstimator: ['grpo'],
}

/** Throws for a setting that somebody relies on and that would do nothing: a run without the bound that it was given. */
export function checkMeaning(spec: Pick<RunSpec, 'algorithm' | 'klBudget' | 'klTarget' | 'klEstimator'>): void {
  for (const [field, having] of Object.entries(divergences))
    if (spec[field as keyof typeof divergences] !== undefined && !having.includes(spec.algorithm))
      throw new TrainerError('bad_input', `${spec.algorithm} has no ${field}.`, {
        where: `run, ${field}`,
        hint: `Leave it out; ${having.join(', ')} ${having.length > 1 ? 'have' : 'has'} it.`,
      })
}

function check(settings: Settings): void {
  const refuse = (field: string, message: string, hint?: string): never => {
    throw new TrainerError('bad_input', message, { where: `run, ${field}`, hint })
  }
  const number = (field: keyof Settings, least: number, most: number, whole = false) => {
    const value = settings[field]
    if (value === undefined) return
    if (typeof value !== 'number' || !(value >= least && value <= most) || (whole && !Number.isInteger(value)))
      refuse(
        field,
        `${field} is ${JSON.stringify(value)}, not ${whole ? 'a whole number' : 'a number'} from ${least} to ${most}.`,
      )
  }
  if (!algorithms.includes(settings.algorithm))
    refuse('algorithm', `There is no algorithm '${settings.algorithm}'.`, `There are ${algorithms.join(', ')}.`)
  for (const field of ['model', 'data', 'out'] as const)
    if (typeof settings[field] !== 'string' || !settings[field]) refuse(field, `${field} is missing.`)
  number('steps', 1, 1e7, true)
  number('batchSize', 1, 4096, true)
  number('learningRate', 0, 1)
  number('warmupSteps', 0, 1e7, true)
  number('weightDecay', 0, 10)
  number('maxLength', 2, 1e6, true)
  number('seed', 0, Number.MAX_SAFE_INTEGER, true)
  number('threads', 1, 1024, true)
  number('loraRank', 0, 1024, true)
  number('loraDropout', 0, 0.99)
  number('beta', 0, 1000)
  number('labelSmoothing', 0, 0.5)
  number('spoiled', 0, 1)
  number('groupSize', 1, 1024, true)
  number('maxTokens', 1, 1e5, true)
  number('temperature', 0.01, 100)
  number('reuse', 1, 64, true)
  number('epsilon', 0, 1)
  number('klTarget', 1e-9, 1e3)
  number('klBudget', 1e-9, 1e3)
  number('samples', 0, 64, true)
  number('heldRows', 0, 1e6, true)
  number('saveEvery', 1, 1e7, true)
  if (!['constant', 'linear', 'cosine'].includes(settings.schedule))
    refuse('schedule', `There is no schedule '${settings.schedule}'.`, 'There are constant, linear and cosine.')
  const unknown = settings.loraTargets.find((target) => !loraTargets.includes(target))
  if (unknown) refuse('loraTargets', `There is no linear layer '${unknown}'.`, `There are ${loraTargets.join(', ')}.`)
  if (isOnline(settings.algorithm) && settings.groupSize < 2 && settings.algorithm !== 'ppo')
    refuse('groupSize', 'A group of one has nothing to be compared with.', 'Take 4 or more samples a prompt.')
}
