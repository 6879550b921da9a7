/** Annotations as rows, in pages by key: an export holds no transaction open and no table in memory. */
import { sql } from 'kysely'
import type { Column } from '../../formats/index.ts'
import { belowEveryId } from '../../platform/ids.ts'
import { all, type Db } from '../../platform/sql.ts'

/** A type, not an interface: a row of a file is a record of anything. */
export type AnnotationRow = {
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
  source?: 'person' | 'import'
  supersedes?: string | null
  withdrawn?: boolean
  inForce?: boolean
}

/** Who said it, of what, when. */
export const ofAnnotation: Column[] = [
  ...(['id', 'submission', 'assignment', 'task', 'person'] as const).map((name): Column => ({ name, type: 'string' })),
  { name: 'simulated', type: 'boolean' },
  { name: 'step', type: 'string' },
  { name: 'kind', type: 'string' },
  { name: 'guidelineVersion', type: 'integer' },
  { name: 'at', type: 'string' },
  { name: 'activeMs', type: 'integer' },
]

/** How it stands, where not all that is written is in force. */
export const standing: Column[] = [
  { name: 'source', type: 'string' },
  { name: 'supersedes', type: 'string' },
  { name: 'withdrawn', type: 'boolean' },
  { name: 'inForce', type: 'boolean' },
]

export const annotationColumns = (every: boolean): Column[] => [
  ...ofAnnotation,
  { name: 'targets', type: 'json' },
  { name: 'payload', type: 'json' },
  ...(every ? standing : []),
]

export interface Wanted {
  project: string
  /** Also imported, superseded and withdrawn ones, marked so. */
  every: boolean
}

/** People's annotations in force, in the order of their ids: oldest first, but for those that came with a file. */
export async function* annotationPages(
  db: Db,
  { project, every }: Wanted,
  pageRows: number,
): AsyncGenerator<AnnotationRow[]> {
  for (let after = belowEveryId; ; ) {
    const rows = await all(
      db,
      sql<AnnotationRow>`
        SELECT a.id, a.submission_id AS submission, a.assignment_id AS assignment, a.task_id AS task, a.person_id AS person,
          p.simulated_as IS NOT NULL AS simulated, a.step, a.kind, a.targets, a.payload, a.guideline_version AS "guidelineVersion",
          to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, a.active_ms AS "activeMs"
          ${
            every
              ? sql`, a.source, a.supersedes, s.withdrawn_at IS NOT NULL AS withdrawn,
                  EXISTS (SELECT 1 FROM annotations_in_force f WHERE f.id = a.id) AS "inForce"`
              : sql``
          }
        FROM ${every ? sql`annotations a LEFT JOIN submissions s ON s.id = a.submission_id` : sql`annotations_in_force a`}
        LEFT JOIN people p ON p.id = a.person_id
        WHERE a.project_id = ${project} AND a.id > ${after}::uuid ${every ? sql`` : sql`AND a.source = 'person'`}
        ORDER BY a.id LIMIT ${pageRows}`,
    )
    yield rows
    if (rows.length < pageRows) return
    after = rows.at(-1)!.id
  }
}

export async function* annotationRows(db: Db, wanted: Wanted): AsyncGenerator<AnnotationRow> {
  for await (const page of annotationPages(db, wanted, 5000)) yield* page
}
