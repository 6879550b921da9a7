/** SQL of projects. */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Role } from '../people/roles.ts'
import { fail } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import { all, type Db, first, json, one } from '../platform/sql.ts'
import { type Project, settings } from './contract.ts'

interface Row {
  id: string
  name: string
  description: string
  role: Role
  lease_seconds: number
  guideline_version: number | null
  settings: unknown
  demo: boolean
  demo_problem: string | null
  archived_at: Date | null
  created_at: Date
}
const columns = sql`p.id, p.name, p.description, p.lease_seconds, p.guideline_version, p.settings, p.demo, p.demo_problem, p.archived_at, p.created_at`

const toProject = (row: Row): Project => ({
  id: row.id,
  name: row.name,
  description: row.description,
  role: row.role,
  leaseSeconds: row.lease_seconds,
  guidelineVersion: row.guideline_version,
  settings: settings.parse(row.settings),
  demo: row.demo,
  demoProblem: row.demo_problem,
  archived: row.archived_at !== null,
  createdAt: row.created_at.toISOString(),
})

/** Projects of a person; an owner of the organisation is lead of all. */
export async function listProjects(db: Db, person: string, owner: boolean): Promise<Project[]> {
  const rows = await all(
    db,
    sql<Row>`
      SELECT ${columns}, CASE WHEN ${owner} THEN 'lead' ELSE m.role END AS role
      FROM projects p LEFT JOIN memberships m ON m.project_id = p.id AND m.person_id = ${person}::uuid
      WHERE ${owner} OR m.role IS NOT NULL
      ORDER BY p.archived_at IS NOT NULL, p.created_at DESC, p.id`,
  )
  return rows.map(toProject)
}

export async function findProject(db: Db, id: string, role: Role): Promise<Project | undefined> {
  const row = await first(db, sql<Row>`SELECT ${columns}, ${role}::text AS role FROM projects p WHERE id = ${id}::uuid`)
  return row && toProject(row)
}

/** By id or by its exact name, for the command line; a name that stands twice is not found. */
export async function findProjectByName(db: Db, nameOrId: string): Promise<{ id: string; name: string } | undefined> {
  const rows = await all(
    db,
    sql<{
      id: string
      name: string
    }>`SELECT id, name FROM projects WHERE id::text = ${nameOrId} OR name = ${nameOrId} LIMIT 2`,
  )
  return rows.length === 1 ? rows[0] : rows.find((row) => row.id === nameOrId)
}

export const projectNamed = async (db: Db, nameOrId: string): Promise<{ id: string; name: string }> =>
  (await findProjectByName(db, nameOrId)) ??
  fail('not_found', 'There is no project of that id or name.', {
    where: `--project ${nameOrId}`,
    hint: '`./plumbline project list` shows them.',
  })

interface NewProject {
  name: string
  description?: string
  leaseSeconds?: number
  settings?: object
  demo?: boolean
}

/** Adds a project; `lead` becomes its first member. */
export async function addProject(trx: Db, project: NewProject, lead: string | undefined): Promise<string> {
  const id = newId()
  await sql`
    INSERT INTO projects (id, name, description, lease_seconds, settings, hash_salt, demo)
    VALUES (${id}, ${project.name}, ${project.description ?? ''}, ${project.leaseSeconds ?? 1800},
      ${json(project.settings ?? {})}, ${randomBytes(16)}, ${project.demo ?? false})`.execute(trx)
  await sql`INSERT INTO guideline_drafts (project_id) VALUES (${id})`.execute(trx)
  if (lead)
    await sql`INSERT INTO memberships (project_id, person_id, role) VALUES (${id}, ${lead}, 'lead')`.execute(trx)
  return id
}

export const changeProject = (trx: Db, id: string, change: Partial<NewProject>) =>
  sql`
    UPDATE projects SET name = coalesce(${change.name ?? null}, name),
      description = coalesce(${change.description ?? null}, description),
      lease_seconds = coalesce(${change.leaseSeconds ?? null}, lease_seconds),
      settings = settings || ${json(change.settings ?? {})}
    WHERE id = ${id}`.execute(trx)

export const setArchived = (trx: Db, id: string, at: Date | null) =>
  sql`UPDATE projects SET archived_at = ${at} WHERE id = ${id}`.execute(trx)

export const noteDemoProblem = (trx: Db, id: string, problem: string | null) =>
  sql`UPDATE projects SET demo_problem = ${problem} WHERE id = ${id}`.execute(trx)

/** The version under which people work now; null before any is published. */
export const guidelineInForce = async (db: Db, project: string): Promise<number | null> =>
  (
    await one(
      db,
      sql<{ version: number | null }>`SELECT guideline_version AS version FROM projects WHERE id = ${project}`,
    )
  ).version

/** The salt under which a project's messages are hashed. */
export const saltOf = async (db: Db, project: string): Promise<Buffer> =>
  (await one(db, sql<{ hash_salt: Buffer }>`SELECT hash_salt FROM projects WHERE id = ${project}`)).hash_salt
