/** The settings of a run as a form shows them: which an algorithm has, in plain words, the few that matter first. Pure. */
import { loraTargets } from '../../trainer/model/session.ts'
import { type Algorithm, divergences, isOnline } from '../../trainer/schedule/spec.ts'
import type { RunSettings } from './settings.ts'

export interface Field {
  key: keyof RunSettings
  label: string
  about?: string
  kind: 'number' | 'flag' | 'one' | 'some'
  options?: readonly string[]
  /** Shown at once; the rest is folded away. */
  first?: true
  /** Without it every algorithm has the setting. */
  of?: (algorithm: Algorithm) => boolean
}

const among =
  (...algorithms: Algorithm[]) =>
  (algorithm: Algorithm) =>
    algorithms.includes(algorithm)
const fromPairs = among('reward', 'dpo', 'orpo')
const samples = isOnline

const all: readonly Field[] = [
  { key: 'steps', label: 'Steps', about: 'Left empty: once through the data.', kind: 'number', first: true },
  { key: 'learningRate', label: 'Learning rate', kind: 'number', first: true },
  {
    key: 'beta',
    label: 'Beta',
    about: 'How strongly it is held to where it began.',
    kind: 'number',
    first: true,
    of: among('dpo', 'kto', 'orpo', 'grpo', 'rloo', 'ppo'),
  },
  { key: 'groupSize', label: 'Answers a prompt', kind: 'number', first: true, of: samples },
  { key: 'maxTokens', label: 'Longest answer, tokens', kind: 'number', first: true },
  {
    key: 'klBudget',
    label: 'Divergence budget, nats a token',
    about: 'Beyond it the run ends with its last good model.',
    kind: 'number',
    first: true,
    of: samples,
  },
  { key: 'batchSize', label: 'Rows a step', kind: 'number' },
  { key: 'schedule', label: 'Schedule of the rate', kind: 'one', options: ['constant', 'linear', 'cosine'] },
  { key: 'warmupSteps', label: 'Steps of warm-up', kind: 'number' },
  { key: 'weightDecay', label: 'Weight decay', kind: 'number' },
  { key: 'maxGradientNorm', label: 'Largest gradient norm', kind: 'number' },
  { key: 'maxLength', label: 'Longest row, tokens', about: 'What is longer is cut at the left.', kind: 'number' },
  { key: 'seed', label: 'Seed', kind: 'number' },
  { key: 'loraRank', label: 'LoRA rank', about: '0 trains all weights.', kind: 'number' },
  { key: 'loraAlpha', label: 'LoRA alpha', kind: 'number' },
  { key: 'loraDropout', label: 'LoRA dropout', kind: 'number' },
  { key: 'loraTargets', label: 'LoRA layers', kind: 'some', options: loraTargets },
  {
    key: 'softLabels',
    label: 'A divided pair teaches less',
    about: 'The label is the share of people who preferred what was chosen.',
    kind: 'flag',
    of: fromPairs,
  },
  {
    key: 'margins',
    label: 'Keep the strength as a margin',
    about: 'Scores must differ by how strongly people preferred.',
    kind: 'flag',
    of: among('reward'),
  },
  { key: 'centring', label: 'Centring of scores', kind: 'number', of: among('reward') },
  {
    key: 'spoiled',
    label: 'Pairs against spoiled answers, share of the rows',
    about: 'Against a reward that likes texts which nobody has judged: repeated, shuffled, broken off.',
    kind: 'number',
    of: among('reward'),
  },
  { key: 'loss', label: 'Loss', kind: 'one', options: ['sigmoid', 'ipo'], of: among('dpo') },
  { key: 'labelSmoothing', label: 'Share of labels taken to be wrong', kind: 'number', of: among('dpo') },
  { key: 'referenceFree', label: 'Without a reference', kind: 'flag', of: among('dpo') },
  { key: 'desirableWeight', label: 'Weight of good answers', kind: 'number', of: among('kto') },
  { key: 'undesirableWeight', label: 'Weight of bad answers', kind: 'number', of: among('kto') },
  { key: 'temperature', label: 'Temperature of its answers', kind: 'number', of: samples },
  { key: 'truncationPenalty', label: 'Taken off for an answer cut short', kind: 'number', of: samples },
  {
    key: 'klTarget',
    label: 'Divergence that beta is adapted to',
    kind: 'number',
    of: among(...divergences.klTarget),
  },
  { key: 'reuse', label: 'Updates a batch of answers', kind: 'number', of: samples },
  { key: 'epsilon', label: 'Clipping of the ratio', kind: 'number', of: among('grpo', 'rloo', 'ppo') },
  { key: 'epsilonHigh', label: 'Its upper bound', kind: 'number', of: among('grpo', 'ppo') },
  {
    key: 'average',
    label: 'Mean over',
    kind: 'one',
    options: ['sequence', 'token', 'constant'],
    of: among('grpo'),
  },
  {
    key: 'klEstimator',
    label: 'Estimate of the divergence',
    kind: 'one',
    options: ['k1', 'k2', 'k3'],
    of: among(...divergences.klEstimator),
  },
  { key: 'scaleRewards', label: 'Divide by the spread of the group', kind: 'flag', of: among('grpo', 'ppo') },
  { key: 'samples', label: 'Prompts answered for people to read', kind: 'number' },
  {
    key: 'heldRows',
    label: 'Held-out rows measured on the way',
    about: 'At most; fewer where they would cost more than a twentieth of the run.',
    kind: 'number',
    of: (algorithm) => !isOnline(algorithm),
  },
  { key: 'saveEvery', label: 'Steps between saved states', kind: 'number' },
  { key: 'memoryBytes', label: 'Most memory, bytes', about: 'Left empty: what the machine has free.', kind: 'number' },
]

export const fieldsOf = (algorithm: Algorithm): readonly Field[] =>
  all.filter(
    ({ of, key }) => (of ? of(algorithm) : true) && !(algorithm === 'reward' && ['maxTokens', 'samples'].includes(key)),
  )

/** Of all settings those that the algorithm has. */
export function ownSettings(
  algorithm: Algorithm,
  settings: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const own = new Set<string>(fieldsOf(algorithm).map(({ key }) => key))
  return Object.fromEntries(Object.entries(settings).filter(([key]) => own.has(key)))
}

/** What a form keeps of each field: text, a choice, a tick. An empty one stands for the default. */
export type Values = Partial<Record<keyof RunSettings, string | number | boolean | string[]>>

/** The settings that differ from default, of the fields that the algorithm has. */
export function settingsFromForm(algorithm: Algorithm, values: Values): RunSettings {
  const set: Record<string, unknown> = {}
  for (const { key, kind } of fieldsOf(algorithm)) {
    const value = values[key]
    if (value === undefined || value === '' || (Array.isArray(value) && !value.length)) continue
    set[key] = kind === 'number' ? Number(value) : value
  }
  return set as RunSettings
}
