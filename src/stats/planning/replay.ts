/**
 * Replays collected labels under a stopping rule: the labels of each item come in random order, the belief starts at the class
 * shares and moves by each worker's own confusion matrix, and no more are asked for once the rule says so. What would
 * have been saved, and how often the decision would have been right.
 *
 * The confusion matrices must come from other items (a worker's answers on the items replayed would judge themselves).
 *
 * Worked example: `sentiment`, matrices from one half of the items, the other half replayed (a test prints it).
 */
import { type Random, shuffle } from '../random.ts'
import type { Labels } from '../truth/labels.ts'
import type { Truth } from '../truth/result.ts'
import { decide, type StoppingRule, updateBelief } from './stopping.ts'

export interface Replay {
  /** Mean number of labels used an item, over the items replayed. */
  labels: number
  /** Mean number that were there. */
  available: number
  /** Decision of each item replayed, -1 for the others. */
  decided: Int32Array
}

/** `items`: those to replay. `known`: fit on other items, with one confusion matrix a worker of `table`. */
export function replay(
  table: Labels,
  items: readonly number[],
  known: Truth,
  rule: Omit<StoppingRule, 'confusion'>,
  pool: Float64Array,
  random: Random,
): Replay {
  const { classes, start, worker, label } = table
  const square = classes * classes
  const confusion = known.quality.confusion!
  const decided = new Int32Array(table.items).fill(-1)
  let used = 0
  let available = 0
  for (const i of items) {
    const order = shuffle(
      Array.from({ length: start[i + 1]! - start[i]! }, (_, n) => start[i]! + n),
      random,
    )
    available += order.length
    let q: Float64Array = known.prevalence.slice()
    let decision = decide(q, { ...rule, confusion: pool })
    for (const o of order) {
      if (!decision.ask) break
      const w = worker[o]!
      q = updateBelief(q, confusion.subarray(w * square, (w + 1) * square), label[o]!)
      used++
      decision = decide(q, { ...rule, confusion: pool })
    }
    decided[i] = decision.decide
  }
  return { labels: used / items.length, available: available / items.length, decided }
}
