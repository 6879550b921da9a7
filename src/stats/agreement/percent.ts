/**
 * Percent agreement: the mean over items of the share of pairs of ratings that agree (weighted: 1 - their distance).
 * It corrects nothing for chance: report it beside a coefficient that does. A share: its interval ends at 0 and at 1.
 *
 * Worked example: items rated (a, a), (a, b), (b, b): (1 + 0 + 1) / 3 = 0.667.
 */
import { type Estimate, type EstimateOptions, fromInfluence, noPairs, type Undefined } from './estimate.ts'
import { correctForChance, influenceOf, type Point, type Prepared } from './prepared.ts'

export const percentPoint = (prepared: Prepared): Point | Undefined =>
  prepared.paired === 0 ? noPairs : correctForChance(prepared, 0)

export function percentAgreement(prepared: Prepared, options?: EstimateOptions): Estimate | Undefined {
  const point = percentPoint(prepared)
  if ('undefined' in point) return point
  const estimate = fromInfluence(point.estimate, influenceOf(prepared, point), point.estimate, options)
  return 'undefined' in estimate ? estimate : { ...estimate, low: Math.max(0, estimate.low) }
}
