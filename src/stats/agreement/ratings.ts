/** Ratings as codes, in the three layouts that the field uses, and their counts per item. */
import { refuse } from '../errors.ts'

/** One entry a rating; items, raters and categories are numbered from 0. A rating that is missing has no entry. */
export interface Ratings {
  items: number
  raters: number
  /** Categories in their order: by number where every label is one, else by code point, or as the caller ordered them. */
  categories: readonly string[]
  /** The categories' own numbers; undefined where a label is not a number. */
  numbers?: Float64Array
  item: Int32Array
  rater: Int32Array
  category: Int32Array
}

/** Categories of these labels. `1` and `1.0` are one category where every label is a number. */
export function categoriesOf(
  labels: Iterable<string>,
  order?: readonly string[],
): { categories: string[]; numbers?: Float64Array; codeOf: Map<string, number> } {
  const distinct = new Set(labels)
  const codeOf = new Map<string, number>()
  if (order) {
    for (const label of distinct)
      if (!order.includes(label))
        refuse(`The label "${label}" is not among the ordered categories ${order.join(', ')}.`)
    for (const [code, label] of order.entries()) codeOf.set(label, code)
    return { categories: [...order], numbers: allNumbers(order), codeOf }
  }
  const texts = [...distinct]
  const numbers = allNumbers(texts)
  if (!numbers) {
    texts.sort((a, b) => (a < b ? -1 : 1))
    for (const [code, label] of texts.entries()) codeOf.set(label, code)
    return { categories: texts, codeOf }
  }
  const values = [...new Set(numbers)].sort((a, b) => a - b)
  const rank = new Map(values.map((value, code) => [value, code]))
  for (const [at, label] of texts.entries()) codeOf.set(label, rank.get(numbers[at]!)!)
  return { categories: values.map(String), numbers: Float64Array.from(values), codeOf }
}

function allNumbers(texts: readonly string[]): Float64Array | undefined {
  const numbers = Float64Array.from(texts, (text) => (text.trim() === '' ? Number.NaN : Number(text)))
  return numbers.every(Number.isFinite) ? numbers : undefined
}

/** Numbers the distinct values in order of appearance. */
export function codesOf(values: readonly string[]): { codes: Int32Array; names: string[] } {
  const known = new Map<string, number>()
  const names: string[] = []
  const codes = new Int32Array(values.length)
  for (let i = 0; i < values.length; i++) {
    let code = known.get(values[i]!)
    if (code === undefined) {
      code = names.length
      known.set(values[i]!, code)
      names.push(values[i]!)
    }
    codes[i] = code
  }
  return { codes, names }
}

/** Long layout: row i says that `raters[i]` gave `items[i]` the label `labels[i]`. */
export function ratingsFromLong(
  items: readonly string[],
  raters: readonly string[],
  labels: readonly string[],
  order?: readonly string[],
): Ratings {
  const { codes: item, names: itemNames } = codesOf(items)
  const { codes: rater, names: raterNames } = codesOf(raters)
  const { categories, numbers, codeOf } = categoriesOf(labels, order)
  const category = Int32Array.from(labels, (label) => codeOf.get(label)!)
  return { items: itemNames.length, raters: raterNames.length, categories, numbers, item, rater, category }
}

/** Two rows of the long layout in which one rater rates one item twice, or undefined. */
export function findDuplicate({ item, rater, raters }: Ratings): [number, number] | undefined {
  const seen = new Map<number, number>()
  for (let i = 0; i < item.length; i++) {
    const key = item[i]! * raters + rater[i]!
    const first = seen.get(key)
    if (first !== undefined) return [first, i]
    seen.set(key, i)
  }
  return undefined
}

/** Grid layout: `cells[i][g]` is the label of item i by rater g, '' where there is none. Items without any are left out. */
export function ratingsFromGrid(cells: readonly (readonly string[])[], order?: readonly string[]): Ratings {
  const rated = cells.filter((row) => row.some((cell) => cell !== ''))
  const raters = rated[0]?.length ?? 0
  const labels: string[] = []
  const item: number[] = []
  const rater: number[] = []
  for (const [i, row] of rated.entries())
    for (let g = 0; g < raters; g++) {
      if (row[g] === '' || row[g] === undefined) continue
      labels.push(row[g]!)
      item.push(i)
      rater.push(g)
    }
  const { categories, numbers, codeOf } = categoriesOf(labels, order)
  return {
    items: rated.length,
    raters,
    categories,
    numbers,
    item: Int32Array.from(item),
    rater: Int32Array.from(rater),
    category: Int32Array.from(labels, (label) => codeOf.get(label)!),
  }
}

/** Contingency table of two raters: `counts[k][l]` items that the first put into category k, the second into l. */
export function ratingsFromTable(counts: readonly (readonly number[])[], categories: readonly string[]): Ratings {
  const q = categories.length
  let total = 0
  for (const row of counts) for (const count of row) total += count
  const item = new Int32Array(2 * total)
  const rater = new Int32Array(2 * total)
  const category = new Int32Array(2 * total)
  let i = 0
  for (let k = 0; k < q; k++)
    for (let l = 0; l < q; l++)
      for (let n = counts[k]![l]!; n > 0; n--, i++) {
        item[2 * i] = i
        item[2 * i + 1] = i
        rater[2 * i + 1] = 1
        category[2 * i] = k
        category[2 * i + 1] = l
      }
  return { items: total, raters: 2, categories, item, rater, category }
}

/** Sparse counts: entries `start[i] .. start[i + 1]` hold the categories of item i and how many ratings each has. */
export interface ItemCounts {
  items: number
  start: Int32Array
  category: Int32Array
  count: Float64Array
  /** Ratings of each item. */
  total: Float64Array
  /** Ordered pairs of ratings by two raters of each item: n (n - 1). */
  pairs: Float64Array
}

/**
 * Counts per item, in time linear in the ratings.
 * @param times how often each rater counts (a resample); a rater makes no pair with itself
 */
export function countItems({ items, item, rater, category, categories }: Ratings, times?: Float64Array): ItemCounts {
  const begin = new Int32Array(items + 1)
  for (let r = 0; r < item.length; r++) begin[item[r]! + 1]! += 1
  for (let i = 0; i < items; i++) begin[i + 1]! += begin[i]!
  const sorted = new Int32Array(item.length)
  const at = begin.slice()
  for (let r = 0; r < item.length; r++) sorted[at[item[r]!]!++] = r

  const counts: ItemCounts = {
    items,
    start: new Int32Array(items + 1),
    category: new Int32Array(item.length),
    count: new Float64Array(item.length),
    total: new Float64Array(items),
    pairs: new Float64Array(items),
  }
  const entryOf = new Int32Array(categories.length).fill(-1)
  let entries = 0
  for (let i = 0; i < items; i++) {
    const first = entries
    let total = 0
    let self = 0
    for (let s = begin[i]!; s < begin[i + 1]!; s++) {
      const r = sorted[s]!
      const k = category[r]!
      const weight = times ? times[rater[r]!]! : 1
      if (weight === 0) continue
      if (entryOf[k]! < first) {
        entryOf[k] = entries
        counts.category[entries++] = k
      }
      counts.count[entryOf[k]!]! += weight
      total += weight
      self += weight * weight
    }
    counts.start[i + 1] = entries
    counts.total[i] = total
    counts.pairs[i] = total * total - self
  }
  counts.category = counts.category.subarray(0, entries)
  counts.count = counts.count.subarray(0, entries)
  return counts
}
