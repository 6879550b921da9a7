/** SQL of what a head to head came to: pairs with what was said and measured of them. */
import { sql } from 'kysely'
import { conversationsTo, type Turn } from '../../collect/tasks/read.ts'
import { queued } from '../../collect/tasks/states.ts'
import { all, type Db, one } from '../../platform/sql.ts'
import type { Judged, JudgedPair } from './rules.ts'

interface PairRow extends Omit<JudgedPair, 'judged' | 'leftOut'> {
  task: string | null
  /** Why one of its answers is not there. */
  problem: string | null
}

/** Pairs with all that was measured of them and said of them. */
export async function judgedPairs(db: Db, id: string): Promise<(PairRow & JudgedPair)[]> {
  const pairs = await all(
    db,
    sql<PairRow>`
      SELECT p.prompt_id AS prompt, a.id AS candidate, b.id AS baseline, char_length(a.text) AS "candidateLength",
        char_length(b.text) AS "baselineLength", p.identical, p.task_id AS task, p.candidate_score AS "candidateScore",
        p.baseline_score AS "baselineScore", p.log_ratio AS "logRatio", p.tokens,
        p.trained_on AS "trainedOn", q.state = ${queued.withdrawn} AND NOT p.cut_short AS "takenOut", coalesce(c.problem, d.problem)->>'message' AS problem
      FROM head_to_head_pairs p JOIN samples c ON c.id = p.candidate_sample JOIN samples d ON d.id = p.baseline_sample
      LEFT JOIN queue q ON q.task_id = p.task_id
      LEFT JOIN messages a ON a.id = c.message_id LEFT JOIN messages b ON b.id = d.message_id
      WHERE p.head_to_head_id = ${id} ORDER BY p.prompt_id`,
  )
  const judged = await all(
    db,
    sql<Judged & { task: string; isLeftOut: boolean }>`
      SELECT f.task_id AS task, f.person_id AS person, f.kind, f.targets, f.payload, w.simulated_as IS NOT NULL AS simulated,
        coalesce(h.plan->'withoutPeople' @> to_jsonb(f.person_id::text), false) AS "isLeftOut"
      FROM head_to_heads h JOIN head_to_head_pairs p ON p.head_to_head_id = h.id
      JOIN annotations_in_force f ON f.task_id = p.task_id JOIN people w ON w.id = f.person_id
      WHERE h.id = ${id} AND f.source = 'person' ORDER BY f.id`,
  )
  const byTask = new Map<string, Pick<JudgedPair, 'judged' | 'leftOut'>>()
  for (const { task, isLeftOut, ...one } of judged) {
    const own = byTask.get(task) ?? { judged: [], leftOut: [] }
    own[isLeftOut ? 'leftOut' : 'judged'].push(one)
    byTask.set(task, own)
  }
  return pairs.map((pair) => ({ ...pair, ...((pair.task && byTask.get(pair.task)) || { judged: [], leftOut: [] }) }))
}

/** The turns of prompts. */
export async function turnsOf(db: Db, prompts: string[]): Promise<Map<string, Turn[]>> {
  const ends = await all(
    db,
    sql<{
      id: string
      message: string
    }>`SELECT id, message_id AS message FROM prompts WHERE id = ANY(${prompts}::uuid[])`,
  )
  const turns = await conversationsTo(
    db,
    ends.map(({ message }) => message),
  )
  return new Map(ends.map(({ id, message }) => [id, turns.get(message) ?? []]))
}

/** How many answers the tasks have, of how many they are to have; those taken out of the queue want no more. */
export const judgementsOf = (db: Db, id: string): Promise<{ done: number; wanted: number }> =>
  one(
    db,
    sql<{ done: number; wanted: number }>`
      SELECT coalesce(sum(q.answered), 0)::int AS done,
        coalesce(sum(CASE WHEN q.state = ${queued.withdrawn} THEN q.answered ELSE t.overlap END), 0)::int AS wanted
      FROM head_to_head_pairs p JOIN tasks t ON t.id = p.task_id JOIN queue q ON q.task_id = t.id
      WHERE p.head_to_head_id = ${id}`,
  )
