import { implement } from '@orpc/server'
import { taskOf } from '../../collect/tasks/read.ts'
import { authorised } from '../../people/access.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { consensus as contract } from './contract.ts'
import { consensusAbout } from './read.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

export const consensus = os.router({
  ofTask: os.ofTask.handler(async ({ input: { project, task }, context: { platform } }) => {
    const found = await taskOf(platform.db, task)
    if (found?.project !== project) return fail('not_found', 'There is no such task.', { where: 'task' })
    return { rows: await consensusAbout(platform.db, project, task) }
  }),
})
