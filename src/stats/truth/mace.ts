/**
 * Hovy, Berg-Kirkpatrick, Vaswani and Hovy, "Learning Whom to Trust with MACE", NAACL 2013. On each answer a worker knows
 * the true class with probability t_w, or else draws from a habit s_w over the classes:
 *
 *   P(answer l | truth k) = t_w [l = k] + (1 - t_w) s_wl,   classes equally likely.
 *
 * `vb` (default): variational Bayes with Beta(.5, .5) on knowing and Dirichlet(10) on the habit, as in the authors' code:
 * parameters are exp(psi(count + prior)) / exp(psi(sum)). `em`: maximum likelihood with .01 / K added to every count.
 * The likelihood has many maxima: the best of `restarts` random starts (parameters proportional to 1 + U/2) is kept. Starts
 * are drawn from the answers (`signature.ts`), so that the order of rows and the names change nothing. Products are sums
 * of logs: an item with thousands of answers does not underflow.
 *
 * Worked example: t = .5, s = (.5, .5), two classes, answers 0 0 1 on one item:
 * .75 .75 .25 against .25 .25 .75, q = .75.
 */
import { digamma } from '../distributions.ts'
import { byTruth, confusionCells } from './confusion.ts'
import type { Labels } from './labels.ts'
import { labelCounts, prevalenceOf, qualityFromRight, type Step, snap, type Truth } from './result.ts'
import { type Signatures, signatures, uniform } from './signature.ts'

export interface MaceOptions {
  inference?: 'vb' | 'em'
  restarts?: number
  iterations?: number
  tolerance?: number
  /** Draws other starts. */
  seed?: number
}

const knowingPrior = 0.5
const habitPrior = 10

interface Fit {
  posterior: Float64Array
  /** Two entries a worker: guessing, knowing. */
  knowing: Float64Array
  habit: Float64Array
  expected: Float64Array
  trace: Step[]
  logLikelihood: number
  converged: boolean
}

export function mace(table: Labels, options: MaceOptions = {}): Truth {
  const { restarts = 10, seed = 0 } = options
  const marks = signatures(table)
  let kept: Fit | undefined
  for (let restart = 0; restart < restarts; restart++) {
    const fit = fitOnce(table, start(table, marks, seed + restart), options)
    // mirror images of one solution differ by rounding: the first one stays
    if (!kept || fit.logLikelihood > kept.logLikelihood + 1e-9 * Math.abs(kept.logLikelihood)) kept = fit
  }
  const { posterior, expected, trace, converged, logLikelihood, knowing, habit } = kept!
  const { workers, classes } = table
  const quality = qualityFromRight(expected, labelCounts(table))
  quality.parameter = Float64Array.from(
    { length: workers },
    (_, w) => knowing[2 * w + 1]! / (knowing[2 * w]! + knowing[2 * w + 1]!),
  )
  const confusion = confusionCells(table)
  for (let n = 0; n < confusion.length; n++) {
    const w = Math.floor(n / (classes * classes))
    const l = Math.floor(n / classes) % classes
    const t = quality.parameter[w]!
    const habits = habit.subarray(w * classes, (w + 1) * classes).reduce((a, b) => a + b, 0)
    confusion[n] = (l === n % classes ? t : 0) + ((1 - t) * habit[w * classes + l]!) / habits
  }
  quality.confusion = byTruth(confusion, classes)
  const prevalence = prevalenceOf(posterior, classes)
  return { method: 'mace', posterior, prevalence, quality, trace, iterations: trace.length, converged, logLikelihood }
}

function start({ workers, classes }: Labels, marks: Signatures, restart: number) {
  const knowing = new Float64Array(workers * 2)
  const habit = new Float64Array(workers * classes)
  for (let w = 0; w < workers; w++) {
    for (let s = 0; s < 2; s++) knowing[2 * w + s] = 1 + 0.5 * uniform(marks.worker[w]!, restart, 7, s)
    for (let k = 0; k < classes; k++)
      habit[w * classes + k] = 1 + 0.5 * uniform(marks.worker[w]!, restart, 11, marks.class[k]!)
    normalise(knowing, 2 * w, 2)
    normalise(habit, w * classes, classes)
  }
  return { knowing, habit }
}

function normalise(values: Float64Array, from: number, length: number) {
  let sum = 0
  for (let n = from; n < from + length; n++) sum += values[n]!
  for (let n = from; n < from + length; n++) values[n]! /= sum
}

function fitOnce(table: Labels, begin: { knowing: Float64Array; habit: Float64Array }, options: MaceOptions): Fit {
  const { inference = 'vb', iterations = 50, tolerance = 1e-9 } = options
  const { items, workers, classes } = table
  const { knowing, habit } = begin
  const posterior = new Float64Array(items * classes)
  const knew = new Float64Array(workers)
  const guessed = new Float64Array(workers * classes)
  const expected = new Float64Array(workers)
  const trace: Step[] = []
  let { logLikelihood, change } = expect(table, knowing, habit, posterior, knew, guessed, expected)
  while (trace.length < iterations) {
    maximise()
    ;({ logLikelihood, change } = expect(table, knowing, habit, posterior, knew, guessed, expected))
    trace.push({ objective: logLikelihood, change })
    if (change < tolerance) break
  }
  return { posterior, knowing, habit, expected, trace, logLikelihood, converged: change < tolerance }

  function maximise() {
    const smoothing = 0.01 / classes
    const [forKnowing, forHabit] = inference === 'vb' ? [knowingPrior, habitPrior] : [smoothing, smoothing]
    for (let w = 0; w < workers; w++) {
      let guesses = 0
      for (let k = 0; k < classes; k++) guesses += guessed[w * classes + k]!
      const total = knew[w]! + guesses + 2 * forKnowing
      knowing[2 * w] = share(guesses + forKnowing, total)
      knowing[2 * w + 1] = share(knew[w]! + forKnowing, total)
      for (let k = 0; k < classes; k++)
        habit[w * classes + k] = share(guessed[w * classes + k]! + forHabit, guesses + classes * forHabit)
    }
  }

  function share(count: number, total: number) {
    return inference === 'vb' ? Math.exp(digamma(count) - digamma(total)) : count / total
  }
}

function expect(
  { items, classes, start, worker, label }: Labels,
  knowing: Float64Array,
  habit: Float64Array,
  posterior: Float64Array,
  knew: Float64Array,
  guessed: Float64Array,
  expected: Float64Array,
) {
  knew.fill(0)
  guessed.fill(0)
  expected.fill(0)
  const sum = new Float64Array(classes)
  let logLikelihood = 0
  let change = 0
  for (let i = 0; i < items; i++) {
    sum.fill(0)
    let all = -Math.log(classes)
    for (let o = start[i]!; o < start[i + 1]!; o++) {
      const w = worker[o]!
      const guess = knowing[2 * w]! * habit[w * classes + label[o]!]!
      const logGuess = Math.log(Math.max(guess, 1e-300))
      all += logGuess
      sum[label[o]!]! += Math.log(Math.max(guess + knowing[2 * w + 1]!, 1e-300)) - logGuess
    }
    let top = sum[0]!
    for (let k = 1; k < classes; k++) if (sum[k]! > top) top = sum[k]!
    let total = 0
    for (let k = 0; k < classes; k++) total += sum[k] = Math.exp(sum[k]! - top)
    logLikelihood += all + top + Math.log(total)
    for (let k = 0; k < classes; k++) {
      const q = snap(sum[k]! / total)
      const moved = Math.abs(q - posterior[i * classes + k]!)
      if (moved > change) change = moved
      posterior[i * classes + k] = q
    }
    for (let o = start[i]!; o < start[i + 1]!; o++) {
      const w = worker[o]!
      const l = label[o]!
      const guess = knowing[2 * w]! * habit[w * classes + l]!
      const right = posterior[i * classes + l]!
      const known = (right * knowing[2 * w + 1]!) / (guess + knowing[2 * w + 1]!)
      expected[w]! += right
      knew[w]! += known
      guessed[w * classes + l]! += 1 - known
    }
  }
  return { logLikelihood, change }
}
