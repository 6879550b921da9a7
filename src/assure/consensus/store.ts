/** Keeps consensus beside the annotations: recomputed for what an event touched, and rebuilt from annotations alone. */
import { sql } from 'kysely'
import type { Event, Follower } from '../../platform/events.ts'
import { belowEveryId } from '../../platform/ids.ts'
import { all, type Db, inTransaction } from '../../platform/sql.ts'
import type { ConsensusRow } from './contract.ts'
import { forgetModels, modelsOf, refitIn } from './refit.ts'
import { consensusOf, type Judged } from './rules.ts'

type Annotation = Judged & { project: string; task: string; person: string }

/**
 * Recomputes every consensus that annotations of these tasks take part in, in the caller's transaction. OFFSET 0 keeps the
 * planner at looking up each of the few: with statistics from before people began it would read all that they ever said.
 */
async function recompute(trx: Db, tasks: string[]): Promise<void> {
  const annotations = await all(
    trx,
    sql<Annotation>`
      WITH touched AS MATERIALIZED (
        SELECT DISTINCT a.project_id, a.targets FROM unnest(${tasks}::uuid[]) AS t(id)
        CROSS JOIN LATERAL (SELECT project_id, targets, source FROM annotations WHERE task_id = t.id OFFSET 0) a
        WHERE a.source = 'person'),
      cleared AS (
        DELETE FROM consensus c USING touched t WHERE c.project_id = t.project_id AND c.targets = t.targets)
      SELECT a.project_id AS project, a.task_id AS task, a.person_id AS person, a.step, a.kind, a.targets, a.payload
      FROM touched t CROSS JOIN LATERAL (
        SELECT * FROM annotations_in_force f
        WHERE f.project_id = t.project_id AND f.targets = t.targets AND f.source = 'person' OFFSET 0) a
      ORDER BY a.id`,
  )
  const taskOf = new Map(annotations.map(({ targets, task }) => [String(targets), task]))
  for (const project of new Set(annotations.map((annotation) => annotation.project))) {
    const judged = annotations.filter((annotation) => annotation.project === project)
    const modelOf = await modelsOf(trx, project, [...new Set(judged.map(({ person }) => person))])
    await insert(
      trx,
      project,
      consensusOf(judged, modelOf).map((row) => ({ ...row, task: taskOf.get(String(row.targets)) })),
    )
  }
}

const insert = (trx: Db, project: string, rows: (ConsensusRow & { task: string | undefined })[]) =>
  sql`
    INSERT INTO consensus (project_id, targets, step, attribute, task_id, counts, total, soft, label, tied, mean)
    SELECT ${project}::uuid, ARRAY(SELECT jsonb_array_elements_text(r.targets)::uuid), r.step, r.attribute, r.task, r.counts, r.total,
      r.soft, r.label, r.tied, r.mean
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(targets jsonb, step text, attribute text, task uuid, counts jsonb,
      total int, soft jsonb, label text, tied boolean, mean double precision)`.execute(trx)

/** An answer is weighed by what is known of its author at once; that it may teach something about people is noted. */
export const consensusFollower: Follower = {
  name: 'consensus',
  kinds: ['annotation.committed', 'annotation.withdrawn'],
  async handle(trx, events: Event[]) {
    await recompute(trx, [...new Set(events.map((event) => String(event.data.task)))])
    const projects = [...new Set(events.map((event) => event.project))].sort()
    await sql`
      INSERT INTO consensus_fits (project_id) SELECT unnest(${projects}::uuid[])
      ON CONFLICT (project_id) DO UPDATE SET changed = consensus_fits.changed + 1`.execute(trx)
  },
}

/** Throws all of a project's consensus away and computes it from its annotations; the follower waits meanwhile. */
export const rebuildConsensus = (db: Db, project: string): Promise<void> =>
  inTransaction(db, async (trx) => {
    await sql`SELECT 1 FROM followers WHERE name = ${consensusFollower.name} FOR UPDATE`.execute(trx)
    await sql`DELETE FROM consensus WHERE project_id = ${project}`.execute(trx)
    await forgetModels(trx, project)
    for (let after = belowEveryId; ; ) {
      const rows = await all(
        trx,
        sql<{
          id: string
        }>`SELECT id FROM tasks WHERE project_id = ${project} AND id > ${after}::uuid ORDER BY id LIMIT 1000`,
      )
      const last = rows.at(-1)
      if (!last) break
      await recompute(
        trx,
        rows.map(({ id }) => id),
      )
      after = last.id
    }
    await refitIn(trx, project)
  })
