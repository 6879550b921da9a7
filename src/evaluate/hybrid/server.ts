import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { hybrids as contract } from './contract.ts'
import { hybrid } from './read.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

export const hybrids = os.router({
  show: os.show.handler(
    async ({ input: { project, headToHead }, context: { platform } }) =>
      (await hybrid(platform.db, project, headToHead)) ??
      fail('not_found', 'There is no such head to head.', { where: 'headToHead' }),
  ),
})
