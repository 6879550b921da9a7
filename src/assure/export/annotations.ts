/** Annotations as rows, in pages by key: an export holds no transaction open and no table in memory. */
import { sql } from 'kysely'
import { belowEveryId } from '../../platform/ids.ts'
import { all, type Db } from '../../platform/sql.ts'

export interface AnnotationRow {
  id: string
  submission: string | null
  assignment: string | null
  task: string | null
  person: string | null
  simulated: boolean
  step: string
  kind: string
  targets: string[]
  payload: unknown
  guidelineVersion: number | null
  at: string
  activeMs: number | null
  source?: string
  supersedes?: string | null
  withdrawn?: boolean
}

const pageRows = 5000

/** People's annotations in force, oldest first; with `every` also imported, superseded and withdrawn ones, marked so. */
export async function* annotationRows(db: Db, project: string, every: boolean): AsyncGenerator<AnnotationRow> {
  for (let after = belowEveryId; ; ) {
    const rows = await all(
      db,
      sql<AnnotationRow & { simulatedAs: string | null }>`
        SELECT a.id, a.submission_id AS submission, a.assignment_id AS assignment, a.task_id AS task, a.person_id AS person,
          p.simulated_as IS NOT NULL AS simulated, a.step, a.kind, a.targets, a.payload, a.guideline_version AS "guidelineVersion",
          to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, a.active_ms AS "activeMs"
          ${every ? sql`, a.source, a.supersedes, s.withdrawn_at IS NOT NULL AS withdrawn` : sql``}
        FROM ${every ? sql`annotations a LEFT JOIN submissions s ON s.id = a.submission_id` : sql`annotations_in_force a`}
        LEFT JOIN people p ON p.id = a.person_id
        WHERE a.project_id = ${project} AND a.id > ${after}::uuid ${every ? sql`` : sql`AND a.source = 'person'`}
        ORDER BY a.id LIMIT ${pageRows}`,
    )
    yield* rows
    if (rows.length < pageRows) return
    after = rows.at(-1)!.id
  }
}
