/** SQL of the audit log as people read it. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { all, containing, type Db, pageFrom } from '../../platform/sql.ts'
import type { AuditRow, audit } from './contract.ts'

type ListInput = z.infer<NonNullable<(typeof audit.list)['~orpc']['inputSchema']>>

interface Row extends Omit<AuditRow, 'at' | 'actor'> {
  at: Date
  actor: string
  person: string | null
  name: string | null
  simulated: boolean
}

export async function listAudit(
  db: Db,
  { project, after, limit, action, person }: ListInput,
): Promise<{ rows: AuditRow[]; next: string | null }> {
  const rows = await all(
    db,
    sql<Row>`
      SELECT a.id, a.at, a.actor, a.action, a.subject, p.id AS person, p.name, p.simulated_as IS NOT NULL AS simulated, c.sequence
      FROM audit a LEFT JOIN audit_chain c ON c.audit_id = a.id
      LEFT JOIN people p ON p.id = CASE WHEN a.actor NOT IN ('operator', 'system') THEN a.actor::uuid END
      WHERE a.project_id = ${project}
        AND ${after ? sql`(a.at, a.id) < (SELECT b.at, b.id FROM audit b WHERE b.id = ${after})` : sql`true`}
        AND ${action ? sql`a.action ILIKE ${containing(action)}` : sql`true`}
        AND ${person ? sql`a.actor = ANY(${person}::text[])` : sql`true`}
      ORDER BY a.at DESC, a.id DESC LIMIT ${limit + 1}`,
  )
  const shown = rows.map(({ at, actor, person, name, simulated, ...row }) => ({
    ...row,
    at: at.toISOString(),
    actor: { id: person, name: name ?? actor, simulated },
  }))
  return pageFrom(shown, limit, ({ id }) => id)
}
