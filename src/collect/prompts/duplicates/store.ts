/** SQL of duplicates. */
import { sql } from 'kysely'
import { breathe } from '../../../platform/breathe.ts'
import { all, type Db, first } from '../../../platform/sql.ts'
import { conversationsTo } from '../../tasks/read.ts'
import { saidIn } from '../prints.ts'
import type { DuplicateGroup, DuplicateKind } from './contract.ts'

export interface AlikePrompt {
  prompt: string
  group: string
  /** Equal where the words are. */
  wording: Buffer
}

interface Report {
  project: string
  prompts: number
  newest: string | null
  at: Date
}

/** Rows that go into one statement: more would keep this thread from others for too long. */
const written = 1000

/** Puts a report in the place of the one before. */
export async function keepReport(
  trx: Db,
  { project, prompts, newest, at }: Report,
  alike: AlikePrompt[],
): Promise<void> {
  await sql`
    INSERT INTO duplicate_reports (project_id, prompts, newest, at) VALUES (${project}, ${prompts}, ${newest}, ${at})
    ON CONFLICT (project_id) DO UPDATE SET prompts = EXCLUDED.prompts, newest = EXCLUDED.newest, at = EXCLUDED.at`.execute(
    trx,
  )
  await sql`DELETE FROM duplicate_groups WHERE project_id = ${project}`.execute(trx)
  const groups = new Map<string, { size: number; wordings: Set<string> }>()
  for (const [i, { group, wording }] of alike.entries()) {
    if (i % written === written - 1) await breathe()
    const found = groups.get(group) ?? { size: 0, wordings: new Set() }
    found.size += 1
    found.wordings.add(wording.toString('hex'))
    groups.set(group, found)
  }
  const rows = [...groups].map(([id, { size, wordings }]) => ({ id, size, same: wordings.size === 1 }))
  for (let from = 0; from < rows.length; from += written) {
    const some = rows.slice(from, from + written)
    await sql`
      INSERT INTO duplicate_groups (id, project_id, size, same_words)
      SELECT id, ${project}::uuid, size, same FROM unnest(${some.map(({ id }) => id)}::uuid[],
        ${some.map(({ size }) => size)}::int[], ${some.map(({ same }) => same)}::boolean[]) AS g(id, size, same)`.execute(
      trx,
    )
  }
  for (let from = 0; from < alike.length; from += written) {
    const some = alike.slice(from, from + written)
    await sql`
      INSERT INTO duplicate_prompts (prompt_id, group_id, wording)
      SELECT * FROM unnest(${some.map(({ prompt }) => prompt)}::uuid[], ${some.map(({ group }) => group)}::uuid[],
        ${some.map(({ wording }) => wording)}::bytea[])`.execute(trx)
  }
}

/** The job that looks at a project's prompts now. */
export const lookingJob = async (db: Db, project: string): Promise<string | null> =>
  (
    await first(
      db,
      sql<{ id: string }>`
        SELECT id FROM jobs WHERE project_id = ${project} AND kind = 'duplicates' AND state IN ('waiting', 'running') LIMIT 1`,
    )
  )?.id ?? null

/** Counted no further than anyone reads. */
const mostNewer = 10_000

export async function findReport(db: Db, project: string) {
  const report = await first(
    db,
    sql<{ prompts: number; at: Date; newer: number }>`
      SELECT r.prompts, r.at, (
        SELECT count(*)::int FROM (
          SELECT 1 FROM prompts p WHERE p.project_id = r.project_id AND (r.newest IS NULL OR p.id > r.newest) LIMIT ${mostNewer}) n) AS newer
      FROM duplicate_reports r WHERE r.project_id = ${project}`,
  )
  if (!report) return null
  const counts = await all(
    db,
    sql<{ same: boolean; groups: number; prompts: number }>`
      SELECT same_words AS same, count(*)::int AS groups, sum(size)::int AS prompts FROM duplicate_groups
      WHERE project_id = ${project} GROUP BY same_words`,
  )
  const of = (same: boolean) => {
    const { groups = 0, prompts = 0 } = counts.find((one) => one.same === same) ?? {}
    return { groups, prompts }
  }
  return { ...report, at: report.at.toISOString(), same: of(true), near: of(false) }
}

const shownExamples = 3
const shownCharacters = 600

interface ListInput {
  project: string
  /** Size and id of the last group of the page before. */
  after?: { size: number; id: string }
  limit: number
  kind?: DuplicateKind
}

/** The largest first. */
export async function listGroups(db: Db, { project, after, limit, kind }: ListInput): Promise<DuplicateGroup[]> {
  const groups = await all(
    db,
    sql<{ id: string; size: number; same: boolean }>`
      SELECT id, size, same_words AS same FROM duplicate_groups
      WHERE project_id = ${project} AND ${kind ? sql`same_words = ${kind === 'same'}` : sql`true`}
        AND ${after ? sql`(size < ${after.size} OR (size = ${after.size} AND id > ${after.id}::uuid))` : sql`true`}
      ORDER BY size DESC, id LIMIT ${limit}`,
  )
  const examples = await all(
    db,
    sql<{ group: string; id: string; message: string; tags: string[]; alike: number }>`
      SELECT e.group_id AS group, e.prompt_id AS id, p.message_id AS message, p.tags, e.alike FROM (
        SELECT *, row_number() OVER (PARTITION BY group_id ORDER BY repeated, prompt_id) AS place FROM (
          SELECT group_id, prompt_id, (count(*) OVER (PARTITION BY group_id, wording))::int AS alike,
            row_number() OVER (PARTITION BY group_id, wording ORDER BY prompt_id) AS repeated
          FROM duplicate_prompts WHERE group_id = ANY(${groups.map(({ id }) => id)}::uuid[])) d) e
      JOIN prompts p ON p.id = e.prompt_id WHERE e.place <= ${shownExamples} ORDER BY e.place`,
  )
  const turns = await conversationsTo(
    db,
    examples.map(({ message }) => message),
  )
  return groups.map(({ id, size, same }) => ({
    id,
    size,
    kind: same ? ('same' as const) : ('near' as const),
    examples: examples
      .filter(({ group }) => group === id)
      .map(({ id, message, tags, alike }) => {
        const text = saidIn(turns.get(message) ?? [])
        return { id, text: text.slice(0, shownCharacters), cut: text.length > shownCharacters, tags, alike }
      }),
  }))
}
