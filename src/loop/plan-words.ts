/** The whole plan of a round in words, station by station. Pure. */
import { fieldsOf } from '../learn/runs/fields.ts'
import { algorithmWords } from '../learn/runs/words.ts'
import type { Parameters } from '../models/policies/contract.ts'
import type { Algorithm } from '../trainer/schedule/spec.ts'
import { count, percent, plural } from '../web/numbers.ts'
import type { Plan, Round, Settings } from './contract.ts'
import type { StationName } from './rules.ts'

const listed = (parts: (string | false | undefined)[], otherwise = ''): string =>
  parts.filter(Boolean).join('; ') || otherwise

const drawn = ({ temperature, topP, maxTokens, system, stop }: Parameters) =>
  listed(
    [
      temperature !== undefined && `temperature ${temperature}`,
      topP !== undefined && `top p ${topP}`,
      maxTokens !== undefined && `at most ${plural(maxTokens, 'token')}`,
      system !== undefined && `the system prompt “${system}”`,
      stop && `stops at ${stop.map((text) => JSON.stringify(text)).join(', ')}`,
    ],
    'as each policy is set',
  )

/** As the fields of the form call them. */
const set = (algorithm: Algorithm, settings: Settings) =>
  listed(
    fieldsOf(algorithm)
      .filter(({ key }) => key in settings)
      .map(({ key, label }) => `${label.toLowerCase()} ${String(settings[key])}`),
    'settings by default',
  )

const people = (overlap: number) => `${plural(overlap, 'person judges', 'people judge')} each`

const pairs: Readonly<Record<Plan['judgements']['pairing'], string>> = {
  'one-pair': 'one pair a prompt',
  'all-pairs': 'every pair',
  'between-policies': 'every pair of two policies',
}

/** @param nameOf of a policy or a checkpoint; undefined where the reader may not know */
export function sayPlan(
  { plan, policy }: Pick<Round, 'plan' | 'policy'>,
  nameOf: (id: string) => string | undefined,
): [StationName, string][] {
  const { prompts, samples, judgements, quality, dataset, reward, training, evaluation } = plan
  const named = (id: string) => (id === policy.id ? policy.name : (nameOf(id) ?? 'another'))
  const base = reward.base && (nameOf(reward.base) ?? reward.base)
  return [
    [
      'prompts',
      listed([
        prompts.tag ? `those tagged “${prompts.tag}”` : 'all',
        prompts.limit !== undefined && `at most ${count(prompts.limit)}, the least asked first`,
      ]),
    ],
    [
      'samples',
      listed([
        `${plural(samples.responses, 'response')} a prompt of ${(samples.policies.length ? samples.policies : [policy.id]).map(named).join(', ')}`,
        drawn(samples.parameters),
      ]),
    ],
    [
      'judgements',
      listed([
        pairs[judgements.pairing],
        people(judgements.overlap),
        judgements.wanted !== undefined && `enough after ${plural(judgements.wanted, 'task')}`,
        judgements.skills.length > 0 && `by people with ${judgements.skills.join(', ')}`,
      ]),
    ],
    [
      'quality',
      listed([
        quality.minimumAlpha === undefined ? 'any agreement will do' : `waits below alpha ${quality.minimumAlpha}`,
        quality.withoutSuspects ? 'without people who look careless or biased' : 'with everybody',
      ]),
    ],
    [
      'dataset',
      listed([
        `${percent(dataset.testShare)} of prompts held out`,
        dataset.minimumAgreement > 0 && `pairs on which ${percent(dataset.minimumAgreement)} agree`,
      ]),
    ],
    [
      'reward',
      reward.source === 'online'
        ? 'the one that learns while people work'
        : listed([`a model of its own, from ${base ?? policy.name}`, set('reward', reward.settings)]),
    ],
    ['policy', listed([algorithmWords[training.algorithm].name, set(training.algorithm, training.settings)])],
    [
      'evaluation',
      listed([
        `at most ${plural(evaluation.limit, 'held-out prompt')}`,
        people(evaluation.overlap),
        drawn(evaluation.parameters),
      ]),
    ],
    [
      'promotion',
      listed([
        plan.promotion === 'by-hand' ? 'by a lead' : 'when every gate is passed',
        plan.repeat > 0 && plural(plan.repeat, 'more round follows by itself', 'more rounds follow by themselves'),
      ]),
    ],
  ]
}
