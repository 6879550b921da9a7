import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import type { CallContext } from '../../platform/context.ts'
import { currentPolicy } from '../gates/read.ts'
import { leaderboard as contract, type Ranked } from './contract.ts'
import { boardOf } from './rules.ts'
import { judgementsOf, policyNames, sourcesOf } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

/** Everything that was imported stands together: an import does not say which model wrote what. */
function named(key: string, policies: Map<string, string>): Pick<Ranked, 'name' | 'origin'> {
  if (key === 'import') return { name: 'Imported responses', origin: 'import' }
  if (key === 'person') return { name: 'Written by people', origin: 'person' }
  return { name: policies.get(key) ?? 'A policy that is gone', origin: 'policy' }
}

export const leaderboard = os.router({
  show: os.show.handler(async ({ input: { project, attribute, style, tasks }, context: { platform } }) => {
    const [judged, policies, current] = await Promise.all([
      judgementsOf(platform.db, project, tasks),
      policyNames(platform.db, project),
      currentPolicy(platform.db, project),
    ])
    const sources = await sourcesOf(platform.db, [...new Set(judged.flatMap(({ targets }) => targets))])
    const board = boardOf(judged, sources, attribute, style)
    return {
      ...board,
      policies: board.policies.map((one) => {
        const inForce = one.key === current?.id
        return {
          ...one,
          ...named(one.key, policies),
          inForce,
          override: (inForce && current.promotion.override) || null,
        }
      }),
      simulated: judged.some(({ simulated }) => simulated),
    }
  }),
})
