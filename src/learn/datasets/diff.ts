/** What lies between two datasets of a project, pair by pair, and why. */
import { sql } from 'kysely'
import { fail } from '../../platform/errors.ts'
import { all, type Db, one } from '../../platform/sql.ts'
import type { DatasetDiff } from './contract.ts'
import type { Snapshot } from './read.ts'
import { listed } from './shown.ts'

/** A pair of responses is the same whichever was chosen; where every judgement is a row, the judgement is. */
const side = ({ id, filters }: Snapshot) => sql`
  SELECT r.*, least(chosen, coalesce(rejected, chosen)) AS low, greatest(chosen, coalesce(rejected, chosen)) AS high,
    ${filters.rule === 'each' ? sql`coalesce(annotations[1]::text, '')` : sql`''`} AS judgement
  FROM snapshot_rows r WHERE snapshot_id = ${id}`

/** Rows of both with what became of each. A judgement is new where it was made after the older dataset was taken. */
const compared = (from: Snapshot, to: Snapshot) => sql`
  WITH a AS (${side(from)}), b AS (${side(to)}), both_sides AS (
    SELECT coalesce(b.prompt_id, a.prompt_id) AS prompt, coalesce(b.chosen, a.chosen) AS chosen,
      CASE WHEN b.row IS NULL THEN a.rejected ELSE b.rejected END AS rejected,
      a.row IS NULL AS added, b.row IS NULL AS removed, a.chosen <> b.chosen AS flipped,
      (a.margin, a.soft) IS DISTINCT FROM (b.margin, b.soft) AS label, a.split <> b.split AS split,
      CASE WHEN a.chosen <> b.chosen THEN 1 - a.soft ELSE a.soft END AS before, b.soft AS after,
      a.annotations AS old, b.annotations AS new
    FROM a FULL JOIN b ON a.prompt_id = b.prompt_id AND a.low = b.low AND a.high = b.high AND a.judgement = b.judgement),
  told AS (
    SELECT *,
      CASE WHEN added THEN (
        SELECT CASE WHEN count(*) = 0 THEN (
            SELECT CASE WHEN m.created_at >= ${from.createdAt} THEN 'judged' ELSE 'filters' END FROM messages m WHERE m.id = chosen)
          WHEN bool_and(n.at >= ${from.createdAt}) THEN 'judged' WHEN bool_or(n.at >= ${from.createdAt}) THEN 'votes' ELSE 'filters' END
        FROM annotations n WHERE n.id = ANY(new))
      WHEN removed THEN CASE
        WHEN EXISTS (
          SELECT 1 FROM annotations o LEFT JOIN submissions s ON s.id = o.submission_id
          WHERE o.id = ANY(old) AND (s.withdrawn_at <= ${to.createdAt}
            OR EXISTS (SELECT 1 FROM annotations n WHERE n.supersedes = o.id AND n.at <= ${to.createdAt}))) THEN 'withdrawn'
        WHEN EXISTS (
          SELECT 1 FROM annotations o JOIN annotations n ON n.task_id = o.task_id
          WHERE o.id = ANY(old) AND n.at >= ${from.createdAt} AND n.at <= ${to.createdAt}) THEN 'votes'
        ELSE 'filters' END END AS why
    FROM both_sides)`

type Tallied = Record<'same' | `${'added' | 'removed' | 'changed'}_${string}`, number>

const examplesShown = 50

/** What `to` has that `from` had not, and the reverse. */
export async function compareSnapshots(db: Db, from: Snapshot, to: Snapshot): Promise<DatasetDiff> {
  if (from.kind !== to.kind)
    fail('bad_input', 'Preferences and demonstrations have no rows in common.', { where: 'from' })
  const n = await one(
    db,
    sql<Tallied>`
      ${compared(from, to)}
      SELECT count(*) FILTER (WHERE added) AS added_rows,
        count(*) FILTER (WHERE added AND why = 'judged') AS added_judged,
        count(*) FILTER (WHERE added AND why = 'votes') AS added_votes,
        count(*) FILTER (WHERE added AND why = 'filters') AS added_filters,
        count(*) FILTER (WHERE removed) AS removed_rows,
        count(*) FILTER (WHERE removed AND why = 'withdrawn') AS removed_withdrawn,
        count(*) FILTER (WHERE removed AND why = 'votes') AS removed_votes,
        count(*) FILTER (WHERE removed AND why = 'filters') AS removed_filters,
        count(*) FILTER (WHERE NOT added AND NOT removed AND (flipped OR label OR split)) AS changed_rows,
        count(*) FILTER (WHERE NOT added AND NOT removed AND flipped) AS changed_flipped,
        count(*) FILTER (WHERE NOT added AND NOT removed AND label AND NOT flipped) AS changed_label,
        count(*) FILTER (WHERE NOT added AND NOT removed AND split) AS changed_split,
        count(*) FILTER (WHERE NOT added AND NOT removed AND NOT (flipped OR label OR split)) AS same
      FROM told`,
  )
  const examples = await all(
    db,
    sql<DatasetDiff['examples'][number]>`
      ${compared(from, to)}, examples AS (
        SELECT *, CASE WHEN added THEN 'added' WHEN removed THEN 'removed' WHEN flipped THEN 'flipped'
          WHEN label THEN 'label' ELSE 'split' END AS what
        FROM told WHERE added OR removed OR flipped OR label OR split
        ORDER BY NOT coalesce(flipped, false), added OR removed, prompt LIMIT ${examplesShown})
      SELECT what, prompt AS "promptId", p.opening, coalesce(left(c.text, 300), '[erased]') AS chosen,
        CASE WHEN rejected IS NULL THEN NULL ELSE coalesce(left(r.text, 300), '[erased]') END AS rejected, before, after
      FROM examples e JOIN prompts p ON p.id = prompt JOIN messages c ON c.id = e.chosen LEFT JOIN messages r ON r.id = e.rejected
      ORDER BY NOT coalesce(flipped, false), added OR removed, prompt`,
  )
  return {
    from: listed(from),
    to: listed(to),
    added: { rows: n.added_rows!, judged: n.added_judged!, votes: n.added_votes!, filters: n.added_filters! },
    removed: {
      rows: n.removed_rows!,
      withdrawn: n.removed_withdrawn!,
      votes: n.removed_votes!,
      filters: n.removed_filters!,
    },
    changed: { rows: n.changed_rows!, flipped: n.changed_flipped!, label: n.changed_label!, split: n.changed_split! },
    same: n.same,
    examples,
  }
}
