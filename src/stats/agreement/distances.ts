/**
 * How far apart two categories are, for every coefficient here: agreement weight = 1 - distance.
 *
 * Gwet, Handbook of Inter-Rater Reliability (4th ed. 2014), chapter 3: identity, linear, quadratic, ordinal, radical, ratio,
 * circular and bipolar weights. Krippendorff, Content Analysis (4th ed. 2019), chapter 12: his nominal, ordinal, interval and
 * ratio metrics. His ordinal metric counts the ratings that lie between two categories, Gwet's the pairs of categories.
 * Passonneau (LREC 2006): MASI for sets of labels.
 *
 * Worked example, categories 1..5: the linear distance of 1 and 3 is 2/4, the quadratic one 4/16, the ordinal one
 * (3 * 2 / 2) / (5 * 4 / 2) = 0.3; MASI distance of {a} and {a, b} is 1 - 1/2 * 2/3 = 0.667.
 */
import { refuse } from '../errors.ts'
import type { ItemCounts, Ratings } from './ratings.ts'

export const weightNames = [
  'identity',
  'linear',
  'quadratic',
  'ordinal',
  'radical',
  'ratio',
  'circular',
  'bipolar',
] as const
export type WeightName = (typeof weightNames)[number]

export const metricNames = ['nominal', 'ordinal', 'interval', 'ratio', 'masi'] as const
export type MetricName = (typeof metricNames)[number]

/**
 * Three forms, because two of them let a million ratings with any number of categories be summed in linear time:
 * 0 or 1; the squared difference of values; anything else as a matrix (q x q, row by row).
 */
export type Distance =
  | { form: 'nominal'; size: number }
  | { form: 'squared'; size: number; values: Float64Array }
  | { form: 'matrix'; size: number; matrix: Float64Array }

const matrixLimit = 4000

/** A matrix of any symmetric distance between category numbers, zero on the diagonal. */
export function distanceMatrix(size: number, between: (k: number, l: number) => number): Distance {
  if (size > matrixLimit)
    refuse(`${size} different labels are too many for this distance (at most ${matrixLimit}).`, {
      hint: 'The metrics nominal, ordinal and interval have no such limit.',
    })
  const matrix = new Float64Array(size * size)
  for (let k = 0; k < size; k++) for (let l = 0; l < k; l++) matrix[k * size + l] = matrix[l * size + k] = between(k, l)
  return { form: 'matrix', size, matrix }
}

function scaledMatrix(size: number, between: (k: number, l: number) => number): Distance {
  const distance = distanceMatrix(size, between)
  if (distance.form !== 'matrix') return distance
  let largest = 0
  for (const value of distance.matrix) largest = Math.max(largest, value)
  if (largest > 0) for (let i = 0; i < distance.matrix.length; i++) distance.matrix[i]! /= largest
  return distance
}

/** Gwet's weights as distances in 0..1. Values are the categories' numbers, or their ranks 1..q where labels are not numbers. */
export function weightDistance(
  name: WeightName,
  { categories, numbers }: Pick<Ratings, 'categories' | 'numbers'>,
): Distance {
  const size = categories.length
  if (name === 'identity') return { form: 'nominal', size }
  const v = numbers ?? Float64Array.from(categories, (_, k) => k + 1)
  const low = Math.min(...v)
  const high = Math.max(...v)
  const gap = (k: number, l: number) => Math.abs(v[k]! - v[l]!)
  switch (name) {
    case 'linear':
      return distanceMatrix(size, (k, l) => gap(k, l) / (high - low))
    case 'quadratic':
      return distanceMatrix(size, (k, l) => (gap(k, l) / (high - low)) ** 2)
    case 'radical':
      return distanceMatrix(size, (k, l) => Math.sqrt(gap(k, l) / (high - low)))
    case 'ordinal':
      return scaledMatrix(size, (k, l) => (Math.abs(k - l) * (Math.abs(k - l) + 1)) / 2)
    case 'circular':
      return scaledMatrix(size, (k, l) => Math.sin((Math.PI * gap(k, l)) / (high - low + 1)) ** 2)
    case 'bipolar':
      return scaledMatrix(size, (k, l) => {
        const sum = v[k]! + v[l]!
        return gap(k, l) ** 2 / ((sum - 2 * low) * (2 * high - sum))
      })
    case 'ratio': {
      if (low <= 0)
        refuse('Ratio weights need categories above 0.', {
          hint: 'Use quadratic weights, or the metric ratio of Krippendorff.',
        })
      const widest = ((high - low) / (high + low)) ** 2
      return distanceMatrix(size, (k, l) => (gap(k, l) / (v[k]! + v[l]!)) ** 2 / widest)
    }
  }
}

/** Krippendorff's metrics; `total` is the number of ratings a category has among those that can be paired. */
export function metricDistance(
  name: MetricName,
  { categories, numbers }: Pick<Ratings, 'categories' | 'numbers'>,
  total: Float64Array,
): Distance {
  const size = categories.length
  if (name === 'nominal') return { form: 'nominal', size }
  if (name === 'masi') {
    const sets = categories.map(labelSet)
    return distanceMatrix(size, (k, l) => masiDistance(sets[k]!, sets[l]!))
  }
  if (name === 'ordinal') {
    // The ratings between two categories, half of each end included: a difference of mid-ranks.
    let below = 0
    const values = total.map((count) => {
      const middle = below + count / 2
      below += count
      return middle
    })
    return { form: 'squared', size, values }
  }
  if (!numbers)
    refuse(`The metric ${name} needs labels that are numbers.`, {
      hint: 'Use nominal, or ordinal with the order of the labels.',
    })
  if (name === 'interval') return { form: 'squared', size, values: numbers }
  if (numbers.some((value) => value < 0))
    refuse('The metric ratio needs labels that are not negative.', { hint: 'Use the metric interval.' })
  return distanceMatrix(size, (k, l) => ((numbers[k]! - numbers[l]!) / (numbers[k]! + numbers[l]!)) ** 2)
}

/** The members of a label set: a JSON list, or names separated by `|` or `;`. The empty set is `[]`. */
function labelSet(label: string): Set<string> {
  if (label.trim().startsWith('[')) {
    let value: unknown
    try {
      value = JSON.parse(label)
    } catch {
      refuse(`"${label}" is not a JSON list.`, { hint: 'Write a label set as a|b or as ["a","b"].' })
    }
    return new Set((value as unknown[]).map(String))
  }
  return new Set(
    label
      .split(/[|;]/)
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )
}

/** 1 - MASI: Jaccard's share times 1 where the sets are equal, 2/3 where one holds the other, 1/3 where they overlap, else 0. */
export function masiDistance(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0
  for (const name of a) if (b.has(name)) both++
  const either = a.size + b.size - both
  if (either === 0) return 0
  const smaller = Math.min(a.size, b.size)
  const monotony = a.size === b.size && both === smaller ? 1 : both === smaller ? 2 / 3 : both > 0 ? 1 / 3 : 0
  return 1 - (both / either) * monotony
}

/** For every category l, the sum over k of weight_k * distance(k, l). */
export function spread(distance: Distance, weight: Float64Array): Float64Array {
  const { size } = distance
  const out = new Float64Array(size)
  if (distance.form === 'matrix') {
    for (let k = 0; k < size; k++) {
      const w = weight[k]!
      if (w !== 0) for (let l = 0; l < size; l++) out[l]! += w * distance.matrix[k * size + l]!
    }
    return out
  }
  let sum = 0
  for (const w of weight) sum += w
  if (distance.form === 'nominal') {
    for (let l = 0; l < size; l++) out[l] = sum - weight[l]!
    return out
  }
  // Squares about the mean, so that large values with small differences keep their digits.
  const { values } = distance
  let mean = 0
  for (let k = 0; k < size; k++) mean += weight[k]! * values[k]!
  mean = sum === 0 ? 0 : mean / sum
  let square = 0
  for (let k = 0; k < size; k++) square += weight[k]! * (values[k]! - mean) ** 2
  for (let l = 0; l < size; l++) out[l] = square + sum * (values[l]! - mean) ** 2
  return out
}

/** For every item, the sum over ordered pairs of its ratings of their distance (a rating with itself adds nothing). */
export function pairDistances(distance: Distance, counts: ItemCounts): Float64Array {
  const out = new Float64Array(counts.items)
  const { start, category, count, total } = counts
  for (let i = 0; i < counts.items; i++) {
    const from = start[i]!
    const to = start[i + 1]!
    const n = total[i]!
    if (distance.form === 'nominal') {
      let same = 0
      for (let e = from; e < to; e++) same += count[e]! * count[e]!
      out[i] = n * n - same
    } else if (distance.form === 'squared') {
      const { values } = distance
      let mean = 0
      for (let e = from; e < to; e++) mean += count[e]! * values[category[e]!]!
      mean /= n
      let square = 0
      for (let e = from; e < to; e++) square += count[e]! * (values[category[e]!]! - mean) ** 2
      out[i] = 2 * n * square
    } else {
      const { matrix, size } = distance
      let sum = 0
      for (let e = from; e < to; e++)
        for (let f = from; f < e; f++) sum += count[e]! * count[f]! * matrix[category[e]! * size + category[f]!]!
      out[i] = 2 * sum
    }
  }
  return out
}

/** The sum of all distances between two categories, each ordered pair once. */
export function distanceTotal(distance: Distance): number {
  let sum = 0
  for (const value of spread(distance, new Float64Array(distance.size).fill(1))) sum += value
  return sum
}
