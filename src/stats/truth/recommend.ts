/**
 * Compares methods on items whose truth is known and recommends; it never picks: which method stands behind a project's
 * consensus is a person's decision. No method sees the gold classes while it is compared.
 *
 * Each method's accuracy has Wilson's interval; against the best one McNemar's exact test asks whether the difference on the
 * same items could be chance (two-sided binomial on the items where exactly one of the two is right; a tie counts half).
 * Recommended: the simplest method (in the order of `simplest`) that the best one does not beat at 5%.
 *
 * Worked example: best right on 9 items where another is wrong, wrong on 1 where it is right: p = 2 * 11 / 1024 = .0215.
 */
import { binomialCdf } from '../distributions.ts'
import { refuse } from '../errors.ts'
import { wilson } from '../share.ts'
import type { Labels } from './labels.ts'
import { inferTruth, type Method, methodNames } from './methods.ts'
import { best } from './result.ts'

export interface Compared {
  method: Method
  accuracy: number
  low: number
  high: number
  /** Probability of a difference from the best method as large as this by chance; 1 for the best itself. */
  p: number
}

export interface Recommendation {
  compared: Compared[]
  recommended: Method
  /** Gold items compared on. */
  n: number
  reason: string
}

const simplest: readonly Method[] = [
  'majority',
  'wawa',
  'ibcc',
  'dawid-skene',
  'one-coin',
  'bwa',
  'mace',
  'glad',
  'ebcc',
]

/** Two-sided exact McNemar test on the items that exactly one of two methods has right. */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond
  return n === 0 ? 1 : Math.min(1, 2 * binomialCdf(Math.floor(Math.min(onlyFirst, onlySecond)), Math.round(n), 0.5))
}

/** `gold`: one class an item, -1 where it is not known. Throws `bad_input` when none is known. */
export function recommend(
  table: Labels,
  gold: Int32Array,
  candidates: readonly Method[] = methodNames,
): Recommendation {
  const known = [...gold.keys()].filter((i) => gold[i]! >= 0)
  if (known.length === 0) refuse('No item has a known class, so methods cannot be compared.')
  const scored = candidates.map((method) => {
    const { posterior } = inferTruth(table, method)
    const right = known.map((i) => {
      const named = best(posterior, table.classes, i)
      return named.includes(gold[i]!) ? 1 / named.length : 0
    })
    return { method, right, accuracy: right.reduce((a, b) => a + b, 0) / known.length }
  })
  scored.sort((a, b) => b.accuracy - a.accuracy || simplest.indexOf(a.method) - simplest.indexOf(b.method))
  const top = scored[0]!
  const compared = scored.map(({ method, right, accuracy }) => {
    let onlyTop = 0
    let onlyThis = 0
    right.forEach((r, n) => {
      onlyTop += Math.max(0, top.right[n]! - r)
      onlyThis += Math.max(0, r - top.right[n]!)
    })
    const [low, high] = wilson(accuracy, known.length)
    return { method, accuracy, low, high, p: mcnemar(onlyTop, onlyThis) }
  })
  const equal = compared.filter(({ p }) => p > 0.05).map(({ method }) => method)
  const recommended = simplest.find((method) => equal.includes(method))!
  const reason =
    recommended === top.method && equal.length === 1
      ? `${recommended} is right more often than every other method.`
      : `${recommended} is the simplest of ${equal.length} methods that these ${known.length} gold items do not tell apart.`
  return { compared, recommended, n: known.length, reason }
}
