/**
 * When to stop asking for labels on an item: Wald's sequential analysis (1947) with the costs named.
 *
 * Belief q over the classes; a worker whose answers have the confusion pi moves it by Bayes' rule. Deciding for d when k is true
 * costs loss[k][d]. With up to h more labels in view at `price` each,
 *
 *   V_h(q) = min( least expected loss of deciding now,  price + sum_l P(l) V_{h-1}(q after l) ),   P(l) = sum_k q_k pi_kl
 *
 * and one more label is worth asking for while the second is the smaller. A view of one label alone would stop too early: one
 * answer often cannot turn the decision, two can. `threshold` is the plain rule: stop at a posterior of that height.
 *
 * Worked example: q = (.5, .5), workers right with .8, loss 1, price .05: deciding costs .5, one label .05 + .2: ask. At
 * q = (.96, .04) one more answer cannot turn the decision within a view of one: stop.
 */
import { refuse } from '../errors.ts'

export interface StoppingRule {
  /** classes x classes (true, answered): the worker who would answer next, or the average of the pool. */
  confusion: Float64Array
  /** Price of a label in the unit of `loss`. */
  price: number
  /** classes x classes (true, decided); 0 on the diagonal. Default: 1 off the diagonal. */
  loss?: Float64Array
  /** Labels in view: 5 for two classes, 3 for more, where a longer view costs more time than it saves labels. */
  horizon?: number
}

export interface Decision {
  ask: boolean
  /** The class of least expected loss. */
  decide: number
  /** Expected loss of deciding now. */
  loss: number
  /** What asking saves on average, price included; below 0 where it costs more than it saves. */
  gain: number
}

/** Belief after an answer `label` by a worker with this confusion (classes x classes); q itself where it says nothing. */
export function updateBelief(q: ArrayLike<number>, confusion: ArrayLike<number>, label: number): Float64Array {
  const classes = q.length
  const next = Float64Array.from(q, (value, k) => value * confusion[k * classes + label]!)
  const total = next.reduce((a, b) => a + b, 0)
  return total > 0 ? next.map((value) => value / total) : Float64Array.from(q)
}

export function decide(
  q: ArrayLike<number>,
  { confusion, price, loss, horizon = q.length > 2 ? 3 : 5 }: StoppingRule,
): Decision {
  const classes = q.length
  if (confusion.length !== classes * classes) refuse('The confusion must be classes x classes.', { where: 'confusion' })
  const cost =
    loss ?? Float64Array.from({ length: classes * classes }, (_, n) => Number(n % classes !== Math.floor(n / classes)))
  const { best, least } = decideNow(q, cost)
  const gain = least - continued(q, horizon)
  return { ask: gain > 1e-12, decide: best, loss: least, gain }

  function continued(belief: ArrayLike<number>, left: number): number {
    let total = price
    for (let l = 0; l < classes; l++) {
      let chance = 0
      for (let k = 0; k < classes; k++) chance += belief[k]! * confusion[k * classes + l]!
      if (chance > 0) total += chance * value(updateBelief(belief, confusion, l), left - 1)
    }
    return total
  }

  function value(belief: ArrayLike<number>, left: number): number {
    const { least: now } = decideNow(belief, cost)
    // what no further label could save need not be looked into
    return left === 0 || now <= price ? now : Math.min(now, continued(belief, left))
  }
}

function decideNow(q: ArrayLike<number>, loss: Float64Array): { best: number; least: number } {
  const classes = q.length
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (let d = 0; d < classes; d++) {
    let expected = 0
    for (let k = 0; k < classes; k++) expected += q[k]! * loss[k * classes + d]!
    if (expected < least - 1e-15) {
      least = expected
      best = d
    }
  }
  return { best, least }
}

/** Confusion of the average worker, weighed by how much each has answered. */
export function poolConfusion(confusion: Float64Array, classes: number, labels: ArrayLike<number>): Float64Array {
  const square = classes * classes
  const pool = new Float64Array(square)
  let total = 0
  for (let w = 0; w < labels.length; w++) {
    total += labels[w]!
    for (let n = 0; n < square; n++) pool[n]! += labels[w]! * confusion[w * square + n]!
  }
  return pool.map((sum) => (total > 0 ? sum / total : 1 / classes))
}
