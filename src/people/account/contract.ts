/** One's own account: who one is, where one is signed in, the password, the API keys. */
import { z } from 'zod'
import { actions, done, endpoint, id, timestamp } from '../../platform/contract.ts'
import { password, personName, roleName } from '../shapes.ts'

export const me = z.object({
  id,
  name: z.string(),
  email: z.string(),
  /** Owner of the organisation. */
  owner: z.boolean(),
  twoFactor: z.boolean(),
  hasPassword: z.boolean(),
  via: z.enum(['session', 'key']),
  projects: z.array(z.object({ id, name: z.string(), role: roleName, archived: z.boolean() })),
})
export type Me = z.infer<typeof me>

export const session = z.object({
  id,
  /** The one that this call came with. */
  current: z.boolean(),
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  createdAt: timestamp,
  expiresAt: timestamp,
})
export type SessionShown = z.infer<typeof session>

const apiKey = z.object({
  id,
  name: z.string(),
  /** Its first characters, to know it by. */
  prefix: z.string(),
  /** The one project it is good for; null: every project of the person. */
  project: id.nullable(),
  /** What it may do at most; null: what the person may. */
  actions: z.array(z.enum(actions)).nullable(),
  expiresAt: timestamp.nullable(),
  /** To the hour. */
  lastUsedAt: timestamp.nullable(),
  createdAt: timestamp,
})
export type ApiKey = z.infer<typeof apiKey>

export const account = {
  signIn: endpoint('GET', '/sign-in', 'public', 'How people sign in here').output(
    z.object({
      /** False until the setup link was used. */
      setUp: z.boolean(),
      /** The name of the identity provider; null: passwords alone. */
      sso: z.string().nullable(),
    }),
  ),
  me: endpoint('GET', '/me', 'person', 'Who calls, and their projects').output(me),
  rename: endpoint('PATCH', '/me', 'person', "Change one's own name")
    .input(z.object({ name: personName }))
    .output(me),
  changePassword: endpoint('POST', '/me/password', 'person', "Change one's password; every other session ends")
    .input(z.object({ current: z.string().max(1000), next: password }))
    .output(done),
  sessions: {
    list: endpoint('GET', '/me/sessions', 'person', 'Where one is signed in').output(
      z.object({ rows: z.array(session) }),
    ),
    end: endpoint('DELETE', '/me/sessions/{session}', 'person', 'Sign out there')
      .input(z.object({ session: id }))
      .output(done),
    endOthers: endpoint('POST', '/me/sessions/end-others', 'person', 'Sign out everywhere else').output(
      z.object({ ended: z.number().int() }),
    ),
  },
  keys: {
    list: endpoint('GET', '/me/keys', 'person', "One's API keys that are in force").output(
      z.object({ rows: z.array(apiKey) }),
    ),
    create: endpoint('POST', '/me/keys', 'person', 'Make an API key; it is shown this once')
      .input(
        z.object({
          name: z.string().trim().min(1).max(100),
          project: id.optional(),
          actions: z.array(z.enum(actions)).min(1).optional(),
          expiresInDays: z.number().int().min(1).max(3650).optional(),
        }),
      )
      .output(apiKey.extend({ key: z.string() })),
    revoke: endpoint('DELETE', '/me/keys/{key}', 'person', 'Revoke an API key')
      .input(z.object({ key: id }))
      .output(done),
  },
}
