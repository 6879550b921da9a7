/** Reward: how well the model that learns while people work foresees them, and a place to try it. */
import { z } from 'zod'
import { endpoint, estimate, id, inProject, known, why } from '../../platform/contract.ts'

const share = estimate.omit({ n: true })
const loss = z.union([z.object({ value: z.number(), n: z.number().int() }), why])

/** After so many decided pairs that were judged for the first time: shares foreseen so far. */
const curvePoint = z.object({ pairs: z.number().int(), model: share, longer: share, side: share })
export type CurvePoint = z.infer<typeof curvePoint>

const rewardState = z.object({
  /** Pairs in force, all of them learned. */
  pairs: z.number().int(),
  ties: z.number().int(),
  /** Pairs of responses that somebody had judged before: learned, but no test of what the model foresees. */
  repeated: z.number().int(),
  /** Place in the order of learning; withdrawn answers keep theirs. */
  position: z.number().int(),
  at: z.string().nullable(),
  /** Share of decided pairs, judged for the first time, whose winner was foreseen before the answer was learned. */
  accuracy: z.object({
    model: known,
    /** The longer response wins. */
    longer: known,
    /** The side of the screen that won most often so far wins. */
    side: known,
  }),
  /**
   * Mean of -ln(probability given to what people said); a coin has 0.693. The two rules give the winner whom they name the
   * share that they were right until then.
   */
  logLoss: z.object({ model: loss, longer: loss, side: loss }),
  curve: z.array(curvePoint),
  /** Of the newest pairs: probability given to the first response, in stored order, against how often it won. */
  calibration: z.union([
    z.object({
      bins: z.array(share.extend({ predicted: z.number(), n: z.number().int() })),
      /** Root mean square distance from the diagonal, less what chance adds. */
      error: z.number(),
      n: z.number().int(),
    }),
    why,
  ]),
})
export type RewardState = z.infer<typeof rewardState>

const disagreement = z.object({
  task: id,
  opening: z.string(),
  preferred: z.string(),
  other: z.string(),
  /** What the model gave to the response that people preferred, before it learned so. */
  probability: z.number(),
  low: z.number(),
  high: z.number(),
})

const text = z.string().max(100_000)

const scored = z.object({
  /** Log-odds against a text without a word, and the standard deviation of what the model believes of it. */
  score: z.number(),
  deviation: z.number(),
  /** The text in pieces, in order and complete; weights of words add up to the score. Without a weight: no word. */
  pieces: z.array(z.object({ text: z.string(), weight: z.number().optional() })),
  /** Words beyond so many are not read. */
  cut: z.boolean(),
})
export type Scored = z.infer<typeof scored>

export const reward = {
  state: endpoint('GET', '/projects/{project}/reward', 'model.read', 'How well the reward foresees what people say')
    .input(inProject)
    .output(rewardState),
  disagreements: endpoint(
    'GET',
    '/projects/{project}/reward/disagreements',
    'model.read',
    'Where the reward was surest of what people did not say',
  )
    .input(inProject.extend({ limit: z.coerce.number().int().min(1).max(100).default(20) }))
    .output(z.object({ rows: z.array(disagreement) })),
  score: endpoint(
    'POST',
    '/projects/{project}/reward/score',
    'model.read',
    'Score one text, or say which of two is better, with what each word gave',
  )
    .input(inProject.extend({ texts: z.array(text).min(1).max(2) }))
    .output(
      z.object({
        texts: z.array(scored),
        /** Of two: that the first is better, with the interval of the model's belief. */
        first: z.object({ probability: z.number(), low: z.number(), high: z.number() }).nullable(),
      }),
    ),
}
