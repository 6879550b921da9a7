/** Bringing people in by the operator's hand: many at once, in a few statements. */
import { sql } from 'kysely'
import { type AuditEntry, recordAudit } from '../platform/audit.ts'
import { fail } from '../platform/errors.ts'
import { all, type Db, inTransaction } from '../platform/sql.ts'
import { addKeys } from './account/store.ts'
import { addInvitations, linkTo } from './invitations/store.ts'
import { addMembers } from './members/store.ts'
import { addPeople, dropSecondFactor, findPersonByEmail } from './organisation/store.ts'
import type { Role } from './roles.ts'
import { email as emailShape } from './shapes.ts'

interface Enrolment {
  emails: string[]
  project: string
  role: Role
  /** Make each an API key for the project, instead of a link to set a password with. */
  key: boolean
  publicUrl: string
  /** What kind of person is simulated: a program answers in their name, and every screen says so. */
  simulatedAs?: string
}

interface Enrolled {
  id: string
  email: string
  key?: string
  /** Where somebody who has no password yet sets one. */
  link?: string
}

/** Addresses as they are stored, each once; the first that is none is named. */
function addresses(typed: string[]): string[] {
  const parsed = typed.map((text) => {
    const { success, data } = emailShape.safeParse(text)
    return success ? data : fail('bad_input', `This is not an e-mail address: ${text}`, { where: text })
  })
  return [...new Set(parsed)]
}

const linkDays = 14

/** Makes the people who are not there yet members of a project; those who are get the role. All of them or none. */
export const enrol = (db: Db, enrolment: Enrolment, at: Date): Promise<Enrolled[]> =>
  inTransaction(db, (trx) => enrolIn(trx, enrolment, at))

/** `enrol` inside the caller's transaction. */
export async function enrolIn(
  trx: Db,
  { emails, project, role, key, publicUrl, simulatedAs }: Enrolment,
  at: Date,
): Promise<Enrolled[]> {
  const wanted = addresses(emails)
  const known = new Map(
    (
      await all(
        trx,
        sql<{ id: string; email: string; password: boolean; simulated: string | null }>`
            SELECT p.id, p.email, p.simulated_as AS simulated, EXISTS (SELECT 1 FROM credentials c WHERE c.person_id = p.id) AS password
            FROM people p WHERE p.email = ANY(${wanted}::text[])`,
      )
    ).map((row) => [row.email, row]),
  )
  const real = simulatedAs && [...known.values()].find(({ simulated }) => simulated === null)
  if (real)
    fail('conflict', `${real.email} is the account of somebody real.`, {
      where: real.email,
      hint: 'Simulated people have addresses of their own.',
    })
  const missing = wanted.filter((email) => !known.has(email))
  const named = missing.map((email) => ({ email, name: email.split('@')[0]!, emailVerified: true, simulatedAs }))
  const added = await addPeople(trx, named)
  for (const [i, email] of missing.entries())
    known.set(email, { id: added[i]!, email, password: false, simulated: simulatedAs ?? null })
  const people = wanted.map((email) => known.get(email)!)
  await addMembers(
    trx,
    project,
    people.map(({ id }) => id),
    role,
  )
  const keys = key
    ? await addKeys(
        trx,
        people.map(({ id }) => ({ person: id, name: 'command line', project })),
      )
    : []
  const newcomers = key ? [] : people.filter(({ password }) => !password)
  const links = await addInvitations(
    trx,
    newcomers.map(({ id }) => ({ person: id, days: linkDays })),
    at,
  )
  await recordAudit(
    trx,
    [
      ...people.map(({ id }) => entry('member.add', `person ${id}`, project, { role })),
      ...keys.map(({ id, person }) => entry('key.create', `key ${id}`, project, { person })),
      ...newcomers.map(({ id }) => entry('person.password-link', `person ${id}`)),
    ],
    at,
  )
  const keyOf = new Map(keys.map((made) => [made.person, made.key]))
  const linkOf = new Map(newcomers.map(({ id }, i) => [id, linkTo(publicUrl, links[i]!.token)]))
  return people.map(({ id, email }) => ({
    id,
    email,
    ...(keyOf.has(id) ? { key: keyOf.get(id) } : {}),
    ...(linkOf.has(id) ? { link: linkOf.get(id) } : {}),
  }))
}

const entry = (action: string, subject: string, project?: string, after?: unknown): AuditEntry => ({
  actor: 'operator',
  action,
  subject,
  project,
  after,
})

/** A link with which somebody sets a new password; good once, for two days. Can turn a lost second factor off as well. */
export function passwordLinkFor(
  db: Db,
  typed: string,
  { publicUrl, dropSecondFactor: drop }: { publicUrl: string; dropSecondFactor: boolean },
  at: Date,
): Promise<{ email: string; link: string }> {
  const [email] = addresses([typed])
  return inTransaction(db, async (trx) => {
    const person = await findPersonByEmail(trx, email!)
    if (!person) return fail('not_found', `Nobody has the address ${email}.`, { hint: './plumbline user list' })
    if (person.disabled)
      fail('conflict', 'This account is disabled.', { hint: 'An owner can enable it, in the browser.' })
    const [made] = await addInvitations(trx, [{ person: person.id, days: 2 }], at)
    if (drop) await dropSecondFactor(trx, person.id)
    const done = ['person.password-link', ...(drop ? ['person.second-factor-off'] : [])]
    await recordAudit(
      trx,
      done.map((action) => entry(action, `person ${person.id}`)),
      at,
    )
    return { email: email!, link: linkTo(publicUrl, made!.token) }
  })
}
