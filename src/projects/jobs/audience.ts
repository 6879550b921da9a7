/** Who may be told of a live event. */
import { sql } from 'kysely'
import { allowed, type Role } from '../../people/roles.ts'
import type { Caller } from '../../platform/context.ts'
import type { LiveEvent } from '../../platform/live.ts'
import { all, type Db } from '../../platform/sql.ts'

type Sees = (event: LiveEvent) => boolean

/** By the memberships as they are now; an owner of the organisation is lead of every project. */
export async function audience(db: Db, caller: Caller, project: string | undefined): Promise<Sees> {
  const rows = await all(
    db,
    sql<{ project_id: string; role: Role }>`SELECT project_id, role FROM memberships WHERE person_id = ${caller.id}`,
  )
  const roles = new Map(rows.map((row) => [row.project_id, row.role]))
  return (event) => {
    if (caller.keyActions && !caller.keyActions.includes(event.action)) return false
    if (event.project === null) return event.person === caller.id && !project && !caller.keyProject
    if (project && event.project !== project) return false
    if (caller.keyProject && event.project !== caller.keyProject) return false
    if (event.person && event.person !== caller.id) return false
    const role = caller.owner ? 'lead' : roles.get(event.project)
    return role !== undefined && allowed[role].has(event.action)
  }
}
