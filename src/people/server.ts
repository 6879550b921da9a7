/** The router of everything about people; signing in itself is `auth.ts`. */
import { account } from './account/server.ts'
import type { Auth } from './auth.ts'
import { invitations } from './invitations/server.ts'
import { members } from './members/server.ts'
import { organisation } from './organisation/server.ts'

export const people = (auth: Auth) => ({ ...account(auth), members, invitations: invitations(auth), organisation })
