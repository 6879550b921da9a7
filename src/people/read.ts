/** Reads of people that every station uses. */
import { sql } from 'kysely'
import { type Db, first } from '../platform/sql.ts'
import type { Role } from './roles.ts'

/** The person's role in a project; an owner of the organisation is lead of every one. */
export const membershipOf = (
  db: Db,
  project: string,
  person: string,
): Promise<{ role: Role; skills: string[] } | undefined> =>
  first(
    db,
    sql<{ role: Role; skills: string[] }>`
      SELECT coalesce(m.role, 'lead') AS role, coalesce(m.skills, '{}') AS skills
      FROM people p LEFT JOIN memberships m ON m.person_id = p.id AND m.project_id = ${project}::uuid
      WHERE p.id = ${person}::uuid AND p.disabled_at IS NULL AND (m.role IS NOT NULL OR p.organisation_role = 'owner')`,
  )
