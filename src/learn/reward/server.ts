import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import type { CallContext } from '../../platform/context.ts'
import { reward as contract } from './contract.ts'
import { believed, explain } from './explain.ts'
import { difference, featuresOf } from './features.ts'
import { predict } from './model.ts'
import { countsOf, disagreementsOf, learnerOf, newestPredictions, stretchesOf } from './read.ts'
import { accuracyOf, calibrationOf, curveOf, logOdds } from './report.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

/** Calibration is of the model as it is now, not as it began. */
const newest = 5000

export const reward = os.router({
  state: os.state.handler(async ({ input: { project }, context: { platform } }) => {
    const [counts, stretches, predictions] = await Promise.all([
      countsOf(platform.db, project),
      stretchesOf(platform.db, project),
      newestPredictions(platform.db, project, newest),
    ])
    return {
      pairs: counts?.pairs ?? 0,
      ties: counts?.ties ?? 0,
      repeated: counts?.repeated ?? 0,
      position: counts?.position ?? 0,
      at: counts?.at.toISOString() ?? null,
      ...accuracyOf(stretches),
      curve: curveOf(stretches),
      calibration: calibrationOf(predictions),
    }
  }),

  disagreements: os.disagreements.handler(async ({ input: { project, limit }, context: { platform } }) => {
    const rows = await disagreementsOf(platform.db, project, limit)
    return {
      rows: rows.map(({ deviation, ...row }) => ({
        ...row,
        ...believed({ logit: logOdds(row.probability, deviation), variance: deviation ** 2 }),
      })),
    }
  }),

  score: os.score.handler(async ({ input: { project, texts }, context: { platform } }) => {
    const { model } = await learnerOf(platform.db, project)
    const [a, b] = texts.map(featuresOf)
    const pair = a && b && predict(model, difference(a, b))
    return {
      texts: texts.map((text) => explain(model, text)),
      first: pair ? { probability: pair.probability, ...believed(pair) } : null,
    }
  }),
})
