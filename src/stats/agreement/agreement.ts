/** Every agreement coefficient by its name. Which one to report: `docs/statistics/README.md`. */
import { brennanPrediger } from './brennan-prediger.ts'
import { congerKappa } from './conger.ts'
import { type Distance, type MetricName, metricDistance, type WeightName, weightDistance } from './distances.ts'
import type { Estimate, EstimateOptions, Undefined } from './estimate.ts'
import { fleissKappa } from './fleiss.ts'
import { gwetAC } from './gwet.ts'
import { krippendorffAlpha, pairableTotals } from './krippendorff.ts'
import { percentAgreement } from './percent.ts'
import { type Prepared, prepare } from './prepared.ts'
import { countItems, type Ratings } from './ratings.ts'
import { cohenKappa, scottPi } from './two-raters.ts'

export const coefficientNames = [
  'percent',
  'cohen',
  'scott',
  'fleiss',
  'conger',
  'brennan-prediger',
  'gwet',
  'krippendorff',
] as const
export type CoefficientName = (typeof coefficientNames)[number]

const ofPrepared = {
  percent: percentAgreement,
  fleiss: fleissKappa,
  conger: congerKappa,
  'brennan-prediger': brennanPrediger,
  gwet: gwetAC,
  krippendorff: krippendorffAlpha,
  cohen: ({ ratings, distance }: Prepared, options?: EstimateOptions) => cohenKappa(ratings, distance, options),
  scott: ({ ratings, distance }: Prepared, options?: EstimateOptions) => scottPi(ratings, distance, options),
} satisfies Record<CoefficientName, (prepared: Prepared, options?: EstimateOptions) => Estimate | Undefined>

export interface AgreementOptions extends EstimateOptions {
  /** Gwet's weights; identity where neither weights nor metric is given. */
  weights?: WeightName
  /** Krippendorff's metric, or any distance, instead of weights. */
  metric?: MetricName | Distance
}

/** Computes the named coefficients of the same ratings. Time is linear in the ratings for identity, nominal, ordinal, interval. */
export function agreement<C extends CoefficientName>(
  ratings: Ratings,
  coefficients: readonly C[],
  { weights = 'identity', metric, ...options }: AgreementOptions = {},
): Record<C, Estimate | Undefined> {
  const counts = countItems(ratings)
  const prepared = prepare(ratings, distanceOf(), counts)
  return Object.fromEntries(coefficients.map((name) => [name, ofPrepared[name](prepared, options)])) as Record<
    C,
    Estimate | Undefined
  >

  function distanceOf(): Distance {
    if (metric === undefined) return weightDistance(weights, ratings)
    if (typeof metric !== 'string') return metric
    return metricDistance(metric, ratings, pairableTotals(counts, ratings.categories.length))
  }
}
