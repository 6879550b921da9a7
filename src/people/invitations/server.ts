import { implement } from '@orpc/server'
import { hashPassword } from 'better-auth/crypto'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { type Db, inTransaction, sqlState, uniqueViolation } from '../../platform/sql.ts'
import { authorised } from '../access.ts'
import { endSessions, setPassword } from '../account/store.ts'
import type { Auth, Session } from '../auth.ts'
import { addMembers, findMember } from '../members/store.ts'
import { addPeople, findPerson, findPersonByEmail } from '../organisation/store.ts'
import { passwordFault } from '../rules.ts'
import { invitations as contract, type Offer } from './contract.ts'
import { fault } from './rules.ts'
import {
  addInvitations,
  findInvitation,
  type InvitationRow,
  linkTo,
  listInvitations,
  revokeInvitation,
  revokePasswordLinks,
  takeInvitation,
} from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

async function openInvitation(db: Db, token: string, now: Date): Promise<InvitationRow> {
  const found = await findInvitation(db, token)
  if (!found)
    return fail('not_found', 'This link is not valid.', { where: 'token', hint: 'Check that it was copied whole.' })
  const { accepted_at, revoked_at, expires_at } = found
  const why = fault({ accepted: accepted_at !== null, revoked: revoked_at !== null, expiresAt: expires_at }, now)
  if (why) fail(why.code, why.message, why)
  return found
}

const kindOf = ({ person_id, organisation_role }: InvitationRow): Offer['kind'] =>
  person_id ? 'password' : organisation_role === 'owner' ? 'setup' : 'project'

/** What somebody new, or somebody who sets a password, has to send. */
interface Newcomer {
  name?: string
  email?: string
  password?: string
}

const need = (value: string | undefined, where: string, message: string): string =>
  value ?? fail('bad_input', message, { where })

/** A checked password, hashed before the transaction begins: that takes 50 ms of a core. */
async function hashFor(password: string | undefined, person: { email: string; name: string }): Promise<string> {
  const given = need(password, 'password', 'Choose a password.')
  const weak = passwordFault(given, person)
  if (weak) fail('bad_input', 'This password is too easy to guess.', { where: 'password', hint: weak })
  return hashPassword(given)
}

const take = async (trx: Db, invitation: InvitationRow, at: Date): Promise<void> => {
  if (!(await takeInvitation(trx, invitation.id, at))) fail('gone', 'This link was used already.', { hint: 'Sign in.' })
}

const joins = (trx: Db, { project_id, role, skills }: InvitationRow, person: string) =>
  project_id && role ? addMembers(trx, project_id, [person], role, skills) : undefined

export const invitations = (auth: Auth) => {
  type Platform = CallContext['platform']

  async function setNewPassword(platform: Platform, invitation: InvitationRow, { password }: Newcomer) {
    const person = await findPerson(platform.db, invitation.person_id!)
    if (!person || person.disabled) return fail('gone', 'This account was disabled.', { hint: 'Ask an owner.' })
    const hash = await hashFor(password, person)
    const at = platform.clock()
    await inTransaction(platform.db, async (trx) => {
      await take(trx, invitation, at)
      await setPassword(trx, person.id, hash)
      await revokePasswordLinks(trx, person.id, at)
      await endSessions(trx, person.id)
      await recordAudit(trx, [{ actor: person.id, action: 'person.password', subject: `person ${person.id}` }], at)
    })
    return person
  }

  async function join(platform: Platform, invitation: InvitationRow, session: Session) {
    const person = (await findPerson(platform.db, session.person))!
    if (invitation.email && invitation.email !== person.email)
      fail('conflict', `This invitation is for ${invitation.email}.`, { hint: 'Sign out, then open the link again.' })
    const at = platform.clock()
    await inTransaction(platform.db, async (trx) => {
      const before = invitation.project_id && (await findMember(trx, invitation.project_id, person.id))
      if (before)
        fail('conflict', 'You are a member of this project already.', { hint: `Your role is ${before.role}.` })
      await take(trx, invitation, at)
      await joins(trx, invitation, person.id)
      await recordAudit(trx, [accepted(invitation, person.id)], at)
    })
    return person
  }

  async function enrol(platform: Platform, invitation: InvitationRow, newcomer: Newcomer) {
    const email = invitation.email ?? need(newcomer.email, 'email', 'Enter your e-mail address.')
    const name = need(newcomer.name, 'name', 'Enter your name.')
    if (await findPersonByEmail(platform.db, email)) return taken()
    const hash = await hashFor(newcomer.password, { email, name })
    const at = platform.clock()
    const owner = invitation.organisation_role === 'owner'
    const person = await inTransaction(platform.db, async (trx) => {
      await take(trx, invitation, at)
      // Whoever set up Plumbline, or was invited by address, is known by it; an address typed in proves nothing.
      const emailVerified = owner || invitation.email !== null
      const [id] = await addPeople(trx, [{ email, name, emailVerified, owner }])
      await setPassword(trx, id!, hash)
      await joins(trx, invitation, id!)
      await recordAudit(trx, [accepted(invitation, id!)], at)
      return id!
    }).catch((error: unknown) => (sqlState(error) === uniqueViolation ? taken() : Promise.reject(error)))
    return { id: person, email }
  }

  return os.router({
    list: os.list.handler(async ({ input: { project }, context: { platform } }) => ({
      rows: await listInvitations(platform.db, project, platform.clock()),
    })),

    create: os.create.handler(({ input, context: { platform, caller } }) =>
      inTransaction(platform.db, async (trx) => {
        const { project, role, email, skills, expiresInDays } = input
        const known = email && (await findPersonByEmail(trx, email))
        if (known && (await findMember(trx, project, known.id)))
          fail('conflict', 'This person is a member of the project already.', { where: 'email' })
        const at = platform.clock()
        const wanted = { project, role, email, skills, invitedBy: caller.id, days: expiresInDays }
        const [made] = await addInvitations(trx, [wanted], at)
        await recordAudit(
          trx,
          [
            {
              actor: caller.id,
              action: 'invitation.create',
              subject: `invitation ${made!.id}`,
              project,
              after: { role, skills, expiresInDays },
            },
          ],
          at,
        )
        return {
          id: made!.id,
          link: linkTo(platform.publicUrl, made!.token),
          email: email ?? null,
          role,
          skills,
          invitedBy: caller.name,
          createdAt: at.toISOString(),
          expiresAt: made!.expiresAt.toISOString(),
        }
      }),
    ),

    revoke: os.revoke.handler(async ({ input: { project, invitation }, context: { platform, caller } }) => {
      await inTransaction(platform.db, async (trx) => {
        const at = platform.clock()
        if (!(await revokeInvitation(trx, project, invitation, at)))
          fail('not_found', 'There is no such invitation, or it is over.', { where: 'invitation' })
        await recordAudit(
          trx,
          [{ actor: caller.id, action: 'invitation.revoke', subject: `invitation ${invitation}`, project }],
          at,
        )
      })
      return { ok: true as const }
    }),

    show: os.show.handler(async ({ input: { token }, context: { platform } }): Promise<Offer> => {
      const found = await openInvitation(platform.db, token, platform.clock())
      const owner = found.person_id ? await findPerson(platform.db, found.person_id) : undefined
      const known = found.email ? await findPersonByEmail(platform.db, found.email) : undefined
      return {
        kind: kindOf(found),
        project: found.project,
        role: found.role,
        email: owner?.email ?? found.email,
        name: owner?.name ?? null,
        invitedBy: found.inviter,
        expiresAt: found.expires_at.toISOString(),
        hasAccount: known !== undefined,
      }
    }),

    accept: os.accept.handler(async ({ input: { token, ...newcomer }, context: { platform, headers, ip } }) => {
      const invitation = await openInvitation(platform.db, token, platform.clock())
      const session = await auth.sessionOf(headers)
      if (session && kindOf(invitation) === 'project') {
        const { id } = await join(platform, invitation, session)
        return { body: { person: id, project: invitation.project_id, secondFactor: false } }
      }
      const person = invitation.person_id
        ? await setNewPassword(platform, invitation, newcomer)
        : await enrol(platform, invitation, newcomer)
      const { cookies, secondFactor } = await auth.signIn(person.email, newcomer.password!, headers, ip)
      return {
        headers: { 'set-cookie': cookies },
        body: { person: person.id, project: invitation.project_id, secondFactor },
      }
    }),
  })
}

const accepted = (invitation: InvitationRow, person: string) => ({
  actor: person,
  action: 'invitation.accept',
  subject: `invitation ${invitation.id}`,
  project: invitation.project_id ?? undefined,
  after: { person, role: invitation.role, organisationRole: invitation.organisation_role },
})

const taken = (): never =>
  fail('conflict', 'There is an account with this e-mail address.', {
    where: 'email',
    hint: 'Sign in with it, then open the link again.',
  })
