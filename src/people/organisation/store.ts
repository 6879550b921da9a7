/** SQL of everybody with an account. */
import { sql } from 'kysely'
import { newId } from '../../platform/ids.ts'
import { all, containing, type Db, first, pageFrom } from '../../platform/sql.ts'
import type { Person } from './contract.ts'

interface Row {
  id: string
  name: string
  email: string
  owner: boolean
  disabled: boolean
  two_factor_enabled: boolean
  simulated_as: string | null
  projects: number
  created_at: Date
}
const columns = sql`p.id, p.name, p.email, p.organisation_role = 'owner' AS owner, p.disabled_at IS NOT NULL AS disabled,
  p.two_factor_enabled, p.simulated_as, p.created_at,
  (SELECT count(*) FROM memberships m WHERE m.person_id = p.id) AS projects`

const toPerson = (row: Row): Person => ({
  id: row.id,
  name: row.name,
  email: row.email,
  owner: row.owner,
  disabled: row.disabled,
  twoFactor: row.two_factor_enabled,
  simulatedAs: row.simulated_as,
  projects: row.projects,
  createdAt: row.created_at.toISOString(),
})

/** `after`: the person that the page before ended with; `search`: a part of the name or of the address. */
export async function listPeople(
  db: Db,
  { after, limit, search }: { after?: string; limit: number; search?: string },
): Promise<{ rows: Person[]; next: string | null }> {
  const part = search ? containing(search) : null
  const rows = await all(
    db,
    sql<Row>`SELECT ${columns} FROM people p
      WHERE (${after ?? null}::uuid IS NULL OR p.id > ${after ?? null}::uuid)
        AND (${part}::text IS NULL OR p.name ILIKE ${part} OR p.email ILIKE ${part})
      ORDER BY p.id LIMIT ${limit + 1}`,
  )
  return pageFrom(rows.map(toPerson), limit, ({ id }) => id)
}

export async function findPerson(db: Db, id: string): Promise<Person | undefined> {
  const row = await first(db, sql<Row>`SELECT ${columns} FROM people p WHERE p.id = ${id}`)
  return row && toPerson(row)
}

export const findPersonByEmail = (db: Db, email: string) =>
  first(
    db,
    sql<{ id: string; name: string; disabled: boolean; hasCredential: boolean }>`
      SELECT p.id, p.name, p.disabled_at IS NOT NULL AS disabled,
        EXISTS (SELECT 1 FROM credentials c WHERE c.person_id = p.id) AS "hasCredential"
      FROM people p WHERE p.email = ${email}`,
  )

/** Owners who are not disabled, locked: two of them who leave at once are looked at one by one. */
export const lockOwners = async (trx: Db): Promise<string[]> =>
  (
    await all(
      trx,
      sql<{ id: string }>`SELECT id FROM people WHERE organisation_role = 'owner' AND disabled_at IS NULL
        ORDER BY id FOR UPDATE`,
    )
  ).map((row) => row.id)

export const changePerson = (trx: Db, id: string, change: { owner?: boolean; disabled?: boolean }, at: Date) =>
  sql`UPDATE people SET
      organisation_role = CASE ${change.owner ?? null}::boolean WHEN true THEN 'owner' WHEN false THEN 'member'
        ELSE organisation_role END,
      disabled_at = CASE ${change.disabled ?? null}::boolean WHEN true THEN coalesce(disabled_at, ${at})
        WHEN false THEN NULL ELSE disabled_at END,
      updated_at = ${at}
    WHERE id = ${id}`.execute(trx)

export async function dropSecondFactor(trx: Db, person: string): Promise<void> {
  await sql`DELETE FROM two_factors WHERE person_id = ${person}`.execute(trx)
  await sql`UPDATE people SET two_factor_enabled = false WHERE id = ${person}`.execute(trx)
}

export const revokeKeysOf = (trx: Db, person: string, at: Date) =>
  sql`UPDATE api_keys SET revoked_at = ${at} WHERE person_id = ${person} AND revoked_at IS NULL`.execute(trx)

interface NewPerson {
  email: string
  name: string
  /** Somebody with a say has named the address, so that an identity provider may vouch for it. */
  emailVerified: boolean
  owner?: boolean
  simulatedAs?: string
}

/** Adds people, one statement; returns their ids in the order given. Fails on an address that is taken (23505). */
export async function addPeople(trx: Db, people: NewPerson[]): Promise<string[]> {
  const ids = people.map(() => newId())
  await sql`
    INSERT INTO people (id, email, name, email_verified, organisation_role, simulated_as)
    SELECT * FROM unnest(${ids}::uuid[], ${people.map((person) => person.email)}::text[],
      ${people.map((person) => person.name)}::text[], ${people.map((person) => person.emailVerified)}::boolean[],
      ${people.map((person) => (person.owner ? 'owner' : 'member'))}::text[],
      ${people.map((person) => person.simulatedAs ?? null)}::text[])`.execute(trx)
  return ids
}
