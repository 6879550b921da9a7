/** Invitations: a link that is good once and for a while. Its token is kept as a digest only. */
import { z } from 'zod'
import { done, endpoint, id, inProject, timestamp } from '../../platform/contract.ts'
import { email, password, personName, roleName, skills } from '../shapes.ts'

export const invitation = z.object({
  id,
  email: z.string().nullable(),
  role: roleName,
  skills: z.array(z.string()),
  invitedBy: z.string().nullable(),
  createdAt: timestamp,
  expiresAt: timestamp,
})
export type Invitation = z.infer<typeof invitation>

/** What whoever holds the link may see. */
export const offer = z.object({
  /** `setup`: the first owner; `project`: joins a project; `password`: sets a new password. */
  kind: z.enum(['setup', 'project', 'password']),
  project: z.string().nullable(),
  role: roleName.nullable(),
  /** Fixed by whoever invited; null: typed in by the invited. */
  email: z.string().nullable(),
  name: z.string().nullable(),
  invitedBy: z.string().nullable(),
  expiresAt: timestamp,
  /** The address has an account: sign in with it, then accept. */
  hasAccount: z.boolean(),
})
export type Offer = z.infer<typeof offer>

const token = z.string().min(20).max(100)

export const invitations = {
  list: endpoint('GET', '/projects/{project}/invitations', 'member.write', 'Invitations that are still open')
    .input(inProject)
    .output(z.object({ rows: z.array(invitation) })),
  create: endpoint(
    'POST',
    '/projects/{project}/invitations',
    'member.write',
    'Invite somebody; the link is shown this once',
  )
    .input(
      inProject.extend({
        role: roleName,
        email: email.optional(),
        skills: skills.default([]),
        expiresInDays: z.number().int().min(1).max(90).default(7),
      }),
    )
    .output(invitation.extend({ link: z.string() })),
  revoke: endpoint('DELETE', '/projects/{project}/invitations/{invitation}', 'member.write', 'Take an invitation back')
    .input(inProject.extend({ invitation: id }))
    .output(done),
  show: endpoint('GET', '/invitations/{token}', 'public', 'What a link is for')
    .input(z.object({ token }))
    .output(offer),
  accept: endpoint('POST', '/invitations/{token}/accept', 'public', 'Accept an invitation', {
    description:
      'Somebody new sends name, password and, where the invitation leaves it open, e-mail address, and is signed in. ' +
      'Somebody who is signed in sends nothing and joins the project.',
  })
    .route({ outputStructure: 'detailed' })
    .input(z.object({ token, name: personName.optional(), email: email.optional(), password: password.optional() }))
    .output(
      z.object({
        headers: z.object({ 'set-cookie': z.array(z.string()).optional() }).optional(),
        body: z.object({
          person: id,
          project: id.nullable(),
          /** A code of the authenticator app is asked for before the session begins. */
          secondFactor: z.boolean(),
        }),
      }),
    ),
}
