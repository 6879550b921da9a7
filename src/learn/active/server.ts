import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import { breathe } from '../../platform/breathe.ts'
import type { CallContext } from '../../platform/context.ts'
import { findProject } from '../../projects/store.ts'
import { estimateShare } from '../../stats/share.ts'
import { active as contract } from './contract.ts'
import { type Answered, gainOf, most } from './gain.ts'
import { aheadCounts, answersBy, foreseenBy } from './read.ts'
import { type Arm, pairOf } from './rules.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

async function pairs(rows: Awaited<ReturnType<typeof answersBy>>): Promise<Answered[]> {
  const answers: Answered[] = []
  for (const { first, second, outcome } of rows) {
    if (answers.push({ pair: pairOf(first, second), outcome }) % 20 === 0) await breathe()
  }
  return answers
}

export const active = os.router({
  show: os.show.handler(async ({ input: { project }, context: { platform } }) => {
    const { db } = platform
    const { settings } = (await findProject(db, project, 'viewer'))!
    const [ahead, foreseen] = [await aheadCounts(db, project), await foreseenBy(db, project)]
    const share = (arm: Arm) => {
      const { n, right } = foreseen.find((row) => row.arm === arm) ?? { n: 0, right: 0 }
      return n ? estimateShare(right / n, n) : { undefined: 'no such answer yet' }
    }
    const chosen = await pairs(await answersBy(db, project, 'chosen', most))
    const arrival = await pairs(await answersBy(db, project, 'arrival', 3 * most))
    return {
      ...settings.activeChoice,
      ahead,
      foreseen: { chosen: share('chosen'), arrival: share('arrival') },
      gain: gainOf(chosen, arrival),
    }
  }),
})
