/**
 * Severity: does a rater give higher or lower ratings than others on the same items?
 *
 * rating = item + severity of the rater + rest, severities summing to 0, by least squares (items taken out, the normal equations
 * are the Laplacian of who shared items with whom). Standard errors from the rest; Student's t with ratings - items - raters + 1
 * degrees of freedom. Quality of the item cannot leak in: only ratings of the same items are compared. Ratings of few steps are
 * close enough to normal for the mean of some twenty; for the model of ordered categories see the truth methods.
 *
 * Worked example: ratings (3, 4), (2, 3), (5, 5) of raters A, B: differences -1, -1, 0; severity A -1/3, B +1/3.
 */
import { tCdf, tQuantile } from '../distributions.ts'
import { cholesky, inverse, solve } from '../linear.ts'
import { benjaminiHochberg } from '../share.ts'

export interface NumericRatings {
  items: number
  raters: number
  item: Int32Array
  rater: Int32Array
  value: Float64Array
}

export interface RaterSeverity {
  /** How much higher than the mean rater, in units of the rating. */
  severity: number
  se: number
  low: number
  high: number
  /** Two-sided; `adjusted` after Benjamini and Hochberg. */
  p: number
  adjusted: number
  n: number
}

export interface Severity {
  raters: (RaterSeverity | { undefined: string })[]
  /** Standard deviation of what severity and item leave unexplained. */
  restSd: number
  items: number
}

const mostRaters = 1000

export function raterSeverity(ratings: NumericRatings, confidence = 0.95): Severity | { undefined: string } {
  const { item, rater, value } = ratings
  const perItem = new Float64Array(ratings.items)
  for (const i of item) perItem[i]! += 1
  const shared: number[] = []
  for (let r = 0; r < item.length; r++) if (perItem[item[r]!]! > 1) shared.push(r)
  const number = new Map<number, number>()
  for (const r of shared) if (!number.has(rater[r]!)) number.set(rater[r]!, number.size)
  const raters = number.size
  if (raters < 2) return { undefined: 'no two raters rated the same item' }
  if (raters > mostRaters)
    return { undefined: `more than ${mostRaters} raters at once: take those of interest and their partners` }

  const items = new Set(shared.map((r) => item[r]!)).size
  const itemSum = new Float64Array(ratings.items)
  const ratersOf = new Map<number, number[]>()
  for (const r of shared) {
    itemSum[item[r]!]! += value[r]!
    const own = ratersOf.get(item[r]!)
    if (own) own.push(number.get(rater[r]!)!)
    else ratersOf.set(item[r]!, [number.get(rater[r]!)!])
  }
  const count = new Float64Array(raters)
  const right = new Float64Array(raters)
  for (const r of shared) {
    const g = number.get(rater[r]!)!
    count[g]! += 1
    right[g]! += value[r]! - itemSum[item[r]!]! / perItem[item[r]!]!
  }
  // Laplacian, made regular by a matrix of ones: its null space is the level that all severities share.
  const laplacian = new Float64Array(raters * raters).fill(1)
  for (const [i, own] of ratersOf)
    for (const g of own) {
      laplacian[g * raters + g]! += 1
      for (const h of own) laplacian[g * raters + h]! -= 1 / perItem[i]!
    }
  const factor = cholesky(laplacian, raters, 1e-12)
  if (!factor) return { undefined: 'the raters fall into groups that share no item; compare each group by itself' }
  const severity = Array.from(solve(factor, raters, right))

  const itemLevel = itemSum.slice()
  for (const [i, own] of ratersOf) for (const g of own) itemLevel[i]! -= severity[g]!
  let squares = 0
  for (const r of shared) {
    const fitted = itemLevel[item[r]!]! / perItem[item[r]!]! + severity[number.get(rater[r]!)!]!
    squares += (value[r]! - fitted) ** 2
  }
  const df = shared.length - items - raters + 1
  if (df < 1) return { undefined: 'too few ratings to tell severity from chance' }
  if (squares < 1e-20)
    return { undefined: 'items and raters explain every rating; nothing is left to measure chance by' }
  const variance = squares / df
  const t = tQuantile(0.5 + confidence / 2, df)
  const shift = 1 / (raters * raters)
  const spread = inverse(factor, raters)
  const se = severity.map((_, g) => Math.sqrt(variance * (spread[g * raters + g]! - shift)))
  const p = severity.map((own, g) => 2 * tCdf(-Math.abs(own / se[g]!), df))
  const adjusted = benjaminiHochberg(p)
  return {
    raters: Array.from({ length: ratings.raters }, (_, at) => {
      const g = number.get(at)
      if (g === undefined) return { undefined: 'shares no item with another rater' }
      const own = severity[g]!
      const reach = t * se[g]!
      return {
        severity: own,
        se: se[g]!,
        low: own - reach,
        high: own + reach,
        p: p[g]!,
        adjusted: adjusted[g]!,
        n: count[g]!,
      }
    }),
    restSd: Math.sqrt(variance),
    items,
  }
}
