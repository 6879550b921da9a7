/** SQL of what is measured of a head to head without people. */
import { sql } from 'kysely'
import type { Turn } from '../../collect/tasks/read.ts'
import type { Parameters } from '../../models/policies/contract.ts'
import { all, type Db, first, json } from '../../platform/sql.ts'
import { type Algorithm, isOnline } from '../../trainer/schedule/spec.ts'
import { turnsOf } from './judged.ts'
import type { JunkKind } from './junk.ts'
import type { Measured, Row } from './store.ts'

/** Both answers to a prompt, and how the candidate's was drawn. */
export interface Answers {
  prompt: string
  turns: Turn[]
  candidate: string
  baseline: string
  parameters: Parameters
  /** The candidate was stopped before it had ended. */
  isCut: boolean
}

/** Pairs whose both answers are there and not erased. */
export async function answersOf(db: Db, id: string): Promise<Answers[]> {
  const rows = await all(
    db,
    sql<Omit<Answers, 'turns'>>`
      SELECT p.prompt_id AS prompt, a.text AS candidate, b.text AS baseline, c.parameters,
        coalesce(a.origin->>'finish', 'end') <> 'end' AS "isCut"
      FROM head_to_head_pairs p JOIN samples c ON c.id = p.candidate_sample JOIN samples d ON d.id = p.baseline_sample
      JOIN messages a ON a.id = c.message_id JOIN messages b ON b.id = d.message_id
      WHERE p.head_to_head_id = ${id} AND a.text IS NOT NULL AND b.text IS NOT NULL ORDER BY p.prompt_id`,
  )
  const turns = await turnsOf(
    db,
    rows.map(({ prompt }) => prompt),
  )
  return rows.map((row) => ({ ...row, turns: turns.get(row.prompt) ?? [] }))
}

/** The reward that the last run of a policy pushed it against: `online`, a reward model's id, or none. */
export async function rewardBehind(db: Db, policy: string): Promise<string | null> {
  const run = await first(
    db,
    sql<{ algorithm: Algorithm; reward: string | null }>`
      SELECT r.algorithm, r.reward_id AS reward FROM policies p JOIN checkpoints c ON c.id = p.checkpoint_id
      JOIN runs r ON r.id = c.run_id WHERE p.id = ${policy}`,
  )
  return run && isOnline(run.algorithm) ? (run.reward ?? 'online') : null
}

/** Rewards whose word counts: the one that trained the candidate, the one that was asked, the one that people teach. */
export async function rewardsOf(db: Db, { candidate, reward }: Row): Promise<string[]> {
  const behind = await rewardBehind(db, candidate.id)
  return [...new Set([behind, reward, 'online'].filter((one) => one !== null))]
}

const perPrompt = (db: Db, id: string, set: ReturnType<typeof sql>, rows: { prompt: string }[]) =>
  sql`
    UPDATE head_to_head_pairs p SET ${set} FROM jsonb_array_elements(${json(rows)}) AS r(row)
    WHERE p.head_to_head_id = ${id} AND p.prompt_id = (r.row->>'prompt')::uuid`.execute(db)

const number = (name: string) => sql`(r.row->>${name})::double precision`

export const keepScores = (db: Db, id: string, scores: { prompt: string; candidate: number; baseline: number }[]) =>
  perPrompt(db, id, sql`candidate_score = ${number('candidate')}, baseline_score = ${number('baseline')}`, scores)

export const keepRatios = (db: Db, id: string, ratios: { prompt: string; logRatio: number; tokens: number }[]) =>
  perPrompt(db, id, sql`log_ratio = ${number('logRatio')}, tokens = (r.row->>'tokens')::int`, ratios)

/** What a reward says of the answers to a prompt and of the junk made for it. */
export interface Probed {
  prompt: string
  candidate: number
  baseline: number
  junk: Record<JunkKind, number>
}

export const keepProbes = (db: Db, id: string, reward: string, probes: Probed[]) =>
  perPrompt(db, id, sql`probes = p.probes || jsonb_build_object(${reward}::text, r.row - 'prompt')`, probes)

export const keepMeasured = (db: Db, id: string, measured: Measured) =>
  sql`UPDATE head_to_heads SET measured = ${json(measured)} WHERE id = ${id}`.execute(db)
