/**
 * Percent agreement: the mean over items of the share of pairs of ratings that agree (weighted: 1 - their distance).
 * It corrects nothing for chance: report it beside a coefficient that does.
 *
 * Worked example: items rated (a, a), (a, b), (b, b): (1 + 0 + 1) / 3 = 0.667.
 */
import { type Estimate, type EstimateOptions, fromInfluence, noPairs, type Undefined } from './estimate.ts'
import { influenceOf, observedAgreement, type Prepared } from './prepared.ts'

export function percentAgreement(prepared: Prepared, options?: EstimateOptions): Estimate | Undefined {
  if (prepared.paired === 0) return noPairs
  const estimate = observedAgreement(prepared)
  return fromInfluence(estimate, influenceOf(prepared, 0, estimate), estimate, options)
}
