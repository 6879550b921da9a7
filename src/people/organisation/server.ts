import { implement } from '@orpc/server'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { inTransaction } from '../../platform/sql.ts'
import { authorised } from '../access.ts'
import { endSessions } from '../account/store.ts'
import { addInvitations, linkTo } from '../invitations/store.ts'
import { organisation as contract, type Person } from './contract.ts'
import { changePerson, dropSecondFactor, findPerson, listPeople, lockOwners, revokeKeysOf } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const missing = (): never => fail('not_found', 'There is no such person.', { where: 'person' })
const standing = ({ owner, disabled, twoFactor }: Person) => ({ owner, disabled, twoFactor })

export const organisation = os.router({
  list: os.list.handler(({ input, context: { platform } }) => listPeople(platform.db, input)),

  show: os.show.handler(
    async ({ input: { person }, context: { platform } }) => (await findPerson(platform.db, person)) ?? missing(),
  ),

  change: os.change.handler(({ input: { person, ...change }, context: { platform, caller } }) =>
    inTransaction(platform.db, async (trx) => {
      const at = platform.clock()
      const before = (await findPerson(trx, person)) ?? missing()
      const leaves = change.disabled === true || change.owner === false
      if (leaves && before.owner && (await lockOwners(trx)).every((owner) => owner === person))
        fail('conflict', 'This is the only owner of the organisation.', {
          where: 'person',
          hint: 'Make somebody else an owner first.',
        })
      await changePerson(trx, person, change, at)
      if (change.disabled) {
        await endSessions(trx, person)
        await revokeKeysOf(trx, person, at)
      }
      if (change.twoFactor === false) await dropSecondFactor(trx, person)
      const after = (await findPerson(trx, person)) ?? missing()
      await recordAudit(
        trx,
        [
          {
            actor: caller.id,
            action: 'person.change',
            subject: `person ${person}`,
            before: standing(before),
            after: standing(after),
          },
        ],
        at,
      )
      return after
    }),
  ),

  passwordLink: os.passwordLink.handler(async ({ input: { person }, context: { platform, caller } }) =>
    inTransaction(platform.db, async (trx) => {
      const found = (await findPerson(trx, person)) ?? missing()
      if (found.disabled) fail('conflict', 'This account is disabled.', { where: 'person', hint: 'Enable it first.' })
      const at = platform.clock()
      const [made] = await addInvitations(trx, [{ person, invitedBy: caller.id, days: 2 }], at)
      await recordAudit(trx, [{ actor: caller.id, action: 'person.password-link', subject: `person ${person}` }], at)
      return { link: linkTo(platform.publicUrl, made!.token), expiresAt: made!.expiresAt.toISOString() }
    }),
  ),
})
