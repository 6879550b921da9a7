/** The leaderboard: which policy people prefer, from every comparison of two policies that is in force. */
import { z } from 'zod'
import { endpoint, estimate, id, inProject, known } from '../../platform/contract.ts'

/** `length`: at equal length, the pull of length estimated beside the policies. */
const styles = ['as-it-is', 'length'] as const
export type Style = (typeof styles)[number]

/** Tasks to learn from are not always chosen at random; those of an evaluation are. */
const scopes = ['all', 'evaluation'] as const
export type Scope = (typeof scopes)[number]

/** Without those whom the project's quality suspects of careless or biased work, or everybody. */
export const judges = ['trusted', 'all'] as const
export type Judges = (typeof judges)[number]

const ranked = z.object({
  /** The policy's id; `import` for all imported responses together, `person` for those written by people. */
  key: z.string(),
  name: z.string(),
  origin: z.enum(['policy', 'import', 'person']),
  /** The model that answers as it, where its files lie here. */
  checkpoint: id.nullable(),
  /** Strengths of different groups cannot be compared. */
  group: z.number().int(),
  /** Strength in log odds against the mean of its group; n is the number of its comparisons. */
  strength: known,
  /** Best and worst place in its group that the intervals of the differences leave open. */
  place: z.object({ best: z.number().int(), worst: z.number().int() }).nullable(),
  /** Share of its comparisons won, a tie as half. */
  won: estimate,
  wins: z.number().int(),
  losses: z.number().int(),
  ties: z.number().int(),
  /** The policy in force, by the newest promotion; and why, where a lead decided against its gates. */
  inForce: z.boolean(),
  override: z.string().nullable(),
})
export type Ranked = z.infer<typeof ranked>

export const met = z.object({
  first: z.string(),
  second: z.string(),
  /** Share that `first` won, a tie as half; what several people say of one prompt stays together. */
  won: estimate,
  wins: z.number().int(),
  losses: z.number().int(),
  ties: z.number().int(),
})
export type Met = z.infer<typeof met>

export const board = z.object({
  /** Best first within each group. */
  policies: z.array(ranked),
  matrix: z.array(met),
  /** Log odds that a response gains by being twice as long; null where it is not asked for. */
  lengthEffect: known.nullable(),
  judgements: z.number().int(),
  people: z.number().int(),
  /** What each interval of a strength takes for independent: people or prompts, where there are ten or more, else votes. */
  independent: z.enum(['votes', 'prompts', 'people']),
  leftOut: z.object({
    /** Both responses come from one policy, or both were imported. */
    sameOrigin: z.number().int(),
    /** Both bad, or not asked: no response was set above the other. */
    noPreference: z.number().int(),
    /** By people whose work looks careless or biased. */
    suspects: z.object({ judgements: z.number().int(), people: z.number().int() }),
  }),
  /** So many judgements were read, the newest; null: all. */
  newestOf: z.number().int().nullable(),
})
export type Board = z.infer<typeof board>

export const leaderboard = {
  show: endpoint(
    'GET',
    '/projects/{project}/leaderboard',
    'quality.read',
    'Policies by the comparisons that people made between them',
  )
    .input(
      inProject.extend({
        attribute: z.string().max(60).default('preference'),
        style: z.enum(styles).default('as-it-is'),
        tasks: z.enum(scopes).default('all'),
        judges: z.enum(judges).default('trusted'),
      }),
    )
    .output(board.extend({ attributes: z.array(z.string()), simulated: z.boolean() })),
}
