/** SQL of the leaderboard: what people said, and where each response comes from. */
import { sql } from 'kysely'
import { all, type Db } from '../../platform/sql.ts'
import type { Scope } from './contract.ts'
import type { Judged, Source } from './rules.ts'

/** So many judgements are read at most, the newest. */
export const mostJudgements = 100_000

/** Judgements of people in force, but those of gold tasks: they test people, not policies. */
export const judgementsOf = (db: Db, project: string, tasks: Scope): Promise<(Judged & { simulated: boolean })[]> =>
  all(
    db,
    sql<Judged & { simulated: boolean }>`
      SELECT a.person_id AS person, t.prompt_id AS prompt, a.kind, a.targets, a.payload, p.simulated_as IS NOT NULL AS simulated
      FROM annotations_in_force a JOIN tasks t ON t.id = a.task_id JOIN people p ON p.id = a.person_id
      WHERE a.project_id = ${project} AND a.source = 'person' AND ${tasks === 'all' ? sql`t.purpose <> 'gold'` : sql`t.purpose = ${tasks}`} AND cardinality(a.targets) > 1
      ORDER BY a.id DESC LIMIT ${mostJudgements}`,
  )

export async function sourcesOf(db: Db, messages: string[]): Promise<Map<string, Source>> {
  const rows = await all(
    db,
    sql<Source & { id: string }>`
      SELECT id, CASE author WHEN 'policy' THEN author_id::text ELSE author END AS origin,
        coalesce(char_length(text), 0) AS length
      FROM messages WHERE id = ANY(${messages}::uuid[]) AND (author <> 'policy' OR author_id IS NOT NULL)`,
  )
  return new Map(rows.map(({ id, origin, length }) => [id, { origin, length }]))
}

export async function policiesOf(
  db: Db,
  project: string,
): Promise<Map<string, { name: string; checkpoint: string | null }>> {
  const rows = await all(
    db,
    sql<{ id: string; name: string; checkpoint: string | null }>`
      SELECT id, name, checkpoint_id AS checkpoint FROM policies WHERE project_id = ${project}`,
  )
  return new Map(rows.map(({ id, ...policy }) => [id, policy]))
}
