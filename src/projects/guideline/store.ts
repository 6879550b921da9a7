/** SQL of guidelines. */
import { sql } from 'kysely'
import { all, type Db, first, json, one } from '../../platform/sql.ts'
import type { GuidelineVersion } from './contract.ts'
import type { Clause } from './rules.ts'

interface Draft {
  clauses: Clause[]
  revision: number
  updatedAt: string
}

const draftOf = (row: { clauses: Clause[]; revision: number; updated_at: Date }): Draft => ({
  clauses: row.clauses,
  revision: row.revision,
  updatedAt: row.updated_at.toISOString(),
})
type DraftRow = Parameters<typeof draftOf>[0]

export const findDraft = async (db: Db, project: string, lock = false): Promise<Draft> =>
  draftOf(
    await one(
      db,
      sql<DraftRow>`
        SELECT clauses, revision, updated_at FROM guideline_drafts WHERE project_id = ${project} ${lock ? sql`FOR UPDATE` : sql``}`,
    ),
  )

/** Saves the draft where nobody else has since `revision`; undefined otherwise. */
export async function saveDraft(
  trx: Db,
  project: string,
  clauses: Clause[],
  revision: number,
  by: string | null,
): Promise<Draft | undefined> {
  const row = await first(
    trx,
    sql<DraftRow>`
      UPDATE guideline_drafts SET clauses = ${json(clauses)}, revision = revision + 1, updated_by = ${by}, updated_at = now()
      WHERE project_id = ${project} AND revision = ${revision} RETURNING clauses, revision, updated_at`,
  )
  return row && draftOf(row)
}

interface VersionRow {
  version: number
  note: string
  person: { id: string; name: string } | null
  published_at: Date
  clauses: Clause[]
}
const toVersion = (row: VersionRow): GuidelineVersion => ({
  version: row.version,
  note: row.note,
  publishedBy: row.person,
  publishedAt: row.published_at.toISOString(),
  clauses: row.clauses,
})
const versions = sql`
  SELECT v.version, v.note, v.published_at, v.clauses,
    CASE WHEN p.id IS NULL THEN NULL ELSE json_build_object('id', p.id, 'name', p.name) END AS person
  FROM guideline_versions v LEFT JOIN people p ON p.id = v.published_by`

export const listVersions = async (db: Db, project: string): Promise<GuidelineVersion[]> =>
  (await all(db, sql<VersionRow>`${versions} WHERE v.project_id = ${project} ORDER BY v.version DESC`)).map(toVersion)

export async function findVersion(db: Db, project: string, version: number): Promise<GuidelineVersion | undefined> {
  const row = await first(db, sql<VersionRow>`${versions} WHERE v.project_id = ${project} AND v.version = ${version}`)
  return row && toVersion(row)
}

/** Adds the next version and puts it in force: leases handed out from now on record it. */
export async function publishVersion(
  trx: Db,
  project: string,
  clauses: Clause[],
  note: string,
  by: string | null,
  at: Date,
): Promise<number> {
  const { version } = await one(
    trx,
    sql<{ version: number }>`
      INSERT INTO guideline_versions (project_id, version, clauses, note, published_by, published_at)
      SELECT ${project}, coalesce(max(version), 0) + 1, ${json(clauses)}, ${note}, ${by}, ${at}
      FROM guideline_versions WHERE project_id = ${project} RETURNING version`,
  )
  await sql`UPDATE projects SET guideline_version = ${version} WHERE id = ${project}`.execute(trx)
  return version
}

/** People's answers in force by the version that they were given under, the newest first. */
export const answersByVersion = (db: Db, project: string): Promise<{ version: number; answers: number }[]> =>
  all(
    db,
    sql<{ version: number; answers: number }>`
      SELECT guideline_version AS version, count(*)::int AS answers FROM annotations_in_force
      WHERE project_id = ${project} AND source = 'person' AND guideline_version IS NOT NULL
      GROUP BY guideline_version ORDER BY guideline_version DESC`,
  )
