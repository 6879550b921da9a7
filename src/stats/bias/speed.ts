/**
 * Speed against quality: are a worker's quick answers worse than the slow ones?
 *
 * Times are ranked within each worker, so that quick and slow people are alike, and right answers are compared with wrong ones by
 * Wilcoxon's rank sum: `slowerWhenRight` is the chance that a right answer took longer than a wrong one of the same worker, 0.5
 * without any link. The pool adds the rank sums up, each worker weighted by 1 / (answers + 1) (van Elteren 1960). p from the normal
 * form of the permutation distribution, ties counted. Interval from the placements of DeLong (1988). Where all right answers lie on
 * one side of all wrong ones, placements do not vary, however few they are: there the variance is that of Hanley and McNeil (1982)
 * for a chance half a pair inside of 0 or 1.
 * A hard item takes time and goes wrong: a value below 0.5 is as likely the items' doing as haste above 0.5.
 *
 * Worked example: seconds 2 3 5 8 9, right 0 0 1 1 1: every right answer took longer: 1.0; rank sum 12, mean 9, variance 3, z 1.73.
 * Half of six pairs inside: A = 11/12, Q1 = A / (2 - A) = .8462, Q2 = 2 A^2 / (1 + A) = .8768; variance (A (1 - A) + 2 (Q1 - A^2) +
 * Q2 - A^2) / 6 = .0208, interval .717 to 1.
 */
import { normalCdf, normalQuantile } from '../distributions.ts'
import { benjaminiHochberg } from '../share.ts'

export interface TimedAnswers {
  worker: Int32Array
  workers: number
  /** Active seconds. */
  seconds: Float64Array
  /** 1 right (by gold or consensus), 0 wrong. */
  right: ArrayLike<number>
}

export interface SpeedTest {
  slowerWhenRight: number
  low: number
  high: number
  p: number
  n: number
  wrong: number
}

export interface SpeedQuality {
  pool: SpeedTest | { undefined: string }
  workers: ((SpeedTest & { adjusted: number }) | { undefined: string })[]
}

interface RankSum {
  /** Rank sum of the right answers less its mean, and its variance under the null. */
  excess: number
  variance: number
  chance: number
  chanceVariance: number
  n: number
  right: number
}

export function speedQuality({ worker, workers, seconds, right }: TimedAnswers, minimum = 20): SpeedQuality {
  const answersOf = Array.from({ length: workers }, () => [] as number[])
  for (let i = 0; i < worker.length; i++) answersOf[worker[i]!]!.push(i)
  const sums = answersOf.map((answers) => rankSum(answers, seconds, right))
  const tested = sums.flatMap((sum, w) => (sum && sum.n >= minimum ? [w] : []))
  const p = tested.map((w) => pOf(sums[w]!.excess, sums[w]!.variance))
  const adjusted = benjaminiHochberg(p)
  const at = new Map(tested.map((w, index) => [w, index]))
  return {
    pool: pooled(sums.filter((sum) => sum !== undefined)),
    workers: sums.map((sum, w) => {
      const index = at.get(w)
      if (!sum) return { undefined: 'all answers are right, or all wrong, or all took the same time' }
      if (index === undefined) return { undefined: `${sum.n} answers; at least ${minimum} are needed` }
      return {
        ...intervalOf(sum.chance, sum.chanceVariance),
        p: p[index]!,
        adjusted: adjusted[index]!,
        n: sum.n,
        wrong: sum.n - sum.right,
      }
    }),
  }
}

const pOf = (excess: number, variance: number) => 2 * normalCdf(-Math.abs(excess) / Math.sqrt(variance))

function intervalOf(chance: number, variance: number) {
  const reach = normalQuantile(0.975) * Math.sqrt(variance)
  return { slowerWhenRight: chance, low: Math.max(0, chance - reach), high: Math.min(1, chance + reach) }
}

function pooled(sums: readonly RankSum[]): SpeedTest | { undefined: string } {
  if (sums.length === 0) return { undefined: 'no worker has both right and wrong answers' }
  let [excess, variance, chance, chanceVariance, weights, n, wrong] = [0, 0, 0, 0, 0, 0, 0]
  for (const sum of sums) {
    const weight = 1 / (sum.n + 1)
    excess += weight * sum.excess
    variance += weight * weight * sum.variance
    const pairs = weight * sum.right * (sum.n - sum.right)
    chance += pairs * sum.chance
    chanceVariance += pairs * pairs * sum.chanceVariance
    weights += pairs
    n += sum.n
    wrong += sum.n - sum.right
  }
  return { ...intervalOf(chance / weights, chanceVariance / weights ** 2), p: pOf(excess, variance), n, wrong }
}

function rankSum(answers: readonly number[], seconds: Float64Array, right: ArrayLike<number>): RankSum | undefined {
  const order = [...answers].sort((a, b) => seconds[a]! - seconds[b]!)
  const n = order.length
  const rights = order.filter((i) => right[i] === 1).length
  const wrongs = n - rights
  if (rights === 0 || wrongs === 0) return undefined
  let [sum, ties, before] = [0, 0, { right: 0, wrong: 0 }]
  const placed = { right: [] as number[], wrong: [] as number[] }
  for (let from = 0; from < n; ) {
    let to = from + 1
    while (to < n && seconds[order[to]!] === seconds[order[from]!]) to++
    const size = to - from
    const here = order.slice(from, to).filter((i) => right[i] === 1).length
    sum += (here * (from + to + 1)) / 2
    ties += size ** 3 - size
    // Placement: share of the other kind that took less time, a tie counting half.
    for (let k = 0; k < here; k++) placed.right.push((before.wrong + (size - here) / 2) / wrongs)
    for (let k = 0; k < size - here; k++) placed.wrong.push(1 - (before.right + here / 2) / rights)
    before = { right: before.right + here, wrong: before.wrong + size - here }
    from = to
  }
  const variance = ((rights * wrongs) / 12) * (n + 1 - ties / (n * (n - 1)))
  if (variance <= 0) return undefined
  const chance = (sum - (rights * (rights + 1)) / 2) / (rights * wrongs)
  return {
    excess: sum - (rights * (n + 1)) / 2,
    variance,
    chance,
    chanceVariance:
      chance === 1
        ? apartVariance(rights, wrongs)
        : chance === 0
          ? apartVariance(wrongs, rights)
          : spread(placed.right) / rights + spread(placed.wrong) / wrongs,
    n,
    right: rights,
  }
}

/** Hanley and McNeil's variance where each of the `slow` answers took longer than each of the `quick`, at 1 less half a pair. */
function apartVariance(slow: number, quick: number): number {
  const a = 1 - 0.5 / (slow * quick)
  const [slowPair, quickPair] = [a / (2 - a) - a * a, (2 * a * a) / (1 + a) - a * a]
  return (a * (1 - a) + (slow - 1) * slowPair + (quick - 1) * quickPair) / (slow * quick)
}

function spread(values: readonly number[]): number {
  if (values.length < 2) return 0.25
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
}
