/** A plan while it is written: what the form holds, where it begins, and what it comes to. Pure. */
import { settingsFromForm, type Values } from '../learn/runs/fields.ts'
import { isOnline } from '../trainer/schedule/spec.ts'
import { type Plan, plan as planShape, type Round, type Settings } from './contract.ts'

type Rest = Omit<Plan, 'policy'>

export interface Draft {
  /** Null until one is chosen. */
  policy: string | null
  /** `samples.policies`: those that answer beside it. */
  rest: Rest
  /** Undefined: as the algorithm needs it. */
  source: Plan['reward']['source'] | undefined
  reward: Values
  training: Values
}

const empty: Draft = {
  policy: null,
  rest: planShape.omit({ policy: true }).parse({}),
  source: undefined,
  reward: {},
  training: {},
}

/** What the plan of the round before says, for the next: who answered beside its policy was there to begin with. */
export function draftAfter(before: Round | undefined): Draft {
  if (!before) return empty
  const { policy, ...rest } = before.plan
  return {
    policy: before.promoted?.id ?? policy,
    rest: { ...rest, samples: { ...rest.samples, policies: [] } },
    source: rest.reward.source,
    reward: rest.reward.settings as Values,
    training: rest.training.settings as Values,
  }
}

/** One that learns from pairs alone is not scored: a reward model would be trained for the evaluation's sake. */
export const sourceOf = ({ source, rest }: Draft): Plan['reward']['source'] =>
  source ?? (isOnline(rest.training.algorithm) ? 'train' : 'online')

/** The draft with another algorithm: the settings of one are no good for another. */
export const withAlgorithm = (draft: Draft, algorithm: Plan['training']['algorithm']): Draft => ({
  ...draft,
  rest: { ...draft.rest, training: { ...draft.rest.training, algorithm } },
  training: {},
})

export function planOf(draft: Draft, policy: string): Plan {
  const { rest, reward, training } = draft
  const { algorithm } = rest.training
  const others = rest.samples.policies.filter((id) => id !== policy)
  return {
    ...rest,
    policy,
    prompts: { ...rest.prompts, tag: rest.prompts.tag?.trim() || undefined },
    samples: { ...rest.samples, policies: others.length ? [policy, ...others] : [] },
    reward: { ...rest.reward, source: sourceOf(draft), settings: settingsFromForm('reward', reward) as Settings },
    training: { algorithm, settings: settingsFromForm(algorithm, training) as Settings },
  }
}
