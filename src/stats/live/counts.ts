/**
 * The counts of live statistics: whole numbers, so that adding and taking away an answer in any order gives the same state to
 * the last bit. From them, without a pass over the answers:
 *
 * Krippendorff's nominal alpha (formula in `agreement/krippendorff.ts`): per number n of answers on an item, the sum over
 * such items of sum_k n_k (n_k - 1); observed agreement is then sum over n of that sum / (n - 1).
 * Gold: right and asked per worker. Sides: left and decided per worker. Answers per worker and item.
 *
 * Worked example: items (a, a), (a, b), (b, b): sums for n = 2: 2 + 0 + 2 = 4, 6 ratings, 3 of each class; disagreement seen
 * 1 - 4/6 = 1/3, expected 1 - (3*2 + 3*2)/(6*5) = 3/5, alpha 4/9.
 */
import { float64, int32 } from './columns.ts'

export type Counts = ReturnType<typeof createCounts>

/** What the counts see of one answer; -1 where it does not apply. */
export interface Counted {
  item: number
  worker: number
  label: number
  /** The known class. */
  gold: number
  /** 0 left, 1 right: the side of the screen that was chosen. */
  side: number
}

export function createCounts(classes: number) {
  /** items x classes. */
  const ofItem = int32()
  const onItem = int32()
  const byWorker = { answers: int32(), asked: int32(), right: int32(), left: int32(), decided: int32() }
  /** By number of answers on an item: sum over such items of sum_k n_k (n_k - 1), and their number. */
  const pairs = float64()
  const withAnswers = int32()
  /** Answers of each class on items with two answers or more. */
  const pairable = float64()
  pairable.reach(classes)

  function move(item: number, sign: 1 | -1): void {
    const n = onItem.values[item]!
    if (n === 0) return
    let agreeing = 0
    for (let k = 0; k < classes; k++) {
      const count = ofItem.values[item * classes + k]!
      agreeing += count * (count - 1)
      if (n >= 2) pairable.values[k]! += sign * count
    }
    pairs.reach(n + 1)
    withAnswers.reach(n + 1)
    pairs.values[n]! += sign * agreeing
    withAnswers.values[n]! += sign
  }

  /** Adds an answer (sign 1) or takes it away (sign -1). */
  function count({ item, worker, label, gold, side }: Counted, sign: 1 | -1): void {
    ofItem.reach((item + 1) * classes)
    onItem.reach(item + 1)
    for (const column of Object.values(byWorker)) column.reach(worker + 1)
    move(item, -1)
    ofItem.values[item * classes + label]! += sign
    onItem.values[item]! += sign
    move(item, 1)
    byWorker.answers.values[worker]! += sign
    if (gold >= 0) {
      byWorker.asked.values[worker]! += sign
      if (gold === label) byWorker.right.values[worker]! += sign
    }
    if (side >= 0) {
      byWorker.decided.values[worker]! += sign
      if (side === 0) byWorker.left.values[worker]! += sign
    }
  }

  /** Krippendorff's alpha, or why there is none. */
  function alpha(): { alpha: number; ratings: number } | { undefined: string } {
    let ratings = 0
    let same = 0
    let expected = 0
    for (let n = 2; n < pairs.length; n++) {
      ratings += n * withAnswers.values[n]!
      same += pairs.values[n]! / (n - 1)
    }
    if (ratings === 0) return { undefined: 'no item has two answers' }
    for (let k = 0; k < classes; k++) expected += pairable.values[k]! * (pairable.values[k]! - 1)
    const chance = 1 - expected / (ratings * (ratings - 1))
    if (!(chance > 0)) return { undefined: 'all answers are the same class' }
    return { alpha: 1 - (1 - same / ratings) / chance, ratings }
  }

  return { ofItem, onItem, byWorker, pairs, withAnswers, pairable, count, alpha }
}
