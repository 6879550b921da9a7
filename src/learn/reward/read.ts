/** Reads of the reward: what the record of predictions shows, and the model itself for later stations. */
import { sql } from 'kysely'
import { breathe } from '../../platform/breathe.ts'
import { all, type Db, first } from '../../platform/sql.ts'
import { featuresOf } from './features.ts'
import { predict, type RewardModel } from './model.ts'

export { learnerOf, learnerWithout } from './store.ts'

/** So many texts in a breath: a few milliseconds. */
const breath = 16

/** The reward of each text, in log odds. */
export async function scoreTexts(model: RewardModel, texts: readonly string[]): Promise<number[]> {
  const scores: number[] = []
  for (const [i, text] of texts.entries()) {
    if (i % breath === breath - 1) await breathe()
    scores.push(predict(model, featuresOf(text)).logit)
  }
  return scores
}

/** So many points a learning curve has at most. */
const curvePoints = 40

/** Sums over a stretch of decided pairs that were judged for the first time; a prediction of 1/2 is half right. */
export interface Stretch {
  n: number
  model: number
  longer: number
  side: number
  /** Sums of -ln(probability of what people said). */
  modelLoss: number
  longerLoss: number
  sideLoss: number
}

const decided = sql`in_force AND fresh AND outcome <> 0.5`

const right = (prediction: string) =>
  sql`CASE WHEN ${sql.ref(prediction)} = 0.5 THEN 0.5 WHEN (${sql.ref(prediction)} > 0.5) = (outcome > 0.5) THEN 1 ELSE 0 END`

/**
 * A rule that only names a winner says so with the share that it was right before, one hit and one miss added; where it
 * names none, with a half.
 */
function ruleLoss(rule: 'longer' | 'side') {
  const said = sql.ref(rule)
  const share = sql`
    ((count(*) FILTER (WHERE ${said} = 1) OVER before + 1) / (count(*) FILTER (WHERE ${said} <> 0.5) OVER before + 2.0)::float8)`
  return sql`-ln(CASE ${said} WHEN 0.5 THEN 0.5::float8 WHEN 1 THEN ${share} ELSE 1 - ${share} END)`
}

/** The record in stretches of equal length, oldest first. */
export const stretchesOf = (db: Db, project: string): Promise<Stretch[]> =>
  all(
    db,
    sql<Stretch>`
      SELECT count(*)::int AS n, sum(model)::float8 AS model, sum(longer)::float8 AS longer, sum(side)::float8 AS side,
        sum(loss)::float8 AS "modelLoss", sum(longer_loss)::float8 AS "longerLoss", sum(side_loss)::float8 AS "sideLoss"
      FROM (
        SELECT *, ${ruleLoss('longer')} AS longer_loss, ${ruleLoss('side')} AS side_loss
        FROM (
          SELECT seq, (row_number() OVER (ORDER BY seq) - 1) * ${curvePoints}::int / count(*) OVER () AS stretch,
            ${right('predicted')} AS model, ${right('by_length')} AS longer, ${right('by_side')} AS side,
            -ln(CASE WHEN outcome > 0.5 THEN predicted ELSE 1 - predicted END) AS loss
          FROM reward_pairs WHERE project_id = ${project} AND ${decided}) record
        WINDOW before AS (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) pairs
      GROUP BY stretch ORDER BY stretch`,
  )

/** What was predicted of the first response and whether it won, of the newest pairs. */
export const newestPredictions = (db: Db, project: string, limit: number) =>
  all(
    db,
    sql<{ predicted: number; outcome: number }>`
      SELECT predicted, outcome FROM reward_pairs WHERE project_id = ${project} AND ${decided} ORDER BY seq DESC LIMIT ${limit}`,
  )

export const countsOf = (db: Db, project: string) =>
  first(
    db,
    sql<{ position: number; at: Date; pairs: number; ties: number; repeated: number }>`
      SELECT s.seq AS position, s.at, count(p.seq)::int AS pairs, (count(*) FILTER (WHERE p.outcome = 0.5))::int AS ties,
        (count(*) FILTER (WHERE NOT p.fresh))::int AS repeated
      FROM reward_state s LEFT JOIN reward_pairs p ON p.project_id = s.project_id AND p.in_force
      WHERE s.project_id = ${project} GROUP BY s.seq, s.at`,
  )

/** Decided pairs whose winner was given the least, with the log-odds' deviation. */
export const disagreementsOf = (db: Db, project: string, limit: number) =>
  all(
    db,
    sql<{ task: string; opening: string; preferred: string; other: string; probability: number; deviation: number }>`
      SELECT w.task_id AS task, q.opening, coalesce(left(a.text, 300), '[erased]') AS preferred,
        coalesce(left(b.text, 300), '[erased]') AS other, w.probability, w.deviation
      FROM (
        SELECT task_id, deviation, CASE WHEN outcome > 0.5 THEN first ELSE second END AS won,
          CASE WHEN outcome > 0.5 THEN second ELSE first END AS lost,
          CASE WHEN outcome > 0.5 THEN predicted ELSE 1 - predicted END AS probability
        FROM reward_pairs WHERE project_id = ${project} AND ${decided}) w
      JOIN tasks t ON t.id = w.task_id JOIN prompts q ON q.id = t.prompt_id
      JOIN messages a ON a.id = w.won JOIN messages b ON b.id = w.lost
      WHERE w.probability < 0.5 ORDER BY w.probability, w.task_id LIMIT ${limit}`,
  )
