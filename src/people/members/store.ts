/** SQL of memberships. */
import { sql } from 'kysely'
import { all, containing, type Db, first, pageFrom } from '../../platform/sql.ts'
import type { Role } from '../roles.ts'
import type { Member } from './contract.ts'

interface Row {
  person_id: string
  name: string
  email: string
  role: Role
  skills: string[]
  simulated_as: string | null
  disabled: boolean
  created_at: Date
}
const columns = sql`m.person_id, p.name, p.email, m.role, m.skills, p.simulated_as, p.disabled_at IS NOT NULL AS disabled, m.created_at`

const toMember = (row: Row): Member => ({
  person: row.person_id,
  name: row.name,
  email: row.email,
  role: row.role,
  skills: row.skills,
  simulatedAs: row.simulated_as,
  disabled: row.disabled,
  joinedAt: row.created_at.toISOString(),
})

/** `after`: the person that the page before ended with; `search`: a part of the name or of the address. */
export async function listMembers(
  db: Db,
  project: string,
  { after, limit, role, search }: { after?: string; limit: number; role?: Role[]; search?: string },
): Promise<{ rows: Member[]; next: string | null }> {
  const rows = await all(
    db,
    sql<Row>`
      SELECT ${columns} FROM memberships m JOIN people p ON p.id = m.person_id
      WHERE m.project_id = ${project} AND (${after ?? null}::uuid IS NULL OR m.person_id > ${after ?? null}::uuid)
        AND ${role ? sql`m.role = ANY(${role})` : sql`true`}
        AND ${search ? sql`(p.name ILIKE ${containing(search)} OR p.email ILIKE ${containing(search)})` : sql`true`}
      ORDER BY m.person_id LIMIT ${limit + 1}`,
  )
  return pageFrom(rows.map(toMember), limit, ({ person }) => person)
}

export async function findMember(db: Db, project: string, person: string): Promise<Member | undefined> {
  const row = await first(
    db,
    sql<Row>`SELECT ${columns} FROM memberships m JOIN people p ON p.id = m.person_id
      WHERE m.project_id = ${project} AND m.person_id = ${person}`,
  )
  return row && toMember(row)
}

/** Those who lead the project and are not disabled, locked: two leads who leave at once are looked at one by one. */
export const lockLeads = async (trx: Db, project: string): Promise<string[]> =>
  (
    await all(
      trx,
      sql<{ person_id: string }>`SELECT m.person_id FROM memberships m JOIN people p ON p.id = m.person_id
        WHERE m.project_id = ${project} AND m.role = 'lead' AND p.disabled_at IS NULL
        ORDER BY m.person_id FOR UPDATE OF m`,
    )
  ).map((row) => row.person_id)

export const changeMember = (trx: Db, project: string, person: string, change: { role?: Role; skills?: string[] }) =>
  sql`UPDATE memberships SET role = coalesce(${change.role ?? null}, role),
      skills = coalesce(${change.skills ?? null}::text[], skills)
    WHERE project_id = ${project} AND person_id = ${person}`.execute(trx)

export const removeMember = (trx: Db, project: string, person: string) =>
  sql`DELETE FROM memberships WHERE project_id = ${project} AND person_id = ${person}`.execute(trx)

/** Adds people to a project, or gives them the role where they are members already; one statement. */
export const addMembers = (trx: Db, project: string, people: string[], role: Role, skills: string[] = []) =>
  sql`
    INSERT INTO memberships (project_id, person_id, role, skills)
    SELECT ${project}, person, ${role}, ${skills}::text[] FROM unnest(${people}::uuid[]) AS person
    ON CONFLICT (project_id, person_id) DO UPDATE SET role = excluded.role,
      skills = CASE WHEN excluded.skills = '{}' THEN memberships.skills ELSE excluded.skills END`.execute(trx)
