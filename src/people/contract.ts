/** People: accounts, members of projects, invitations, the organisation. */
import { account } from './account/contract.ts'
import { invitations } from './invitations/contract.ts'
import { members } from './members/contract.ts'
import { organisation } from './organisation/contract.ts'

export const people = { ...account, members, invitations, organisation }
