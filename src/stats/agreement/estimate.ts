/** What every agreement coefficient returns, and how an interval is made of each item's influence. */
import { tQuantile } from '../distributions.ts'

export interface Estimate {
  estimate: number
  /** Standard error over items (the raters taken as given). */
  se: number
  /** Interval from Student's t with items - 1 degrees of freedom; clipped at 1, the largest agreement there is. */
  low: number
  high: number
  /** Items that count for this coefficient. */
  items: number
}

/** Why a coefficient has no value for these ratings. */
export interface Undefined {
  undefined: string
}

export interface EstimateOptions {
  /** Coverage of the interval; 0.95 where not given. */
  confidence?: number
  /** Divisor of the variance of an item: items - 1, or items, as for contingency tables in Gwet's formulas. */
  divisor?: 'items - 1' | 'items'
}

export const isUndefined = (result: object): result is Undefined => 'undefined' in result

/**
 * Variance of a mean of linearised values (Gwet 2014, chapter 5): influence of item i, whose mean is `centre`.
 * @param influence one value an item that counts
 */
export function fromInfluence(
  estimate: number,
  influence: Float64Array,
  centre: number,
  { confidence = 0.95, divisor = 'items - 1' }: EstimateOptions = {},
): Estimate | Undefined {
  const n = influence.length
  if (n < 2) return { undefined: 'only one item counts; an interval needs two' }
  let squares = 0
  for (const value of influence) squares += (value - centre) ** 2
  const se = Math.sqrt(squares / n / (divisor === 'items' ? n : n - 1))
  const reach = se === 0 ? 0 : se * tQuantile(0.5 + confidence / 2, n - 1)
  return { estimate, se, low: estimate - reach, high: Math.min(1, estimate + reach), items: n }
}

export const noPairs: Undefined = { undefined: 'no item has two ratings' }
export const noVariation: Undefined = {
  undefined:
    'every rating is the same category: chance alone would give full agreement, so there is nothing to measure',
}
