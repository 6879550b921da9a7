/**
 * Whether a worker's answers follow what the others point to, or nothing tells them from answers given without looking.
 *
 * After MACE (Hovy, Berg-Kirkpatrick, Vaswani and Hovy, "Learning Whom to Trust with MACE", NAACL 2013): with chance c a worker
 * names the truth, otherwise answers from a habit m that does not depend on it. What is true of item i is known only as
 * far as the others tell, q_i = p_k times the product of pi_vkl over the labels of everybody else, so that
 *
 *   L(c) = product over the worker's labels l on items i of [c q_il + (1 - c) m_l],   m: shares of the worker's own labels
 *
 * log L is concave; c below 0 means the opposite of the truth. Interval: likelihood ratio, 95%. The test: c is at least `bar`,
 * three fifths of the upper quartile of the others' c; signed root of the likelihood ratio, one-sided. A share of it, because
 * people differ, and who is less good than the best is not careless.
 *
 * Worked example: the others are sure of everything and both labels are given equally often; 60 of 100 answers agree:
 * L = (.5 + c / 2)^60 (.5 - c / 2)^40, c = .2, interval .0047 to .3852.
 */
import { normalCdf } from '../distributions.ts'
import { likelihoodBound } from '../likelihood-interval.ts'
import { quantile } from '../resampling.ts'
import { benjaminiHochberg } from '../share.ts'
import type { Labels } from './labels.ts'

export interface Competence {
  competence: number
  low: number
  high: number
  /** Labels on items that somebody else labelled as well. */
  n: number
  /** Share of the others' upper quartile that this worker is held against, and p of the test that it is reached; undefined where
   * fewer than two others can be compared. */
  bar?: number
  p?: number
  /** After Benjamini and Hochberg over the workers tested. */
  adjusted?: number
}

/** What the likelihood of a worker is made of: for each label the chance that it is true, and its share among the labels. */
interface Evidence {
  truth: number[]
  habit: number[]
}

/**
 * @param fitted confusion: workers x classes (true) x classes (answered)
 * @param minimum fewer shared labels say too little, of a worker and of whom others are compared with
 * @param share of the others' upper quartile that nobody should stay below
 */
export function competences(
  table: Labels,
  fitted: { confusion: Float64Array; prevalence: Float64Array },
  minimum = 20,
  share = 0.6,
): (Competence | { undefined: string })[] {
  const evidence = heldOutTruth(table, fitted).map((own) => evidenceOf(own, table.classes))
  const found = evidence.map((one) => (one.truth.length >= minimum ? estimate(one) : undefined))
  const tested: { of: Competence; p: number }[] = []
  found.forEach((own, w) => {
    const others = found.flatMap((other, v) => (other && v !== w ? [other.competence] : []))
    if (!own || others.length < 2) return
    const bar = Math.max(0, quantile(Float64Array.from(others).sort(), 0.75)) * share
    const log = logLikelihood(evidence[w]!)
    const gap = Math.max(0, log(own.competence) - log(bar))
    tested.push({ of: Object.assign(own, { bar }), p: normalCdf(Math.sign(own.competence - bar) * Math.sqrt(2 * gap)) })
  })
  const adjusted = benjaminiHochberg(tested.map(({ p }) => p))
  for (const [at, { of, p }] of tested.entries()) Object.assign(of, { p, adjusted: adjusted[at]! })
  return found.map(
    (own, w) => own ?? { undefined: `${evidence[w]!.truth.length} shared answers; at least ${minimum} are needed` },
  )
}

/** A worker's labels on items that somebody else labelled too, each with the chance that it is true as far as those others tell. */
export interface HeldOut {
  label: number[]
  truth: number[]
}

/** One entry a worker: nobody's own label has a part in what is held against it. */
export function heldOutTruth(
  table: Labels,
  { confusion, prevalence }: { confusion: Float64Array; prevalence: Float64Array },
): HeldOut[] {
  const { items, workers, classes, start, worker, label } = table
  const found = Array.from({ length: workers }, (): HeldOut => ({ label: [], truth: [] }))
  const row = new Float64Array(classes)
  for (let i = 0; i < items; i++) {
    if (start[i + 1]! - start[i]! < 2) continue
    for (let own = start[i]!; own < start[i + 1]!; own++) {
      const w = worker[own]!
      for (let k = 0; k < classes; k++) row[k] = Math.log(Math.max(prevalence[k]!, 1e-12))
      for (let o = start[i]!; o < start[i + 1]!; o++) {
        const v = worker[o]!
        if (v === w) continue
        for (let k = 0; k < classes; k++)
          row[k]! += Math.log(Math.max(confusion[(v * classes + k) * classes + label[o]!]!, 1e-12))
      }
      const top = row.reduce((a, b) => Math.max(a, b))
      const total = row.reduce((sum, value) => sum + Math.exp(value - top), 0)
      found[w]!.truth.push(Math.exp(row[label[own]!]! - top) / total)
      found[w]!.label.push(label[own]!)
    }
  }
  return found
}

function evidenceOf({ label, truth }: HeldOut, classes: number): Evidence {
  const given = new Float64Array(classes)
  for (const l of label) given[l]! += 1
  return { truth, habit: label.map((l) => given[l]! / label.length) }
}

const logLikelihood =
  ({ truth, habit }: Evidence) =>
  (c: number): number => {
    let log = 0
    for (let n = 0; n < truth.length; n++) log += Math.log(Math.max(1e-300, c * truth[n]! + (1 - c) * habit[n]!))
    return log
  }

/** Between these every label keeps a positive chance. */
function range({ truth, habit }: Evidence): [number, number] {
  let [low, high] = [-1, 1]
  for (let n = 0; n < truth.length; n++) {
    const gain = truth[n]! - habit[n]!
    if (gain > 0) low = Math.max(low, -habit[n]! / gain)
    else if (gain < 0) high = Math.min(high, habit[n]! / -gain)
  }
  return [low + 1e-9, high - 1e-9]
}

function estimate(evidence: Evidence): Competence {
  const log = logLikelihood(evidence)
  const [from, to] = range(evidence)
  const competence = maximum(log, from, to)
  return {
    competence,
    low: likelihoodBound(log, competence, from),
    high: likelihoodBound(log, competence, to),
    n: evidence.truth.length,
  }
}

/** The top of a concave function, by golden section. */
function maximum(f: (x: number) => number, from: number, to: number): number {
  const golden = (Math.sqrt(5) - 1) / 2
  let [a, b] = [from, to]
  for (let step = 0; step < 60; step++) {
    const [x, y] = [b - golden * (b - a), a + golden * (b - a)]
    if (f(x) < f(y)) a = x
    else b = y
  }
  return (a + b) / 2
}
