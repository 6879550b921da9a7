/**
 * The two halves of every method with a confusion matrix per worker.
 *
 * Model: item i has a true class k with probability p_k; worker w answers l on it with probability pi_wkl, all answers
 * independent given k. Then  q_ik  is proportional to  p_k * product over the labels (w, l) of item i of pi_wkl.
 *
 * Tables over workers are laid out workers x answered x true, so that the inner loop over the true class is contiguous
 * (and cached); `byTruth` turns them to workers x true x answered, the order in which people read them.
 */
import { refuse } from '../errors.ts'
import type { Labels } from './labels.ts'
import { emptyQuality, labelCounts, setQuality, snap, type WorkerQuality } from './result.ts'

/** 400 MB a table of them. */
const cellLimit = 50_000_000

/** One cell for each worker, answered and true class. Throws `bad_input` where they would not fit in memory. */
export function confusionCells({ workers, classes }: Labels): Float64Array {
  const cells = workers * classes * classes
  if (cells > cellLimit)
    refuse(`${workers} workers and ${classes} classes are too many for a confusion matrix each.`, {
      hint: 'Use one-coin, wawa, glad or bwa; is the label column free text?',
    })
  return new Float64Array(cells)
}

/** Below this the product of an item's probabilities is taken again as a sum of logarithms. */
const vanishing = 1e-200

/**
 * One pass of EM: writes q into `posterior` (items x classes) and the expected answers into `counts` (workers x answered x
 * true), which is set to `priorCounts` first. `pi` has the layout of `counts`, `prior` one entry a class; `known` (one class
 * an item, -1 for unknown) holds gold items at their class. Both halves share the walk over the labels, the cost of a pass.
 * Products instead of sums of logarithms: neither exp nor log for the items whose product does not vanish.
 * Returns the log of the normalisers' product (the marginal log-likelihood when the inputs are probabilities), the largest
 * change of an entry, and the sum of each class over the items.
 */
export function emPass(
  table: Labels,
  pi: Float64Array,
  prior: Float64Array,
  posterior: Float64Array,
  priorCounts: Float64Array,
  counts: Float64Array,
  known?: Int32Array,
): { logLikelihood: number; change: number; sums: Float64Array } {
  const { items, classes, start, worker, label } = table
  const sums = new Float64Array(classes)
  counts.set(priorCounts)
  const gather = gatherFor(classes)
  const scatter = scatterFor(classes)
  const row = new Float64Array(classes)
  let logLikelihood = 0
  let product = 1
  let change = 0
  for (let i = 0; i < items; i++) {
    row.set(prior)
    const from = start[i]!
    const to = start[i + 1]!
    gather(row, pi, worker, label, from, to)
    const gold = known ? known[i]! : -1
    let total = 0
    if (gold >= 0) {
      total = row[gold]!
      row.fill(0)
      row[gold] = total
    } else for (let k = 0; k < classes; k++) total += row[k]!
    if (total < vanishing) {
      const log = logRow(table, pi, prior, row, i, gold)
      logLikelihood += log
      total = 1
    }
    // one logarithm for many items
    product *= total
    if (product < vanishing) {
      logLikelihood += Math.log(product)
      product = 1
    }
    const scale = 1 / total
    for (let k = 0; k < classes; k++) {
      const q = snap(row[k]! * scale)
      const moved = Math.abs(q - posterior[i * classes + k]!)
      if (moved > change) change = moved
      posterior[i * classes + k] = row[k] = q
      sums[k]! += q
    }
    scatter(row, counts, worker, label, from, to)
  }
  return { logLikelihood: logLikelihood + Math.log(product), change, sums }
}

/** Posterior of one item into `row`, by logarithms; returns the log of its normaliser. */
function logRow(
  { classes, start, worker, label }: Labels,
  pi: Float64Array,
  prior: Float64Array,
  row: Float64Array,
  item: number,
  gold: number,
): number {
  const log = (p: number) => Math.log(Math.max(p, 1e-300))
  for (let k = 0; k < classes; k++) row[k] = log(prior[k]!)
  for (let o = start[item]!; o < start[item + 1]!; o++) {
    const base = (worker[o]! * classes + label[o]!) * classes
    for (let k = 0; k < classes; k++) row[k]! += log(pi[base + k]!)
  }
  const top = gold >= 0 ? row[gold]! : row.reduce((a, b) => Math.max(a, b))
  let total = 0
  for (let k = 0; k < classes; k++) total += row[k] = gold >= 0 ? Number(k === gold) : Math.exp(row[k]! - top)
  for (let k = 0; k < classes; k++) row[k]! /= total
  return top + Math.log(total)
}

/** Expected answers, workers x answered x true, added to `into` (which holds the prior counts). */
export function countAnswers(table: Labels, posterior: Float64Array, into: Float64Array): void {
  const { items, classes, start, worker, label } = table
  const scatter = scatterFor(classes)
  for (let i = 0; i < items; i++)
    scatter(posterior.subarray(i * classes, (i + 1) * classes), into, worker, label, start[i]!, start[i + 1]!)
}

type Walk = (
  row: Float64Array,
  cells: Float64Array,
  worker: Int32Array,
  label: Labels['label'],
  from: number,
  to: number,
) => void

/** Multiplies `row` by the cells of every label: written out for few classes, where the loop would cost more than the products. */
const gathers: Record<number, Walk> = {
  2: (row, cells, worker, label, from, to) => {
    let a = row[0]!
    let b = row[1]!
    for (let o = from; o < to; o++) {
      const base = worker[o]! * 4 + label[o]! * 2
      a *= cells[base]!
      b *= cells[base + 1]!
    }
    row[0] = a
    row[1] = b
  },
  3: (row, cells, worker, label, from, to) => {
    let a = row[0]!
    let b = row[1]!
    let c = row[2]!
    for (let o = from; o < to; o++) {
      const base = worker[o]! * 9 + label[o]! * 3
      a *= cells[base]!
      b *= cells[base + 1]!
      c *= cells[base + 2]!
    }
    row[0] = a
    row[1] = b
    row[2] = c
  },
  4: (row, cells, worker, label, from, to) => {
    let a = row[0]!
    let b = row[1]!
    let c = row[2]!
    let d = row[3]!
    for (let o = from; o < to; o++) {
      const base = worker[o]! * 16 + label[o]! * 4
      a *= cells[base]!
      b *= cells[base + 1]!
      c *= cells[base + 2]!
      d *= cells[base + 3]!
    }
    row[0] = a
    row[1] = b
    row[2] = c
    row[3] = d
  },
}

function gatherFor(classes: number): Walk {
  return (
    gathers[classes] ??
    ((row, cells, worker, label, from, to) => {
      for (let o = from; o < to; o++) {
        const base = (worker[o]! * classes + label[o]!) * classes
        for (let k = 0; k < classes; k++) row[k]! *= cells[base + k]!
      }
    })
  )
}

/** Adds `row` to the cells of every label. */
const scatters: Record<number, Walk> = {
  2: (row, cells, worker, label, from, to) => {
    const a = row[0]!
    const b = row[1]!
    for (let o = from; o < to; o++) {
      const base = worker[o]! * 4 + label[o]! * 2
      cells[base]! += a
      cells[base + 1]! += b
    }
  },
  3: (row, cells, worker, label, from, to) => {
    const a = row[0]!
    const b = row[1]!
    const c = row[2]!
    for (let o = from; o < to; o++) {
      const base = worker[o]! * 9 + label[o]! * 3
      cells[base]! += a
      cells[base + 1]! += b
      cells[base + 2]! += c
    }
  },
  4: (row, cells, worker, label, from, to) => {
    const a = row[0]!
    const b = row[1]!
    const c = row[2]!
    const d = row[3]!
    for (let o = from; o < to; o++) {
      const base = worker[o]! * 16 + label[o]! * 4
      cells[base]! += a
      cells[base + 1]! += b
      cells[base + 2]! += c
      cells[base + 3]! += d
    }
  },
}

function scatterFor(classes: number): Walk {
  return (
    scatters[classes] ??
    ((row, cells, worker, label, from, to) => {
      for (let o = from; o < to; o++) {
        const base = (worker[o]! * classes + label[o]!) * classes
        for (let k = 0; k < classes; k++) cells[base + k]! += row[k]!
      }
    })
  )
}

/** Applies `each(count, total over the answers of this worker and true class)` to every cell of `counts`. */
export function mapCells(
  counts: Float64Array,
  classes: number,
  into: Float64Array,
  each: (count: number, total: number) => number,
): void {
  const square = classes * classes
  for (let base = 0; base < counts.length; base += square) {
    for (let k = 0; k < classes; k++) {
      let total = 0
      for (let l = 0; l < classes; l++) total += counts[base + l * classes + k]!
      for (let l = 0; l < classes; l++) {
        const cell = base + l * classes + k
        into[cell] = each(counts[cell]!, total)
      }
    }
  }
}

/** Turns workers x answered x true into workers x true x answered, and back. */
export function byTruth(table: Float64Array, classes: number): Float64Array {
  const turned = new Float64Array(table.length)
  const square = classes * classes
  for (let base = 0; base < table.length; base += square)
    for (let l = 0; l < classes; l++)
      for (let k = 0; k < classes; k++) turned[base + k * classes + l] = table[base + l * classes + k]!
  return turned
}

/**
 * Quality of each worker from Dirichlet counts a_wkl > 0 (prior included): accuracy = sum_k p_k a_wkk / a_wk0, its
 * variance = sum_k p_k^2 a_wkk (a_wk0 - a_wkk) / (a_wk0^2 (a_wk0 + 1)).
 */
export function confusionQuality(table: Labels, counts: Float64Array, prevalence: Float64Array): WorkerQuality {
  const { classes, workers } = table
  const quality = emptyQuality(labelCounts(table))
  const share = new Float64Array(counts.length)
  mapCells(counts, classes, share, (count, total) => (total > 0 ? count / total : 1 / classes))
  for (let w = 0; w < workers; w++) {
    const base = w * classes * classes
    let mean = 0
    let variance = 0
    for (let k = 0; k < classes; k++) {
      let total = 0
      for (let l = 0; l < classes; l++) total += counts[base + l * classes + k]!
      const right = share[base + k * classes + k]!
      mean += prevalence[k]! * right
      variance += (prevalence[k]! ** 2 * right * (1 - right)) / (total + 1)
    }
    setQuality(quality, w, Math.min(mean, 1), variance)
  }
  quality.confusion = byTruth(share, classes)
  return quality
}
