/**
 * Speed against a fitted floor. Whoever reads takes longer for longer texts, whoever does not takes about the same for all:
 *
 *   reading:  log t ~ N(a + b log length, s^2),      not reading:  log t ~ N(c, u^2),   a share f of answers is not reading
 *
 * (a mixture of regressions, Quandt and Ramsey, JASA 73, 1978; response times after van der Linden 2006), by EM. The floor
 * at a length is the time below which not reading is the likelier. One normal regression is fitted too: where BIC prefers it,
 * there are no two ways of working in the data, and no answer is called fast.
 *
 * Worked example: a test simulates 15% answers of about two seconds and finds the share and the floor again.
 */
import { refuse } from '../errors.ts'
import { betaMoments } from './result.ts'

export interface SpeedModel {
  /** False: BIC prefers one way of working; `fast` is 0 for all answers then. */
  twoWays: boolean
  reading: { intercept: number; slope: number; sd: number }
  notReading: { mean: number; sd: number; share: number }
  /** Probability that an answer was given without reading. */
  fast: Float64Array
  bicDifference: number
  iterations: number
}

const least = 0.05

/** `seconds` and `length` (characters or words): one an answer, both above 0. Throws `bad_input` on fewer than 20 answers. */
export function speedModel(seconds: Float64Array, length: Float64Array): SpeedModel {
  const n = seconds.length
  if (n < 20) refuse(`A floor of speed needs 20 answers or more, found ${n}.`)
  const bad = seconds.findIndex((t, a) => !(t > 0 && length[a]! > 0 && Number.isFinite(t + length[a]!)))
  if (bad >= 0) refuse('Seconds and lengths must be above 0.', { where: `answer ${bad + 1}` })
  const y = seconds.map(Math.log)
  const x = length.map(Math.log)
  const one = regression(x, y, new Float64Array(n).fill(1))
  const oneLog = sum(n, (a) => normalLog(y[a]!, one.intercept + one.slope * x[a]!, one.sd))
  const sorted = y.slice().sort()
  // the fastest tenth is the first guess at not reading
  const cut = sorted[Math.floor(n / 10)]!
  const fast = y.map((value) => (value <= cut ? 0.9 : 0.05))
  let reading = one
  let notReading = { mean: cut, sd: one.sd, share: 0.1 }
  let log = Number.NEGATIVE_INFINITY
  let iterations = 0
  for (; iterations < 1000; iterations++) {
    reading = regression(
      x,
      y,
      fast.map((f) => 1 - f),
    )
    const weight = Math.max(
      fast.reduce((a, b) => a + b, 0),
      1e-9,
    )
    const mean = sum(n, (a) => fast[a]! * y[a]!) / weight
    const sd = Math.max(Math.sqrt(sum(n, (a) => fast[a]! * (y[a]! - mean) ** 2) / weight), least)
    notReading = { mean, sd, share: weight / n }
    const before = log
    log = 0
    for (let a = 0; a < n; a++) {
      const slow =
        Math.log(1 - notReading.share) + normalLog(y[a]!, reading.intercept + reading.slope * x[a]!, reading.sd)
      const quick = Math.log(notReading.share) + normalLog(y[a]!, mean, sd)
      const top = Math.max(slow, quick)
      const total = Math.exp(slow - top) + Math.exp(quick - top)
      log += top + Math.log(total)
      fast[a] = Math.exp(quick - top) / total
    }
    if (log - before < 1e-8 * Math.abs(log)) break
  }
  const bicDifference = -2 * oneLog + 3 * Math.log(n) - (-2 * log + 6 * Math.log(n))
  const middle = x.reduce((a, b) => a + b, 0) / n
  const isFaster = notReading.mean < reading.intercept + reading.slope * middle - reading.sd
  const twoWays = bicDifference > 0 && isFaster
  if (!twoWays) fast.fill(0)
  else
    for (let a = 0; a < n; a++) {
      // slower than expected of a reader is never "without reading", whatever the tails of the two curves say
      if (y[a]! > reading.intercept + reading.slope * x[a]!) fast[a] = 0
    }
  return { twoWays, reading: twoWays ? reading : one, notReading, fast, bicDifference, iterations }
}

/** Seconds below which an answer on a text of this length was likelier given without reading; 0 where nobody works so. */
export function floorAt({ twoWays, reading, notReading }: SpeedModel, length: number): number {
  if (!twoWays) return 0
  const centre = reading.intercept + reading.slope * Math.log(length)
  const gain = (t: number) =>
    Math.log(notReading.share) +
    normalLog(t, notReading.mean, notReading.sd) -
    Math.log(1 - notReading.share) -
    normalLog(t, centre, reading.sd)
  let [low, high] = [notReading.mean, centre]
  if (low >= high || gain(low) <= 0) return 0
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (gain(middle) > 0) low = middle
    else high = middle
  }
  return Math.exp(low)
}

/** Share of a worker's answers given without reading, with a 95% interval. */
export function fastShare(fast: ArrayLike<number>): { share: number; low: number; high: number; answers: number } {
  const n = fast.length
  let total = 0
  for (let a = 0; a < n; a++) total += fast[a]!
  const a = total + 0.5
  const b = n - total + 0.5
  const { low, high } = betaMoments(a / (a + b), (a * b) / ((a + b) ** 2 * (a + b + 1)))
  return { share: n > 0 ? total / n : 0, low, high, answers: n }
}

const normalLog = (y: number, mean: number, sd: number) =>
  -0.5 * Math.log(2 * Math.PI) - Math.log(sd) - 0.5 * ((y - mean) / sd) ** 2

function sum(n: number, term: (a: number) => number): number {
  let total = 0
  for (let a = 0; a < n; a++) total += term(a)
  return total
}

/** Weighted least squares of y on x; texts of one length leave the slope at 0. */
function regression(x: Float64Array, y: Float64Array, weight: Float64Array) {
  const n = x.length
  const w = sum(n, (a) => weight[a]!)
  const mx = sum(n, (a) => weight[a]! * x[a]!) / w
  const my = sum(n, (a) => weight[a]! * y[a]!) / w
  const sxx = sum(n, (a) => weight[a]! * (x[a]! - mx) ** 2)
  const sxy = sum(n, (a) => weight[a]! * (x[a]! - mx) * (y[a]! - my))
  const slope = sxx > 1e-9 ? sxy / sxx : 0
  const intercept = my - slope * mx
  const sd = Math.sqrt(sum(n, (a) => weight[a]! * (y[a]! - intercept - slope * x[a]!) ** 2) / w)
  return { intercept, slope, sd: Math.max(sd, least) }
}
