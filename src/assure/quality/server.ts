import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import type { CallContext } from '../../platform/context.ts'
import type { Measure } from '../thread/work.ts'
import { quality as contract } from './contract.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

/** `measure`: where the statistics are computed; no handler computes anything itself. */
export const quality = (measure: Measure) =>
  os.router({
    agreement: os.agreement.handler(({ input }) => measure('agreement', input)),
    pairs: os.pairs.handler(({ input }) => measure('pairs', input)),
    contested: os.contested.handler(({ input }) => measure('contested', input)),
    bias: os.bias.handler(({ input }) => measure('bias', input)),
    people: os.people.handler(({ input }) => measure('people', input)),
    suspects: os.suspects.handler(({ input }) => measure('suspects', input)),
    drift: os.drift.handler(({ input }) => measure('drift', input)),
    groups: os.groups.handler(({ input }) => measure('groups', input)),
    gold: os.gold.handler(({ input }) => measure('gold', input)),
    mine: os.mine.handler(({ input, context: { caller } }) => {
      const { id, name, simulatedAs } = caller
      return measure('mine', { ...input, person: id, own: { id, name, simulatedAs } })
    }),
  })
