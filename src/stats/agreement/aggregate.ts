/**
 * k-rater reliability: how far an aggregate of k raters would agree with the aggregate of k others (Wong and Paritosh 2022,
 * arXiv 2203.12913). Agreement of single raters says little of a label that five of them made: this is its figure.
 *
 * Two disjoint sets of k ratings are drawn for each item with at least 2 k of them, each set becomes its majority label (ties at
 * random) or its mean, and Krippendorff's alpha is taken between the two; repeated over draws and resampled items. The mean over
 * draws is the estimate. Where items have fewer ratings, Spearman and Brown's k a / (1 + (k - 1) a) of the alpha a of single
 * ratings predicts it for means (it does not hold for majorities).
 *
 * Worked example: single ratings with alpha 0.5, means of 3: 1.5 / 2 = 0.75.
 */
import { createRandom } from '../random.ts'
import { summarise } from '../resampling.ts'
import { metricDistance } from './distances.ts'
import { isUndefined, type Undefined } from './estimate.ts'
import { krippendorffPoint, pairableTotals } from './krippendorff.ts'
import { prepare } from './prepared.ts'
import { categoriesOf, countItems, type Ratings } from './ratings.ts'

export interface AggregateReliability {
  estimate: number
  low: number
  high: number
  k: number
  items: number
}

export function aggregateReliability(
  ratings: Ratings,
  k: number,
  {
    aggregate,
    seed,
    draws = 200,
    confidence = 0.95,
  }: { aggregate: 'majority' | 'mean'; seed: number; draws?: number; confidence?: number },
): AggregateReliability | Undefined {
  if (aggregate === 'mean' && !ratings.numbers) return { undefined: 'a mean needs labels that are numbers' }
  const labelsOf: number[][] = Array.from({ length: ratings.items }, () => [])
  for (let r = 0; r < ratings.item.length; r++) labelsOf[ratings.item[r]!]!.push(ratings.category[r]!)
  const enough = labelsOf.filter((labels) => labels.length >= 2 * k)
  if (enough.length < 2)
    return { undefined: `${enough.length} items have the ${2 * k} ratings that two sets of ${k} need` }

  const random = createRandom(seed)
  const whole: number[] = []
  const resampled: number[] = []
  for (let draw = 0; draw < draws; draw++) {
    const pairs = enough.map((labels) => {
      for (let i = 0; i < 2 * k; i++) {
        const j = i + random.integer(labels.length - i)
        ;[labels[i], labels[j]] = [labels[j]!, labels[i]!]
      }
      return [summary(labels.slice(0, k)), summary(labels.slice(k, 2 * k))] as const
    })
    const value = alphaOf(pairs)
    if (value !== undefined) whole.push(value)
    const again = alphaOf(pairs.map(() => pairs[random.integer(pairs.length)]!))
    if (again !== undefined) resampled.push(again)
  }
  if (whole.length < draws / 2 || resampled.length < draws / 2)
    return { undefined: 'the aggregates are nearly all the same; there is nothing to measure' }
  const { low, high } = summarise(resampled, confidence)
  return { estimate: whole.reduce((sum, value) => sum + value, 0) / whole.length, low, high, k, items: enough.length }

  function summary(labels: number[]): number {
    if (aggregate === 'mean') return labels.reduce((sum, label) => sum + ratings.numbers![label]!, 0) / labels.length
    const count = new Map<number, number>()
    for (const label of labels) count.set(label, (count.get(label) ?? 0) + 1)
    const most = Math.max(...count.values())
    const top = [...count].filter(([, times]) => times === most)
    return top[random.integer(top.length)]![0]
  }

  function alphaOf(pairs: readonly (readonly [number, number])[]): number | undefined {
    const labels = pairs.flatMap(([a, b]) => [String(a), String(b)])
    const { categories, numbers, codeOf } = categoriesOf(labels)
    const between: Ratings = {
      items: pairs.length,
      raters: 2,
      categories,
      numbers,
      item: Int32Array.from(labels, (_, r) => r >> 1),
      rater: Int32Array.from(labels, (_, r) => r & 1),
      category: Int32Array.from(labels, (label) => codeOf.get(label)!),
    }
    const counts = countItems(between)
    const metric = aggregate === 'mean' ? 'interval' : 'nominal'
    const distance = metricDistance(metric, between, pairableTotals(counts, categories.length))
    const point = krippendorffPoint(prepare(between, distance, counts))
    return isUndefined(point) ? undefined : point.estimate
  }
}
