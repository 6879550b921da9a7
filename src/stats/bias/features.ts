/**
 * Preference for a feature of the response (length, lists, headings, any number), for the pool and per worker.
 *
 * Votes are a logistic regression with a random slope per worker (Gelman and Hill 2007, chapter 14):
 * ln odds(left chosen) = side + (slope + u_w) x, x = feature(left) - feature(right), u_w ~ N(0, tau^2),
 * fitted by EM with Laplace's approximation of each u_w, from a moment estimate of tau. For length take x = log2(length left / length right): the slope is
 * then the log odds that a response gains by being twice as long.
 * The pool's slope is tested with the sandwich over workers (t, workers - 1 degrees of freedom; with fewer than ten workers by
 * the model's own standard error). A worker is tested against the pool by the score test of u_w = 0: the question is who differs
 * from the others, for a longer answer may well be the better one.
 *
 * Worked example: every worker picks the twice longer response 3 times of 4: slope ln 3 = 1.0986, share of longer 0.75.
 */
import { normalCdf, normalQuantile, tCdf, tQuantile } from '../distributions.ts'
import { fitLogistic } from '../logistic.ts'
import { benjaminiHochberg, type ShareTest, testShare } from '../share.ts'
import { sigmoid } from '../sigmoid.ts'

export interface FeatureVotes {
  worker: Int32Array
  workers: number
  /** 1 left chosen, 0 right chosen, 0.5 a tie (left out). */
  choseLeft: ArrayLike<number>
  /** Feature of the left response less that of the right one. */
  difference: Float64Array
}

export interface WorkerSlope {
  /** The worker's slope drawn toward the pool's by how little is known of it. */
  slope: number
  low: number
  high: number
  /** Two-sided p of the test that the worker's slope is the pool's; `adjusted` after Benjamini and Hochberg. */
  p: number
  adjusted: number
  /** How often this worker chose the response with more of the feature, where they differed. */
  share: number
  n: number
}

export interface FeatureBias {
  /** How often the response with more of the feature was chosen. */
  share: ShareTest
  slope: number
  se: number
  low: number
  high: number
  p: number
  /** Standard deviation of the slope between workers. */
  tau: number
  n: number
  workers: (WorkerSlope | { undefined: string })[]
}

export function featureBias(votes: FeatureVotes, minimum = 20): FeatureBias | { undefined: string } {
  const rows: number[] = []
  for (let i = 0; i < votes.worker.length; i++) if (votes.choseLeft[i] !== 0.5) rows.push(i)
  const y = Float64Array.from(rows, (i) => votes.choseLeft[i]!)
  const x = Float64Array.from(rows, (i) => votes.difference[i]!)
  const worker = Int32Array.from(rows, (i) => votes.worker[i]!)
  const ones = new Float64Array(rows.length).fill(1)
  if (rows.length < 10) return { undefined: `${rows.length} decided votes; at least 10 are needed` }
  if (x.every((value) => value === 0)) return { undefined: 'the responses never differ in this feature' }
  const present = new Set(worker).size

  const fixed = fitLogistic({ columns: [ones, x], y, cluster: present >= 10 ? worker : undefined })
  if ('undefined' in fixed) return fixed
  const [slope, se] = [fixed.coefficients[1]!, fixed.se[1]!]
  const df = present >= 10 ? present - 1 : Number.POSITIVE_INFINITY
  const reach = tQuantile(0.975, df) * se

  const chosen = { hits: new Float64Array(votes.workers), n: new Float64Array(votes.workers) }
  for (let i = 0; i < y.length; i++) {
    if (x[i] === 0) continue
    chosen.n[worker[i]!]! += 1
    if ((y[i] === 1) === x[i]! > 0) chosen.hits[worker[i]!]! += 1
  }
  const decided = { y, x, worker, workers: votes.workers }
  const { z, start } = scoreTests(decided, fixed.coefficients)
  const random = randomSlopes(decided, fixed.coefficients, start)
  const tested = [...z.keys()].filter((w) => chosen.n[w]! >= minimum)
  const p = tested.map((w) => 2 * normalCdf(-Math.abs(z[w]!)))
  const adjusted = benjaminiHochberg(p)
  const at = new Map(tested.map((w, index) => [w, index]))
  return {
    share: testShare(sum(chosen.hits), sum(chosen.n)),
    slope,
    se,
    low: slope - reach,
    high: slope + reach,
    p: 2 * tCdf(-Math.abs(slope / se), df),
    tau: random.tau,
    n: y.length,
    workers: Array.from({ length: votes.workers }, (_, w) => {
      const index = at.get(w)
      if (index === undefined)
        return { undefined: `${chosen.n[w]} decided votes between differing responses; at least ${minimum} are needed` }
      const own = random.slope + random.deviation[w]!
      const half = normalQuantile(0.975) * random.deviationSe[w]!
      return {
        slope: own,
        low: own - half,
        high: own + half,
        p: p[index]!,
        adjusted: adjusted[index]!,
        share: chosen.hits[w]! / chosen.n[w]!,
        n: chosen.n[w]!,
      }
    }),
  }
}

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0)

interface WorkerVotes {
  y: Float64Array
  x: Float64Array
  worker: Int32Array
  workers: number
}

/**
 * z of each worker's score at the pool's line, the worker's own side preference taken out; and from the scores' spread a start for
 * tau^2 (DerSimonian and Laird 1986).
 */
function scoreTests({ y, x, worker, workers }: WorkerVotes, [side, slope]: readonly number[]) {
  const [u, v, vx, vs, us] = Array.from({ length: 5 }, () => new Float64Array(workers)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (let i = 0; i < y.length; i++) {
    const w = worker[i]!
    const p = sigmoid(side! + slope! * x[i]!)
    const variance = p * (1 - p)
    u[w]! += (y[i]! - p) * x[i]!
    us[w]! += y[i]! - p
    v[w]! += variance * x[i]! * x[i]!
    vx[w]! += variance * x[i]!
    vs[w]! += variance
  }
  const total = v.reduce((a, b) => a + b, 0)
  let [q, squares, tested, information] = [0, 0, 0, 0]
  const z = u.map((score, w) => {
    const lean = vs[w]! > 0 ? vx[w]! / vs[w]! : 0
    const variance = v[w]! - lean * vx[w]!
    // The worker's own votes moved the pool's line a little toward them.
    const own = 1 - v[w]! / total
    if (!(variance > 0 && own > 0)) return 0
    const excess = score - lean * us[w]!
    q += excess ** 2 / variance
    squares += variance ** 2
    information += variance
    tested++
    return excess / Math.sqrt(variance * own)
  })
  const room = information - squares / information
  return { z, start: room > 0 ? Math.max(0, (q - (tested - 1)) / room) : 0 }
}

/** The random slopes by a few rounds of EM from a moment estimate: near tau = 0 EM alone would creep for hundreds of them. */
function randomSlopes({ y, x, worker, workers }: WorkerVotes, line: readonly number[], start: number) {
  const votesOf = Array.from({ length: workers }, () => [] as number[])
  for (let i = 0; i < y.length; i++) votesOf[worker[i]!]!.push(i)
  const deviation = new Float64Array(workers)
  const variance = new Float64Array(workers)
  let [side, slope] = line as [number, number]
  let tau2 = Math.max(1e-4, start)
  for (let round = 0; round < 6; round++) {
    const before = [side, slope, tau2]
    for (let w = 0; w < workers; w++) {
      let u = deviation[w]!
      let information = 1 / tau2
      for (let step = 0; step < 20; step++) {
        let gradient = -u / tau2
        information = 1 / tau2
        for (const i of votesOf[w]!) {
          const p = sigmoid(side + (slope + u) * x[i]!)
          gradient += (y[i]! - p) * x[i]!
          information += p * (1 - p) * x[i]! * x[i]!
        }
        const move = Math.max(-2, Math.min(2, gradient / information))
        u += move
        if (Math.abs(move) < 1e-8) break
      }
      deviation[w] = u
      variance[w] = 1 / information
    }
    const seen = votesOf.filter((votes) => votes.length > 0).length
    let spread = 0
    for (let w = 0; w < workers; w++) if (votesOf[w]!.length > 0) spread += deviation[w]! ** 2 + variance[w]!
    tau2 = Math.max(1e-4, spread / seen)
    const offset = Float64Array.from(y, (_, i) => deviation[worker[i]!]! * x[i]!)
    const fit = fitLogistic({ columns: [new Float64Array(y.length).fill(1), x], y, offset })
    if ('undefined' in fit) break
    ;[side, slope] = fit.coefficients as [number, number]
    const moved =
      Math.abs(side - before[0]!) + Math.abs(slope - before[1]!) + Math.abs(Math.sqrt(tau2) - Math.sqrt(before[2]!))
    if (moved < 1e-4) break
  }
  return { slope, tau: Math.sqrt(tau2), deviation, deviationSe: variance.map(Math.sqrt) }
}
