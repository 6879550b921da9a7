/** SQL of one's own account. */
import { sql } from 'kysely'
import { newId, newSecret, sha256 } from '../../platform/ids.ts'
import { all, type Db, first, one } from '../../platform/sql.ts'
import type { ApiKey, Me, SessionShown } from './contract.ts'

/** A person with their projects; an owner of the organisation is lead of all. */
export async function findMe(db: Db, id: string, via: Me['via'], keyProject: string | null): Promise<Me> {
  const row = await one(
    db,
    sql<Omit<Me, 'via'>>`
      SELECT p.id, p.name, p.email, p.organisation_role = 'owner' AS owner, p.two_factor_enabled AS "twoFactor",
        EXISTS (SELECT 1 FROM credentials c WHERE c.person_id = p.id AND c.password IS NOT NULL) AS "hasPassword",
        coalesce((SELECT jsonb_agg(jsonb_build_object('id', j.id, 'name', j.name, 'archived', j.archived_at IS NOT NULL,
              'role', CASE WHEN p.organisation_role = 'owner' THEN 'lead' ELSE m.role END)
            ORDER BY j.archived_at IS NOT NULL, j.created_at DESC)
          FROM projects j LEFT JOIN memberships m ON m.project_id = j.id AND m.person_id = p.id
          WHERE (m.role IS NOT NULL OR p.organisation_role = 'owner')
            AND (${keyProject}::uuid IS NULL OR j.id = ${keyProject}::uuid)), '[]') AS projects
      FROM people p WHERE p.id = ${id}`,
  )
  return { ...row, via }
}

export const rename = (trx: Db, id: string, name: string) =>
  sql`UPDATE people SET name = ${name}, updated_at = now() WHERE id = ${id}`.execute(trx)

export const passwordOf = async (db: Db, person: string): Promise<string | undefined> =>
  (
    await first(
      db,
      sql<{ password: string }>`SELECT password FROM credentials
        WHERE person_id = ${person} AND provider_id = 'credential' AND password IS NOT NULL`,
    )
  )?.password

/** Sets the digest of a password, as better-auth looks it up. */
export const setPassword = (trx: Db, person: string, hash: string) =>
  sql`
    INSERT INTO credentials (id, person_id, account_id, provider_id, password)
    VALUES (${newId()}, ${person}, ${person}, 'credential', ${hash})
    ON CONFLICT (provider_id, account_id) DO UPDATE SET password = excluded.password, updated_at = now()`.execute(trx)

interface SessionRow {
  id: string
  ip_address: string | null
  user_agent: string | null
  created_at: Date
  expires_at: Date
}

export async function listSessions(db: Db, person: string, current: string | undefined): Promise<SessionShown[]> {
  const rows = await all(
    db,
    sql<SessionRow>`SELECT id, ip_address, user_agent, created_at, expires_at FROM sessions
      WHERE person_id = ${person} AND expires_at > now() ORDER BY created_at DESC LIMIT 200`,
  )
  return rows.map((row) => ({
    id: row.id,
    current: row.id === current,
    ipAddress: row.ip_address,
    userAgent: row.user_agent,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }))
}

/** Ends one session of a person; false: it is not theirs, or is over. */
export const endSession = async (db: Db, person: string, session: string): Promise<boolean> =>
  (await all(db, sql`DELETE FROM sessions WHERE id = ${session} AND person_id = ${person} RETURNING id`)).length > 0

/** Ends the sessions of a person, but for `kept`; returns how many. */
export const endSessions = async (db: Db, person: string, kept?: string): Promise<number> =>
  (
    await all(
      db,
      sql`DELETE FROM sessions WHERE person_id = ${person} AND id IS DISTINCT FROM ${kept ?? null}::uuid RETURNING id`,
    )
  ).length

interface KeyRow {
  id: string
  name: string
  prefix: string
  project_id: string | null
  actions: ApiKey['actions']
  expires_at: Date | null
  last_used_at: Date | null
  created_at: Date
}
const toKey = (row: KeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  project: row.project_id,
  actions: row.actions,
  expiresAt: row.expires_at?.toISOString() ?? null,
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
})

export async function listKeys(db: Db, person: string): Promise<ApiKey[]> {
  const rows = await all(
    db,
    sql<KeyRow>`SELECT id, name, prefix, project_id, actions, expires_at, last_used_at, created_at FROM api_keys
      WHERE person_id = ${person} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
      ORDER BY id DESC LIMIT 200`,
  )
  return rows.map(toKey)
}

interface NewKey {
  person: string
  name: string
  project?: string
  actions?: string[]
  expiresAt?: Date
}

/** Makes keys, one a row, in one statement; each is returned whole this once and kept as a digest. */
export async function addKeys(trx: Db, keys: NewKey[]): Promise<(ApiKey & { key: string; person: string })[]> {
  const made = keys.map((key) => ({ ...key, id: newId(), secret: `pl_${newSecret()}` }))
  const rows = await all(
    trx,
    sql<KeyRow>`
      INSERT INTO api_keys (id, person_id, name, prefix, hash, project_id, actions, expires_at)
      SELECT id, person, name, prefix, hash, project, CASE WHEN actions IS NULL THEN NULL
        ELSE ARRAY(SELECT jsonb_array_elements_text(actions)) END, expires
      FROM unnest(${made.map((key) => key.id)}::uuid[], ${made.map((key) => key.person)}::uuid[],
        ${made.map((key) => key.name)}::text[], ${made.map((key) => key.secret.slice(0, 9))}::text[],
        ${made.map((key) => sha256(key.secret))}::bytea[], ${made.map((key) => key.project ?? null)}::uuid[],
        ${made.map((key) => (key.actions ? JSON.stringify(key.actions) : null))}::jsonb[],
        ${made.map((key) => key.expiresAt ?? null)}::timestamptz[])
        AS made (id, person, name, prefix, hash, project, actions, expires)
      RETURNING id, name, prefix, project_id, actions, expires_at, last_used_at, created_at`,
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  return made.map((key) => ({ ...toKey(byId.get(key.id)!), key: key.secret, person: key.person }))
}

/** Revokes one key of a person; false: it is not theirs, or was revoked before. */
export const revokeKey = async (trx: Db, person: string, key: string, at: Date): Promise<boolean> =>
  (
    await all(
      trx,
      sql`UPDATE api_keys SET revoked_at = ${at} WHERE id = ${key} AND person_id = ${person} AND revoked_at IS NULL
        RETURNING id`,
    )
  ).length > 0

/** Whether an owner can sign in: before that, the setup link is the way in. */
export const ownerExists = async (db: Db): Promise<boolean> =>
  Boolean(
    await first(
      db,
      sql`SELECT 1 FROM people p WHERE p.organisation_role = 'owner' AND p.disabled_at IS NULL
        AND EXISTS (SELECT 1 FROM credentials c WHERE c.person_id = p.id)`,
    ),
  )
