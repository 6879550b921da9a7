import { implement } from '@orpc/server'
import { hashPassword, verifyPassword } from 'better-auth/crypto'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext, Caller } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { inTransaction } from '../../platform/sql.ts'
import { authorised } from '../access.ts'
import type { Auth } from '../auth.ts'
import { passwordFault } from '../rules.ts'
import { account as contract } from './contract.ts'
import {
  addKeys,
  endSession,
  endSessions,
  findMe,
  listKeys,
  listSessions,
  ownerExists,
  passwordOf,
  rename,
  revokeKey,
  setPassword,
} from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)
const ok = { ok: true as const }
const dayMs = 24 * 3600 * 1000

/** A key that leaked must not be able to make others, or to lock its owner out. */
function requireSession({ via }: Caller): void {
  if (via !== 'session')
    fail('forbidden', 'An API key may not do this.', { hint: 'Sign in with your password, in the browser.' })
}

const showMe = (platform: CallContext['platform'], caller: Caller) =>
  findMe(platform.db, caller.id, caller.via === 'key' ? 'key' : 'session', caller.keyProject)

export const account = (auth: Auth) =>
  os.router({
    signIn: os.signIn.handler(async ({ context: { platform } }) => ({
      setUp: await ownerExists(platform.db),
      sso: auth.sso,
    })),

    me: os.me.handler(({ context: { platform, caller } }) => showMe(platform, caller)),

    rename: os.rename.handler(async ({ input: { name }, context: { platform, caller } }) => {
      requireSession(caller)
      await inTransaction(platform.db, async (trx) => {
        await rename(trx, caller.id, name)
        await recordAudit(
          trx,
          [
            {
              actor: caller.id,
              action: 'person.rename',
              subject: `person ${caller.id}`,
              before: caller.name,
              after: name,
            },
          ],
          platform.clock(),
        )
      })
      return showMe(platform, caller)
    }),

    changePassword: os.changePassword.handler(async ({ input, context: { platform, caller, headers, ip } }) => {
      requireSession(caller)
      const attempt = await auth.limits(caller.email, ip)
      const hash = await passwordOf(platform.db, caller.id)
      if (!hash)
        fail('conflict', 'You sign in without a password.', {
          hint: 'Ask an owner of the organisation for a link to set one.',
        })
      if (!(await verifyPassword({ hash, password: input.current })))
        fail('bad_input', 'The password is wrong.', { where: 'current' })
      const fault = passwordFault(input.next, caller)
      if (fault) fail('bad_input', 'The new password is too easy to guess.', { where: 'next', hint: fault })
      await attempt.succeeded()
      const next = await hashPassword(input.next)
      const current = await auth.sessionOf(headers)
      await inTransaction(platform.db, async (trx) => {
        await setPassword(trx, caller.id, next)
        await endSessions(trx, caller.id, current?.id)
        await recordAudit(
          trx,
          [{ actor: caller.id, action: 'person.password', subject: `person ${caller.id}` }],
          platform.clock(),
        )
      })
      return ok
    }),

    sessions: {
      list: os.sessions.list.handler(async ({ context: { platform, caller, headers } }) => ({
        rows: await listSessions(platform.db, caller.id, (await auth.sessionOf(headers))?.id),
      })),
      end: os.sessions.end.handler(async ({ input: { session }, context: { platform, caller } }) => {
        requireSession(caller)
        if (!(await endSession(platform.db, caller.id, session)))
          fail('not_found', 'There is no such session.', { where: 'session' })
        return ok
      }),
      endOthers: os.sessions.endOthers.handler(async ({ context: { platform, caller, headers } }) => {
        requireSession(caller)
        const current = await auth.sessionOf(headers)
        return { ended: await endSessions(platform.db, caller.id, current?.id) }
      }),
    },

    keys: {
      list: os.keys.list.handler(async ({ context: { platform, caller } }) => ({
        rows: await listKeys(platform.db, caller.id),
      })),
      create: os.keys.create.handler(async ({ input, context: { platform, caller } }) => {
        requireSession(caller)
        const { projects } = await showMe(platform, caller)
        if (input.project && !projects.some(({ id }) => id === input.project))
          fail('not_found', 'There is no such project, or it is not yours.', { where: 'project' })
        const at = platform.clock()
        const { expiresInDays, ...wanted } = input
        const expiresAt = expiresInDays ? new Date(at.getTime() + expiresInDays * dayMs) : undefined
        return inTransaction(platform.db, async (trx) => {
          const [made] = await addKeys(trx, [{ ...wanted, person: caller.id, expiresAt }])
          const { key: _, person: __, ...shown } = made!
          await recordAudit(
            trx,
            [
              {
                actor: caller.id,
                action: 'key.create',
                subject: `key ${made!.id}`,
                project: input.project,
                after: shown,
              },
            ],
            at,
          )
          return { ...shown, key: made!.key }
        })
      }),
      revoke: os.keys.revoke.handler(async ({ input: { key }, context: { platform, caller } }) => {
        requireSession(caller)
        await inTransaction(platform.db, async (trx) => {
          if (!(await revokeKey(trx, caller.id, key, platform.clock())))
            fail('not_found', 'There is no such key, or it was revoked.', { where: 'key' })
          await recordAudit(trx, [{ actor: caller.id, action: 'key.revoke', subject: `key ${key}` }], platform.clock())
        })
        return ok
      }),
    },
  })
