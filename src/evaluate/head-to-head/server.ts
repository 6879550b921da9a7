import { implement } from '@orpc/server'
import type { Measure } from '../../assure/thread/work.ts'
import { authorised } from '../../people/access.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { type Db, inTransaction, pageFrom } from '../../platform/sql.ts'
import { headToHeads as contract } from './contract.ts'
import { headToHead, listHeadToHeads, pairsOf } from './read.ts'
import { finishHeadToHead, retryHeadToHead, startHeadToHead, suspectsNow } from './start.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const found = async (db: Db, project: string, id: string) =>
  (await headToHead(db, project, id)) ?? fail('not_found', 'There is no such head to head.', { where: 'headToHead' })

export const headToHeads = (measure: Measure) =>
  os.router({
    start: os.start.handler(async ({ input, context: { platform, caller } }) => {
      const withoutPeople = await suspectsNow(measure, input.project)
      const id = await inTransaction(platform.db, (trx) =>
        startHeadToHead(trx, platform, { ...input, createdBy: caller.id, withoutPeople }),
      )
      platform.wake()
      return found(platform.db, input.project, id)
    }),

    list: os.list.handler(async ({ input: { project, after, limit }, context: { platform } }) => {
      const rows = await listHeadToHeads(platform.db, project, { after, limit: limit + 1 })
      return pageFrom(rows, limit, ({ id }) => id)
    }),

    show: os.show.handler(({ input, context: { platform } }) => found(platform.db, input.project, input.headToHead)),

    pairs: os.pairs.handler(
      async ({ input: { project, headToHead: id, ...wanted }, context: { platform } }) =>
        (await pairsOf(platform.db, project, id, wanted)) ??
        fail('not_found', 'There is no such head to head.', { where: 'headToHead' }),
    ),

    retry: os.retry.handler(async ({ input: { project, headToHead: id }, context: { platform, caller } }) => {
      await inTransaction(platform.db, (trx) => retryHeadToHead(trx, platform, { project, id, createdBy: caller.id }))
      platform.wake()
      return found(platform.db, project, id)
    }),

    finish: os.finish.handler(async ({ input: { project, headToHead: id }, context: { platform, caller } }) => {
      await inTransaction(platform.db, (trx) => finishHeadToHead(trx, platform, { project, id, by: caller.id }))
      platform.wake()
      return found(platform.db, project, id)
    }),
  })
