/**
 * One change of a rate in a series of answers: when did it change, and is it more than chance?
 *
 * For every place to cut, the log likelihood ratio of two binomial rates against one; the largest is the change point (Hinkley
 * 1970). p: the same largest ratio in random orders of the answers, exact for answers that come in no order; once twenty orders
 * were as good it is settled, and drawing stops (Besag and Clifford 1991, doi 10.1093/biomet/78.2.301). Interval of the place:
 * cuts whose log likelihood lies within 1.92 of the largest. At least `shortest` answers stand on each side.
 *
 * Worked example: twenty right answers, then twenty wrong ones: change after 20, log ratio 40 ln 2 = 27.7, p = 1 / (orders + 1).
 */
import { createRandom, shuffle } from '../random.ts'

/** Orders as good as the one seen after which no more are drawn. */
const enough = 20

export interface ChangePoint {
  /** Answers before the change, and the interval of that number. */
  after: number
  low: number
  high: number
  before: number
  since: number
  logRatio: number
  p: number
  n: number
}

/** @param right 1 or 0, in the order of time */
export function changePoint(
  right: ArrayLike<number>,
  { seed, permutations = 999, shortest = 10 }: { seed: number; permutations?: number; shortest?: number },
): ChangePoint | { undefined: string } {
  const n = right.length
  if (n < 2 * shortest) return { undefined: `${n} answers; at least ${2 * shortest} are needed` }
  const series = Uint8Array.from({ length: n }, (_, i) => (right[i] === 1 ? 1 : 0))
  const hits = series.reduce((sum, own) => sum + own, 0)
  if (hits === 0 || hits === n) return { undefined: 'every answer is the same' }
  const ratios = ratiosOf(series, hits, shortest)
  let best = shortest
  for (let cut = shortest; cut <= n - shortest; cut++) if (ratios[cut]! > ratios[best]!) best = cut
  const near = [...ratios.keys()].filter(
    (cut) => cut >= shortest && cut <= n - shortest && ratios[cut]! >= ratios[best]! - 1.92,
  )
  let first = 0
  for (let i = 0; i < best; i++) first += series[i]!

  const random = createRandom(seed)
  const mixed = series.slice()
  let [atLeast, drawn] = [0, 0]
  while (drawn < permutations && atLeast < enough) {
    const own = ratiosOf(shuffle(mixed, random), hits, shortest)
    let largest = 0
    for (let cut = shortest; cut <= n - shortest; cut++) largest = Math.max(largest, own[cut]!)
    if (largest >= ratios[best]! - 1e-9) atLeast++
    drawn++
  }
  return {
    after: best,
    low: near[0]!,
    high: near.at(-1)!,
    before: first / best,
    since: (hits - first) / (n - best),
    logRatio: ratios[best]!,
    p: atLeast === enough ? enough / drawn : (atLeast + 1) / (drawn + 1),
    n,
  }
}

/** Log likelihood ratio of a cut after each number of answers. */
function ratiosOf(series: Uint8Array, hits: number, shortest: number): Float64Array {
  const n = series.length
  const ratios = new Float64Array(n + 1)
  const whole = entropySum(hits, n)
  let before = 0
  for (let cut = 1; cut <= n - shortest; cut++) {
    before += series[cut - 1]!
    if (cut >= shortest) ratios[cut] = entropySum(before, cut) + entropySum(hits - before, n - cut) - whole
  }
  return ratios
}

/** Largest log likelihood of k of n. */
function entropySum(k: number, n: number): number {
  return (k > 0 ? k * Math.log(k / n) : 0) + (k < n ? (n - k) * Math.log((n - k) / n) : 0)
}
