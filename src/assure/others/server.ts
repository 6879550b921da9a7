import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import type { CallContext } from '../../platform/context.ts'
import { pageFrom } from '../../platform/sql.ts'
import { findProject } from '../../projects/store.ts'
import { toldAfter } from '../gold/read.ts'
import { others as contract } from './contract.ts'
import { shownJudgements } from './read.ts'
import { othersOn } from './rules.ts'
import { judgementsOf, ownSubmissions, saidByOthers } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

export const others = os.router({
  mine: os.mine.handler(async ({ input: { project, after, limit }, context: { platform, caller } }) => {
    const { db } = platform
    const found = await ownSubmissions(db, project, caller.id, { after, limit: limit + 1 })
    const { rows: page, next } = pageFrom(found, limit, ({ submission }) => submission)
    const { settings } = (await findProject(db, project, 'annotator'))!
    const showsOthers = settings.showOthersAfterSubmit
    const submissions = page.map(({ submission }) => submission)
    const [own, told, said] = await Promise.all([
      judgementsOf(db, submissions),
      settings.explainGold ? toldAfter(db, submissions) : undefined,
      showsOthers
        ? saidByOthers(
            db,
            page.map(({ task }) => task),
            caller.id,
          )
        : [],
    ])
    const shown = await shownJudgements(db, page, own)
    const rows = page.map(({ submission, assignment, task, opening, at, reported }) => ({
      submission,
      assignment,
      opening,
      at: at.toISOString(),
      judgements: shown.get(submission) ?? [],
      reported,
      others: othersOn(
        own.filter((one) => one.submission === submission),
        said.filter((one) => one.task === task),
      ),
      told: told?.get(submission) ?? null,
    }))
    return { rows, showsOthers, next }
  }),
})
