/**
 * One pass of EM over the labels (model and layout: `confusion.ts`), the inner loop of Dawid-Skene and IBCC.
 *
 * What makes it fast: both halves share the walk over an item's labels; products instead of sums of logarithms need neither exp
 * nor log for the items whose product does not vanish; probabilities and counts of one cell lie side by side while the pass
 * runs, so that the second walk finds them in the cache; up to four classes live in local variables.
 */
import type { Labels } from './labels.ts'
import { snap } from './result.ts'

export interface Pass {
  /** Log of the normalisers' product: the marginal log-likelihood when the inputs are probabilities. */
  logLikelihood: number
  /** Largest change of an entry of the posterior. */
  change: number
  /** Sum of each class over the items. */
  sums: Float64Array
}

/** Classes that the fast walk holds in variables; tables are padded to it. */
const few = 4
/** Below this a product is taken as a sum of logarithms; two numbers above it have a product that is no 0. */
const vanishing = 1e-140

/** One pass: writes the posterior and the counts that follow from `pi` and `prior`. */
export type EmPass = (
  pi: Float64Array,
  prior: Float64Array,
  posterior: Float64Array,
  priorCounts: Float64Array,
  counts: Float64Array,
) => Pass

/**
 * Makes the pass over a table. It writes q into `posterior` (items x classes) and `priorCounts` plus the expected answers into
 * `counts` (workers x answered x true); `pi` has the layout of `counts`, `prior` one entry a class. `known` (one class an
 * item, -1 for unknown) holds gold items at their class.
 */
export function preparePass(table: Labels, known?: Int32Array): EmPass {
  const { classes, workers, worker, label } = table
  const width = Math.max(classes, few)
  const stride = 2 * width
  const cells = new Float64Array(workers * classes * stride)
  // where the cell of each label begins: cheaper to read than to work out twice a pass
  const cell = new Int32Array(worker.length)
  for (let o = 0; o < cell.length; o++) cell[o] = (worker[o]! * classes + label[o]!) * stride
  const walk = classes <= few ? walkFew : walkMany
  return (pi, prior, posterior, priorCounts, counts) => {
    for (let from = 0, to = 0; from < pi.length; from += classes, to += stride) {
      for (let k = 0; k < classes; k++) {
        cells[to + k] = pi[from + k]!
        cells[to + width + k] = priorCounts[from + k]!
      }
    }
    const byLogs = (row: Float64Array, item: number) => logRow(table, pi, prior, row, item, known ? known[item]! : -1)
    const pass = walk(table, cell, cells, prior, posterior, known, byLogs)
    for (let from = 0, to = 0; from < counts.length; from += classes, to += stride)
      for (let k = 0; k < classes; k++) counts[from + k] = cells[to + width + k]!
    return pass
  }
}

type Walk = (
  table: Labels,
  cell: Int32Array,
  cells: Float64Array,
  prior: Float64Array,
  posterior: Float64Array,
  known: Int32Array | undefined,
  byLogs: (row: Float64Array, item: number) => number,
) => Pass

const walkFew: Walk = (table, cell, cells, prior, posterior, known, byLogs) => {
  const { items, classes, start } = table
  const padded = new Float64Array(few)
  padded.set(prior)
  const sums = new Float64Array(few)
  const row = new Float64Array(few)
  let logLikelihood = 0
  let product = 1
  let change = 0
  for (let i = 0; i < items; i++) {
    const from = start[i]!
    const to = start[i + 1]!
    let a = padded[0]!
    let b = padded[1]!
    let c = padded[2]!
    let d = padded[3]!
    for (let o = from; o < to; o++) {
      const base = cell[o]!
      a *= cells[base]!
      b *= cells[base + 1]!
      c *= cells[base + 2]!
      d *= cells[base + 3]!
    }
    const gold = known ? known[i]! : -1
    if (gold >= 0) {
      a = gold === 0 ? a : 0
      b = gold === 1 ? b : 0
      c = gold === 2 ? c : 0
      d = gold === 3 ? d : 0
    }
    let total = a + b + c + d
    if (total < vanishing) {
      logLikelihood += byLogs(row, i)
      a = row[0]!
      b = row[1]!
      c = row[2]!
      d = row[3]!
      total = 1
    }
    // one logarithm for many items
    product *= total
    if (product < vanishing) {
      logLikelihood += Math.log(product)
      product = 1
    }
    const scale = 1 / total
    a = snap(a * scale)
    b = snap(b * scale)
    c = snap(c * scale)
    d = snap(d * scale)
    const q = i * classes
    change = Math.max(change, Math.abs(a - posterior[q]!))
    posterior[q] = a
    if (classes > 1) {
      change = Math.max(change, Math.abs(b - posterior[q + 1]!))
      posterior[q + 1] = b
    }
    if (classes > 2) {
      change = Math.max(change, Math.abs(c - posterior[q + 2]!))
      posterior[q + 2] = c
    }
    if (classes > 3) {
      change = Math.max(change, Math.abs(d - posterior[q + 3]!))
      posterior[q + 3] = d
    }
    sums[0]! += a
    sums[1]! += b
    sums[2]! += c
    sums[3]! += d
    for (let o = from; o < to; o++) {
      const base = cell[o]! + few
      cells[base]! += a
      cells[base + 1]! += b
      cells[base + 2]! += c
      cells[base + 3]! += d
    }
  }
  return { logLikelihood: logLikelihood + Math.log(product), change, sums: sums.slice(0, classes) }
}

const walkMany: Walk = (table, cell, cells, prior, posterior, known, byLogs) => {
  const { items, classes, start } = table
  const sums = new Float64Array(classes)
  const row = new Float64Array(classes)
  let logLikelihood = 0
  let product = 1
  let change = 0
  for (let i = 0; i < items; i++) {
    const from = start[i]!
    const to = start[i + 1]!
    for (let k = 0; k < classes; k++) row[k] = prior[k]!
    for (let o = from; o < to; o++) {
      const base = cell[o]!
      for (let k = 0; k < classes; k++) row[k]! *= cells[base + k]!
    }
    const gold = known ? known[i]! : -1
    let total = 0
    for (let k = 0; k < classes; k++) {
      if (gold >= 0 && k !== gold) row[k] = 0
      total += row[k]!
    }
    if (total < vanishing) {
      logLikelihood += byLogs(row, i)
      total = 1
    }
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
    for (let o = from; o < to; o++) {
      const base = cell[o]! + classes
      for (let k = 0; k < classes; k++) cells[base + k]! += row[k]!
    }
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
  let top = gold >= 0 ? row[gold]! : Number.NEGATIVE_INFINITY
  for (let k = 0; k < classes && gold < 0; k++) top = Math.max(top, row[k]!)
  let total = 0
  for (let k = 0; k < classes; k++) total += row[k] = gold >= 0 ? Number(k === gold) : Math.exp(row[k]! - top)
  for (let k = 0; k < classes; k++) row[k]! /= total
  return top + Math.log(total)
}
