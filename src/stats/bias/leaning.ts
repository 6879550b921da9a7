/**
 * Whether a worker errs toward one kind of response (the longer one): longer responses may well be better, so that choosing them
 * is no bias; choosing them where the others point to the shorter, more often than the other way round, is.
 *
 * q_i: how probable it is, as far as the others tell, that the response with more is better (`truth/competence`). With chance e_t a
 * worker takes the one with more where the one with less is better, with chance e_a the one with less where more is better:
 *
 *   L = product over choices of more of [q (1 - e_a) + (1 - q) e_t], of less of [q e_a + (1 - q) (1 - e_t)]
 *
 * The lean is e_t - e_a; without bias errors fall both ways alike. Two-sided test and interval by likelihood ratio, the mean of
 * the two error rates profiled out.
 *
 * Worked example: the others are sure; of 40 where less is better more is taken 20 times, of 40 where more is better less is
 * taken 4 times: lean .5 - .1 = .4, interval .213 to .572, p = .00005.
 */
import { chiSquareUpper } from '../distributions.ts'
import { likelihoodBound } from '../likelihood-interval.ts'
import { benjaminiHochberg } from '../share.ts'

export interface Leaning {
  lean: number
  low: number
  high: number
  /** Chance to take the one with more where less is better, and the one with less where more is better. */
  toward: number
  away: number
  n: number
  p: number
  /** After Benjamini and Hochberg over the workers tested. */
  adjusted: number
}

export interface Choices {
  /** Probability that the response with more is better, as far as the others tell. */
  moreBetter: number[]
  /** 1 where the worker took it. */
  tookMore: number[]
}

/** One entry a worker. */
export function leanings(workers: readonly Choices[], minimum = 20): (Leaning | { undefined: string })[] {
  const found = workers.map((own) =>
    own.tookMore.length < minimum
      ? { undefined: `${own.tookMore.length} shared choices; at least ${minimum} are needed` }
      : leaningOf(own),
  )
  const tested = found.flatMap((own) => ('undefined' in own ? [] : [own]))
  const adjusted = benjaminiHochberg(tested.map(({ p }) => p))
  for (const [at, own] of tested.entries()) own.adjusted = adjusted[at]!
  return found
}

/** The likelihood is evaluated some thousand times: choices of about the same q are counted once, to half a percent. */
const bins = 200

interface Counted {
  q: Float64Array
  more: Float64Array
  less: Float64Array
}

function counted({ moreBetter, tookMore }: Choices): Counted {
  const counts = { more: new Float64Array(bins + 1), less: new Float64Array(bins + 1) }
  for (const [n, q] of moreBetter.entries()) counts[tookMore[n] ? 'more' : 'less'][Math.round(q * bins)]! += 1
  const used = [...counts.more.keys()].filter((bin) => counts.more[bin]! + counts.less[bin]! > 0)
  const of = (values: (bin: number) => number) => Float64Array.from(used, values)
  return { q: of((bin) => bin / bins), more: of((bin) => counts.more[bin]!), less: of((bin) => counts.less[bin]!) }
}

function leaningOf(of: Choices): Leaning {
  const choices = counted(of)
  const profile = (lean: number) =>
    best((mean) => logLikelihood(choices, mean, lean), Math.abs(lean) / 2, 1 - Math.abs(lean) / 2)
  const top = best((lean) => profile(lean).value, -1, 1)
  const lean = top.at
  const mean = profile(lean).at
  return {
    lean,
    low: likelihoodBound((x) => profile(x).value, lean, -1, 25),
    high: likelihoodBound((x) => profile(x).value, lean, 1, 25),
    toward: mean + lean / 2,
    away: mean - lean / 2,
    n: of.tookMore.length,
    p: chiSquareUpper(Math.max(0, 2 * (top.value - profile(0).value)), 1),
    adjusted: 1,
  }
}

function logLikelihood({ q, more, less }: Counted, mean: number, lean: number): number {
  const [toward, away] = [mean + lean / 2, mean - lean / 2]
  let log = 0
  for (let n = 0; n < q.length; n++) {
    const took = q[n]! * (1 - away) + (1 - q[n]!) * toward
    if (more[n]! > 0) log += more[n]! * Math.log(Math.max(1e-300, took))
    if (less[n]! > 0) log += less[n]! * Math.log(Math.max(1e-300, 1 - took))
  }
  return log
}

/** The top of a concave function, by golden section; its ends count, where an error rate is 0 or 1. */
function best(f: (x: number) => number, from: number, to: number): { at: number; value: number } {
  const golden = (Math.sqrt(5) - 1) / 2
  let [a, b] = [from, to]
  let [x, y] = [b - golden * (b - a), a + golden * (b - a)]
  let [fx, fy] = [f(x), f(y)]
  for (let step = 0; step < 30; step++) {
    if (fx < fy) {
      a = x
      ;[x, fx] = [y, fy]
      y = a + golden * (b - a)
      fy = f(y)
    } else {
      b = y
      ;[y, fy] = [x, fx]
      x = b - golden * (b - a)
      fx = f(x)
    }
  }
  const tried = [from, (a + b) / 2, to].map((at) => ({ at, value: f(at) }))
  return tried.reduce((one, other) => (other.value > one.value ? other : one))
}
