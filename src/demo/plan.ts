/** How large the demo is and how its models learn: chosen so that two rounds are through in two minutes on two cores. */
import type { Client } from './client.ts'
import type { Manner } from './demonstrations.ts'

/** Hand-written prompts of each topic that no training sees; both policies are measured on them at the end. */
export const heldOutATopic = 9

/** Longest reply, in tokens. */
export const maxTokens = 48

export const tags = { demonstrations: 'demonstrations', training: 'customers', heldOut: 'held-out' }

/** Share of prompts that every dataset holds out: those that the gates of a round look at, which no policy has learned from. */
export const testShare = 0.3

export type RoundPlan = Parameters<Client['rounds']['start']>[0]['plan']
type RunSettings = Parameters<Client['runs']['start']>[0]['settings']
type ProjectSettings = NonNullable<Parameters<Client['projects']['change']>[0]['settings']>

export interface DemoPlan {
  /** Messages with a reply that the first policies learn to write from, by manner. */
  demonstrations: Record<Manner, number>
  /** Demonstrations for each prompt of a customer that is trained on. */
  repliesACustomer: number
  /** From scratch, on demonstrations in all manners. */
  plain: RunSettings
  /** From there on, a little while on the polite ones alone: a second policy with manners of its own. */
  polite: RunSettings
  /** What the first round is planned as; `repeat` says how many more begin by themselves, with what the one before promoted. */
  rounds: (first: FirstPolicies) => RoundPlan
  gates: ProjectSettings['gates']
  /** Held-out prompts of the comparison at the end. */
  compared: number
}

/** States are kept for whoever ends the server in the middle, held-out rows measured for whoever looks on; each costs a moment. */
const [saveEvery, heldRows] = [100, 16]

const reward = { steps: 100, batchSize: 16, learningRate: 6e-4, warmupSteps: 5, spoiled: 0.5, saveEvery, heldRows }
const training = {
  steps: 16,
  batchSize: 10,
  groupSize: 8,
  learningRate: 5e-4,
  beta: 0.1,
  maxTokens,
  saveEvery,
}

interface FirstPolicies {
  plain: string
  polite: string
}

/**
 * In the first round both policies answer, in those that follow the one in force alone; replies of one prompt are compared
 * each with each. A little below temperature 1 a model of this size keeps to the point.
 */
const rounds = ({ plain, polite }: FirstPolicies): RoundPlan => ({
  policy: plain,
  prompts: { tag: tags.training, limit: 100 },
  samples: { policies: [plain, polite], responses: 2, parameters: { temperature: 0.8, maxTokens } },
  judgements: { pairing: 'all-pairs', overlap: 2 },
  dataset: { testShare },
  reward: { source: 'train', settings: reward },
  training: { algorithm: 'grpo', settings: training },
  evaluation: { limit: 100, overlap: 3, parameters: { temperature: 0, maxTokens } },
  promotion: 'when-gates-pass',
  repeat: 1,
})

/**
 * Three gates stand wider here than they would for real work. A round of this size is measured on some sixty prompts, which
 * tells shares apart by fourteen points: what is asked of it is not to be clearly worse, and the comparison at the end says how
 * much better both rounds together are. Replies may grow much longer than the curt ones that the policies begin with, for that
 * is what people ask for; and rewards that have seen a few hundred pairs of real answers are easily taken in by others, the one
 * that learns while people work most of all: the other is trained on spoiled answers besides.
 */
const gates = { minWinRate: 0.4, maxLengthRatio: 5, maxJunk: 0.6 }

export const demoPlan: DemoPlan = {
  demonstrations: { plain: 2600, polite: 1100 },
  repliesACustomer: 3,
  plain: { steps: 400, batchSize: 16, learningRate: 5e-3, warmupSteps: 20, saveEvery, heldRows },
  polite: { steps: 40, batchSize: 16, learningRate: 2e-3, warmupSteps: 5, saveEvery, heldRows },
  rounds,
  gates,
  compared: 200,
}
