/**
 * Prediction-powered inference for a mean: few human labels and many labels of a judge give a valid, narrower interval
 * (Angelopoulos et al. 2023, Science 382, 669; PPI++: Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453).
 *
 * estimate = mean(human) + lambda (mean(judge, all unlabelled) - mean(judge, labelled)),
 * variance = lambda^2 var(judge) / N + var(human - lambda judge) / n. lambda = cov(human, judge) / ((1 + n / N) var(judge)) makes it
 * smallest, cut to 0..1: a useless judge is not used. A rate (of wins, of violations) is a mean of 0, 0.5 and 1.
 * Interval: Student's t with n - 2 degrees of freedom (a mean and lambda were estimated), and n - 2 in the variance of the rest.
 * Where labels take two or three values, all is taken with two labels more, half of one in each corner of (human, judge), as
 * Agresti and Coull (1998) do for shares. The corners of a rate lie at 0 and 1, whatever was seen: where 20 people all say yes, the
 * interval is of 21 yes of 22, not of a share without error. People alone are the same with lambda 0. Rates of 0.02 to 0.98 of 20
 * labels and more are then covered at 94 in 100 or more, rare ones at up to all (`docs/statistics/evaluation-ppi.md`); numbers on a
 * scale cover 95% from 20 on.
 * Strata: each its own lambda, means weighted by the strata's share of all items (Fisch et al. 2024, arXiv 2406.04291).
 *
 * Worked example: `docs/statistics/evaluation-ppi.md`.
 */
import { tQuantile } from '../distributions.ts'

export interface PpiData {
  /** Human labels, and the judge's labels of the same items. */
  human: Float64Array
  judge: Float64Array
  /** The judge's labels of the items without a human label. */
  others: Float64Array
}

export interface PpiEstimate {
  estimate: number
  se: number
  low: number
  high: number
  /** How much weight the judge gets; 0 ignores it. */
  lambda: number
  /** Human labels, and items with the judge's label alone. */
  n: number
  others: number
  /** The interval of the human labels alone. */
  humanOnly: { estimate: number; low: number; high: number }
}

function meanOf(values: ArrayLike<number>, weight?: ArrayLike<number>): number {
  let sum = 0
  let total = 0
  for (let i = 0; i < values.length; i++) {
    const w = weight ? weight[i]! : 1
    sum += w * values[i]!
    total += w
  }
  return sum / total
}

/** Sum of products of deviations. */
function productSum(a: ArrayLike<number>, b: ArrayLike<number>, weight?: ArrayLike<number>): number {
  const [ma, mb] = [meanOf(a, weight), meanOf(b, weight)]
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (weight ? weight[i]! : 1) * (a[i]! - ma) * (b[i]! - mb)
  return sum
}

interface Part {
  estimate: number
  variance: number
  lambda: number
  df: number
}

interface Labelled {
  y: ArrayLike<number>
  f: ArrayLike<number>
  weight: ArrayLike<number>
  /** Sum of the weights. */
  total: number
}

/** The judge's range tells a rate from a scale on which people happened to give 0 and 1 alone. */
const isRate = ({ human, judge, others }: PpiData) =>
  human.every((value) => value === 0 || value === 0.5 || value === 1) &&
  [judge, others].every((labels) => labels.every((value) => value >= 0 && value <= 1))

/** The labelled pairs, and for labels of few values two more, spread over the corners. */
function withCorners({ human, judge, others }: PpiData, rate: boolean): Labelled {
  const n = human.length
  const weight = new Float64Array(n).fill(1)
  if (new Set(human).size > 3) return { y: human, f: judge, weight, total: n }
  const [lowY, highY] = rate ? [0, 1] : ends([human])
  const [lowF, highF] = ends([judge, others])
  return {
    y: longer(human, [lowY, lowY, highY, highY]),
    f: longer(judge, [lowF, highF, lowF, highF]),
    weight: longer(weight, [0.5, 0.5, 0.5, 0.5]),
    total: n + 2,
  }
}

function ends(values: Float64Array[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const list of values)
    for (const value of list) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  return [low, high]
}

function longer(values: Float64Array, more: ArrayLike<number>): Float64Array {
  const out = new Float64Array(values.length + more.length)
  out.set(values)
  out.set(more, values.length)
  return out
}

const peopleAlone = ({ y, weight, total }: Labelled, n: number): Part => ({
  estimate: meanOf(y, weight),
  variance: productSum(y, y, weight) / (total - 1) / total,
  lambda: 0,
  df: n - 1,
})

function withJudge({ judge, others }: PpiData, { y, f, weight, total }: Labelled): Part {
  const n = judge.length
  const all = longer(judge, others)
  const spread = productSum(all, all) / (all.length - 1)
  const together = productSum(y, f, weight) / (total - 1)
  const best = spread > 0 ? together / ((1 + n / others.length) * spread) : 0
  const lambda = Math.min(1, Math.max(0, best))
  const rest = Float64Array.from(y, (value, i) => value - lambda * f[i]!)
  return {
    estimate: meanOf(rest, weight) + lambda * meanOf(others),
    variance: (lambda * lambda * spread) / others.length + productSum(rest, rest, weight) / (total - 2) / total,
    lambda,
    df: n - 2,
  }
}

/** Mean by PPI++. Undefined with fewer than ten human labels: the t interval of a rate cannot be trusted there. */
export function ppiMean(data: PpiData, confidence = 0.95): PpiEstimate | { undefined: string } {
  const result = stratifiedPpiMean([data], confidence)
  if ('undefined' in result) return result
  const { strata, ...estimate } = result
  return { ...estimate, lambda: strata[0]!.lambda }
}

export interface StratifiedPpi extends Omit<PpiEstimate, 'lambda'> {
  strata: { estimate: number; lambda: number; weight: number; n: number }[]
}

/**
 * Undefined also where every label of people is the same on a scale: only a rate has ends that say what was not seen.
 * @param data one entry a stratum; its weight is its share of all items, labelled or not
 */
export function stratifiedPpiMean(data: readonly PpiData[], confidence = 0.95): StratifiedPpi | { undefined: string } {
  const few = data.findIndex(({ human }) => human.length < 10)
  if (few >= 0 || data.length === 0)
    return { undefined: `stratum ${few + 1} has ${data[few]?.human.length ?? 0} human labels; at least 10 are needed` }
  const rate = data.every(isRate)
  const alike = rate ? -1 : data.findIndex(({ human }) => new Set(human).size === 1)
  if (alike >= 0)
    return { undefined: `every human label of stratum ${alike + 1} is the same: their spread cannot be estimated` }
  const total = data.reduce((sum, { human, others }) => sum + human.length + others.length, 0)
  const weights = data.map(({ human, others }) => (human.length + others.length) / total)
  const labelled = data.map((own) => withCorners(own, rate))
  const plain = labelled.map((own, s) => peopleAlone(own, data[s]!.human.length))
  const parts = data.map((own, s) => (own.others.length > 0 ? withJudge(own, labelled[s]!) : plain[s]!))
  const range = rate ? ([0, 1] as const) : ([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const)
  const { estimate, se, low, high } = weighted(parts, weights, confidence, range)
  const { se: _, ...humanOnly } = weighted(plain, weights, confidence, range)
  return {
    estimate,
    se,
    low,
    high,
    n: data.reduce((sum, { human }) => sum + human.length, 0),
    others: data.reduce((sum, { others }) => sum + others.length, 0),
    humanOnly,
    strata: parts.map((part, s) => ({
      estimate: part.estimate,
      lambda: part.lambda,
      weight: weights[s]!,
      n: data[s]!.human.length,
    })),
  }
}

/** Weighted mean of parts; degrees of freedom by Satterthwaite. */
function weighted(
  parts: readonly Part[],
  weights: readonly number[],
  confidence: number,
  [least, most]: readonly [number, number],
) {
  let estimate = 0
  let variance = 0
  let spread = 0
  for (const [s, part] of parts.entries()) {
    const own = weights[s]! ** 2 * part.variance
    estimate += weights[s]! * part.estimate
    variance += own
    spread += own ** 2 / part.df
  }
  const se = Math.sqrt(variance)
  const reach = se * tQuantile(0.5 + confidence / 2, variance ** 2 / spread)
  return { estimate, se, low: Math.max(least, estimate - reach), high: Math.min(most, estimate + reach) }
}
