/** SQL of invitations. The token is 256 random bits, looked up by its digest: comparing takes no time that depends on it. */
import { sql } from 'kysely'
import { newId, newSecret, sha256 } from '../../platform/ids.ts'
import { all, type Db, first, inTransaction } from '../../platform/sql.ts'
import { ownerExists } from '../account/store.ts'
import type { Role } from '../roles.ts'
import type { Invitation } from './contract.ts'

const dayMs = 24 * 3600 * 1000

export const linkTo = (publicUrl: string, token: string): string =>
  `${publicUrl.replace(/\/+$/, '')}/invitation/${token}`

interface NewInvitation {
  /** Whom it sets a new password for; the rest is of no use then. */
  person?: string
  email?: string
  owner?: boolean
  project?: string
  role?: Role
  skills?: string[]
  /** undefined: the operator. */
  invitedBy?: string
  days: number
}

interface MadeInvitation {
  id: string
  token: string
  expiresAt: Date
}

/** Makes invitations, one statement; each token is returned this once. */
export async function addInvitations(trx: Db, wanted: NewInvitation[], at: Date): Promise<MadeInvitation[]> {
  const made = wanted.map(({ days }) => ({
    id: newId(),
    token: newSecret(),
    expiresAt: new Date(at.getTime() + days * dayMs),
  }))
  await sql`
    INSERT INTO invitations (id, token_hash, expires_at, person_id, email, organisation_role, project_id, role, skills,
      invited_by, created_at)
    SELECT id, hash, expires, person, email, organisation_role, project, role,
      ARRAY(SELECT jsonb_array_elements_text(skills)), inviter, ${at}
    FROM unnest(${made.map(({ id }) => id)}::uuid[], ${made.map(({ token }) => sha256(token))}::bytea[],
      ${made.map(({ expiresAt }) => expiresAt)}::timestamptz[], ${wanted.map(({ person }) => person ?? null)}::uuid[],
      ${wanted.map(({ email }) => email ?? null)}::text[],
      ${wanted.map(({ owner }) => (owner ? 'owner' : 'member'))}::text[],
      ${wanted.map(({ project }) => project ?? null)}::uuid[], ${wanted.map(({ role }) => role ?? null)}::text[],
      ${wanted.map(({ skills }) => JSON.stringify(skills ?? []))}::jsonb[],
      ${wanted.map(({ invitedBy }) => invitedBy ?? null)}::uuid[])
      AS made (id, hash, expires, person, email, organisation_role, project, role, skills, inviter)`.execute(trx)
  return made
}

export interface InvitationRow {
  id: string
  email: string | null
  person_id: string | null
  organisation_role: 'owner' | 'member'
  project_id: string | null
  project: string | null
  role: Role | null
  skills: string[]
  invited_by: string | null
  inviter: string | null
  created_at: Date
  expires_at: Date
  accepted_at: Date | null
  revoked_at: Date | null
}
const columns = sql`i.id, i.email, i.person_id, i.organisation_role, i.project_id, i.role, i.skills, i.invited_by,
  i.created_at, i.expires_at, i.accepted_at, i.revoked_at, j.name AS project, p.name AS inviter`
const joined = sql`invitations i LEFT JOIN projects j ON j.id = i.project_id LEFT JOIN people p ON p.id = i.invited_by`

export const findInvitation = (db: Db, token: string): Promise<InvitationRow | undefined> =>
  first(db, sql<InvitationRow>`SELECT ${columns} FROM ${joined} WHERE i.token_hash = ${sha256(token)}`)

/** Takes an open invitation: of two who accept it at once, one gets true. */
export const takeInvitation = async (trx: Db, id: string, at: Date): Promise<boolean> =>
  (
    await all(
      trx,
      sql`UPDATE invitations SET accepted_at = ${at}
        WHERE id = ${id} AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > ${at} RETURNING id`,
    )
  ).length > 0

const toInvitation = (row: InvitationRow): Invitation => ({
  id: row.id,
  email: row.email,
  role: row.role!,
  skills: row.skills,
  invitedBy: row.inviter,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
})

export async function listInvitations(db: Db, project: string, at: Date): Promise<Invitation[]> {
  const rows = await all(
    db,
    sql<InvitationRow>`SELECT ${columns} FROM ${joined}
      WHERE i.project_id = ${project} AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > ${at}
      ORDER BY i.id DESC LIMIT 1000`,
  )
  return rows.map(toInvitation)
}

/** Takes an open invitation of a project back; false: there is none, or it is over. */
export const revokeInvitation = async (trx: Db, project: string, id: string, at: Date): Promise<boolean> =>
  (
    await all(
      trx,
      sql`UPDATE invitations SET revoked_at = ${at}
        WHERE id = ${id} AND project_id = ${project} AND accepted_at IS NULL AND revoked_at IS NULL RETURNING id`,
    )
  ).length > 0

/** Password links that were made before are void once a password is set. */
export const revokePasswordLinks = (trx: Db, person: string, at: Date) =>
  sql`UPDATE invitations SET revoked_at = ${at}
    WHERE person_id = ${person} AND accepted_at IS NULL AND revoked_at IS NULL`.execute(trx)

/**
 * A fresh one-time link with which the first owner sets up Plumbline; undefined once an owner can sign in. Links made
 * before are void: only the one that was printed last works.
 */
export function ensureSetupLink(db: Db, publicUrl: string, clock: () => Date): Promise<string | undefined> {
  return inTransaction(db, async (trx) => {
    if (await ownerExists(trx)) return undefined
    const at = clock()
    await sql`UPDATE invitations SET revoked_at = ${at}
      WHERE organisation_role = 'owner' AND accepted_at IS NULL AND revoked_at IS NULL`.execute(trx)
    const [made] = await addInvitations(trx, [{ owner: true, days: 7 }], at)
    return linkTo(publicUrl, made!.token)
  })
}
