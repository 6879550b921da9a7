/** The one table that every method of this folder reads: who gave which item which label, grouped by item. */
import { refuse } from '../errors.ts'

/** Items, workers and classes are numbered from 0. An item may have no label at all; a worker may label an item twice. */
export interface Labels {
  readonly items: number
  readonly workers: number
  readonly classes: number
  /** items + 1 offsets: the labels of item i lie at start[i] .. start[i + 1] - 1 of `worker` and `label`. */
  readonly start: Int32Array
  readonly worker: Int32Array
  readonly label: Uint16Array
}

export interface NamedLabels extends Labels {
  readonly itemNames: readonly string[]
  readonly workerNames: readonly string[]
  readonly classNames: readonly string[]
}

type Column = ArrayLike<number>

/**
 * Groups rows by item; inside an item they are ordered by worker and label, so that no sum depends on the order of the
 * rows. Time linear in the rows (an item of more than 32 labels is sorted).
 * Throws `bad_input` when a number lies outside its range.
 */
export function labelTable(
  item: Column,
  worker: Column,
  label: Column,
  sizes: { items: number; workers: number; classes: number },
): Labels {
  const { items, workers, classes } = sizes
  const rows = item.length
  if (worker.length !== rows || label.length !== rows)
    refuse('Items, workers and labels must be columns of one length.')
  if (classes > 65_536) refuse(`There are ${classes} classes; up to 65,536 can be told apart.`)
  const start = new Int32Array(items + 1)
  for (let n = 0; n < rows; n++) {
    const outside = !(item[n]! >= 0 && item[n]! < items && worker[n]! >= 0 && worker[n]! < workers)
    if (outside || !(label[n]! >= 0 && label[n]! < classes))
      refuse('An item, worker or label lies outside its range.', { where: `row ${n + 1}` })
    start[item[n]! + 1]!++
  }
  for (let i = 0; i < items; i++) start[i + 1]! += start[i]!
  const next = start.slice(0, items)
  const sortedWorker = new Int32Array(rows)
  const sortedLabel = new Uint16Array(rows)
  for (let n = 0; n < rows; n++) {
    const at = next[item[n]!]!++
    sortedWorker[at] = worker[n]!
    sortedLabel[at] = label[n]!
  }
  for (let i = 0; i < items; i++) orderRange(sortedWorker, sortedLabel, start[i]!, start[i + 1]!, classes)
  return { items, workers, classes, start, worker: sortedWorker, label: sortedLabel }
}

/** Sorts one item's labels by worker, then label. */
function orderRange(worker: Int32Array, label: Uint16Array, from: number, to: number, classes: number): void {
  if (to - from > 32) {
    const keys = Float64Array.from(
      { length: to - from },
      (_, n) => worker[from + n]! * classes + label[from + n]!,
    ).sort()
    for (let n = 0; n < keys.length; n++) {
      worker[from + n] = Math.floor(keys[n]! / classes)
      label[from + n] = keys[n]! % classes
    }
    return
  }
  for (let n = from + 1; n < to; n++) {
    const w = worker[n]!
    const l = label[n]!
    let m = n - 1
    for (; m >= from && (worker[m]! > w || (worker[m]! === w && label[m]! > l)); m--) {
      worker[m + 1] = worker[m]!
      label[m + 1] = label[m]!
    }
    worker[m + 1] = w
    label[m + 1] = l
  }
}

/** Numbers as numbers, everything else by code unit: an order that no row and no locale can change. */
export function compareNames(a: string, b: string): number {
  const x = Number(a)
  const y = Number(b)
  const numeric = a.trim() !== '' && b.trim() !== '' && Number.isFinite(x) && Number.isFinite(y)
  if (numeric && x !== y) return x - y
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Numbers the distinct names in the order of `compareNames`. */
export function numberNames(column: readonly string[]): { names: string[]; index: Int32Array } {
  const names = [...new Set(column)].sort(compareNames)
  const place = new Map(names.map((name, n) => [name, n]))
  return { names, index: Int32Array.from(column, (name) => place.get(name)!) }
}

/** A table from three columns of names, as a file gives them. Throws `bad_input` on no rows. */
export function namedLabels(item: readonly string[], worker: readonly string[], label: readonly string[]): NamedLabels {
  if (item.length === 0) refuse('There are no labels.', { hint: 'Give at least one row of item, worker, label.' })
  const byItem = numberNames(item)
  const byWorker = numberNames(worker)
  const byLabel = numberNames(label)
  const table = labelTable(byItem.index, byWorker.index, byLabel.index, {
    items: byItem.names.length,
    workers: byWorker.names.length,
    classes: byLabel.names.length,
  })
  return { ...table, itemNames: byItem.names, workerNames: byWorker.names, classNames: byLabel.names }
}
