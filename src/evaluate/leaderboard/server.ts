import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import type { CallContext } from '../../platform/context.ts'
import type { Measure } from '../work.ts'
import { leaderboard as contract } from './contract.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

/** `measure`: where the fit is computed; it reads all that people have said. */
export const leaderboard = (measure: Measure) =>
  os.router({ show: os.show.handler(({ input }) => measure('leaderboard', input)) })
