/**
 * Whitehill, Ruvolo, Wu, Bergsma and Movellan, "Whose Vote Should Count More", NIPS 2009: workers of ability a_w (any sign)
 * on items of ease b_i = exp(d_i).
 *
 *   P(right) = s(a_w b_i),  s the logistic function;  every wrong class has (1 - s) / (K - 1);  classes equally likely;
 *   priors N(1, 1) on a_w and on d_i; maximum a posteriori by EM.
 *
 * The M step is a few damped Newton sweeps over workers, then items: given the ease, an ability's objective is concave; an
 * item's d uses the expected curvature, so that every step goes uphill. Each sweep sums over answers in a fixed order.
 *
 * Worked example: three workers answer 0 0 1 on one item of two classes; at the start a = d = 1 each answer has
 * s(e) = .9381, so log odds = e (2 - 1) = 2.718, q = .9381.
 */
import { logSigmoid, sigmoid } from '../sigmoid.ts'
import type { Labels } from './labels.ts'
import { labelCounts, prevalenceOf, qualityFromRight, type Step, snap, type Truth } from './result.ts'

export interface GladOptions {
  iterations?: number
  tolerance?: number
}

export interface GladTruth extends Truth {
  /** exp(-d_i) of each item: higher is harder. */
  difficulty: Float64Array
}

const sweeps = 3

export function glad(table: Labels, options: GladOptions = {}): GladTruth {
  const { iterations = 200, tolerance = 1e-5 } = options
  const { items, workers, classes, start, worker, label } = table
  const ability = new Float64Array(workers).fill(1)
  const logEase = new Float64Array(items).fill(1)
  const posterior = new Float64Array(items * classes).fill(1 / classes)
  const slope = new Float64Array(workers)
  const curve = new Float64Array(workers)
  const logOthers = Math.log(Math.max(classes - 1, 1))
  const trace: Step[] = []
  let { logLikelihood, change } = expect()
  let converged = false
  while (trace.length < iterations && !converged) {
    for (let sweep = 0; sweep < sweeps; sweep++) {
      moveWorkers()
      moveItems()
    }
    ;({ logLikelihood, change } = expect())
    trace.push({ objective: logLikelihood + logPrior(ability) + logPrior(logEase), change })
    converged = change < tolerance
  }
  const right = new Float64Array(workers)
  for (let i = 0; i < items; i++)
    for (let o = start[i]!; o < start[i + 1]!; o++) right[worker[o]!]! += posterior[i * classes + label[o]!]!
  const quality = qualityFromRight(right, labelCounts(table))
  quality.parameter = ability
  const difficulty = logEase.map((d) => Math.exp(-d))
  const prevalence = prevalenceOf(posterior, classes)
  return {
    method: 'glad',
    posterior,
    prevalence,
    quality,
    trace,
    iterations: trace.length,
    converged,
    logLikelihood,
    difficulty,
  }

  function expect() {
    const sum = new Float64Array(classes)
    let logLikelihood = 0
    let change = 0
    for (let i = 0; i < items; i++) {
      sum.fill(0)
      let all = -Math.log(classes)
      const ease = Math.exp(logEase[i]!)
      for (let o = start[i]!; o < start[i + 1]!; o++) {
        const x = ability[worker[o]!]! * ease
        const wrong = logSigmoid(-x) - logOthers
        all += wrong
        sum[label[o]!]! += logSigmoid(x) - wrong
      }
      let top = sum[0]!
      for (let k = 1; k < classes; k++) if (sum[k]! > top) top = sum[k]!
      let total = 0
      for (let k = 0; k < classes; k++) total += sum[k] = Math.exp(sum[k]! - top)
      logLikelihood += all + top + Math.log(total)
      for (let k = 0; k < classes; k++) {
        const q = snap(sum[k]! / total)
        change = Math.max(change, Math.abs(q - posterior[i * classes + k]!))
        posterior[i * classes + k] = q
      }
    }
    return { logLikelihood, change }
  }

  function moveWorkers() {
    for (let w = 0; w < workers; w++) slope[w] = 1 - ability[w]!
    curve.fill(1)
    for (let i = 0; i < items; i++) {
      const ease = Math.exp(logEase[i]!)
      for (let o = start[i]!; o < start[i + 1]!; o++) {
        const w = worker[o]!
        const s = sigmoid(ability[w]! * ease)
        slope[w]! += (posterior[i * classes + label[o]!]! - s) * ease
        curve[w]! += s * (1 - s) * ease * ease
      }
    }
    for (let w = 0; w < workers; w++) ability[w]! += clip(slope[w]! / curve[w]!)
  }

  function moveItems() {
    for (let i = 0; i < items; i++) {
      const ease = Math.exp(logEase[i]!)
      let rise = 1 - logEase[i]!
      let bend = 1
      for (let o = start[i]!; o < start[i + 1]!; o++) {
        const x = ability[worker[o]!]! * ease
        const s = sigmoid(x)
        rise += (posterior[i * classes + label[o]!]! - s) * x
        bend += s * (1 - s) * x * x
      }
      logEase[i]! += clip(rise / bend)
    }
  }
}

/** Newton's step, no longer than 1/2: far from the maximum the curvature says little. */
const clip = (step: number) => Math.max(-0.5, Math.min(0.5, step))

const logPrior = (values: Float64Array) => values.reduce((sum, x) => sum - 0.5 * (x - 1) ** 2, 0)
