import { implement } from '@orpc/server'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { type Db, inTransaction } from '../../platform/sql.ts'
import { authorised } from '../access.ts'
import type { Role } from '../roles.ts'
import { members as contract, type Member } from './contract.ts'
import { leavesLeaderless } from './rules.ts'
import { changeMember, findMember, listMembers, lockLeads, removeMember } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const missing = (): never => fail('not_found', 'There is no such member.', { where: 'person' })

/** What the chain keeps of a membership: no name, no address. */
const standing = ({ role, skills }: Member) => ({ role, skills })

async function keepALead(trx: Db, project: string, person: string, role: Role | undefined): Promise<void> {
  if (leavesLeaderless(await lockLeads(trx, project), person, role))
    fail('conflict', 'This is the only lead of the project.', {
      where: 'person',
      hint: 'Make somebody else a lead first.',
    })
}

export const members = os.router({
  list: os.list.handler(({ input: { project, ...wanted }, context: { platform } }) =>
    listMembers(platform.db, project, wanted),
  ),

  show: os.show.handler(
    async ({ input: { project, person }, context: { platform } }) =>
      (await findMember(platform.db, project, person)) ?? missing(),
  ),

  change: os.change.handler(({ input: { project, person, ...change }, context: { platform, caller } }) =>
    inTransaction(platform.db, async (trx) => {
      const before = (await findMember(trx, project, person)) ?? missing()
      if (change.role) await keepALead(trx, project, person, change.role)
      await changeMember(trx, project, person, change)
      const after = (await findMember(trx, project, person)) ?? missing()
      await recordAudit(
        trx,
        [
          {
            actor: caller.id,
            action: 'member.change',
            subject: `person ${person}`,
            project,
            before: standing(before),
            after: standing(after),
          },
        ],
        platform.clock(),
      )
      return after
    }),
  ),

  remove: os.remove.handler(async ({ input: { project, person }, context: { platform, caller } }) => {
    await inTransaction(platform.db, async (trx) => {
      const before = (await findMember(trx, project, person)) ?? missing()
      await keepALead(trx, project, person, undefined)
      await removeMember(trx, project, person)
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'member.remove', subject: `person ${person}`, project, before: standing(before) }],
        platform.clock(),
      )
    })
    return { ok: true as const }
  }),
})
