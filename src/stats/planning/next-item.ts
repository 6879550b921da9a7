/**
 * Which item is worth the next label. Three scores, in nats; all are 0 where nothing can be learned.
 *
 * entropy      of the posterior: what is not known of the item.
 * information  mutual information of the truth and the next answer: H(answer) - sum_k q_k H(answer | k). An item that is unclear
 *              because workers cannot tell its classes apart has entropy, but little of this.
 * pairInformation  the same for a comparison of two items with score difference N(d, v) (BALD, Houlsby et al. 2011):
 *              H(mean p) - mean H(p) over the uncertainty of the scores, by Gauss-Hermite quadrature of 20 points.
 *
 * Worked example: q = (.5, .5): entropy ln 2 = .6931; with workers right .8 the answer tells ln 2 - H(.8) = .1927.
 */
import { sigmoid } from '../sigmoid.ts'

const h = (p: number) => (p > 0 ? -p * Math.log(p) : 0)

export const entropy = (q: ArrayLike<number>): number => Array.from(q).reduce((sum, p) => sum + h(p), 0)

/** `confusion`: classes x classes (true, answered) of who would answer. */
export function information(q: ArrayLike<number>, confusion: ArrayLike<number>): number {
  const classes = q.length
  let total = 0
  for (let l = 0; l < classes; l++) {
    let chance = 0
    for (let k = 0; k < classes; k++) {
      const cell = confusion[k * classes + l]!
      chance += q[k]! * cell
      total -= q[k]! * h(cell)
    }
    total += h(chance)
  }
  return Math.max(total, 0)
}

/** Nodes and weights of Gauss and Hermite for the standard normal. */
const nodes = gaussHermite(20)

export function pairInformation(difference: number, variance: number): number {
  let mean = 0
  let within = 0
  for (const [x, weight] of nodes) {
    const p = sigmoid(difference + Math.sqrt(Math.max(variance, 0)) * x)
    mean += weight * p
    within += weight * (h(p) + h(1 - p))
  }
  return Math.max(h(mean) + h(1 - mean) - within, 0)
}

function gaussHermite(n: number): [node: number, weight: number][] {
  const found: [number, number][] = []
  for (let i = 0; i < n; i++) {
    // roots of He_n lie between -2 sqrt n and 2 sqrt n; each is bracketed by a change of sign on a fine grid
    let [low, high] = bracket(n, i)
    for (let step = 0; step < 80; step++) {
      const middle = (low + high) / 2
      if (hermite(n, middle) * hermite(n, low) <= 0) high = middle
      else low = middle
    }
    const x = (low + high) / 2
    found.push([x, 1 / weightSum(n, x)])
  }
  return found
}

function bracket(n: number, index: number): [number, number] {
  const edge = 2 * Math.sqrt(n)
  const grid = 40 * n
  let seen = 0
  for (let g = 0; g < grid; g++) {
    const a = -edge + (2 * edge * g) / grid
    const b = -edge + (2 * edge * (g + 1)) / grid
    if (hermite(n, a) * hermite(n, b) < 0 && seen++ === index) return [a, b]
  }
  return [0, 0]
}

/** Orthonormal Hermite polynomial of degree n at x. */
function hermite(n: number, x: number): number {
  let before = 0
  let value = 1
  for (let k = 0; k < n; k++) [before, value] = [value, (x * value - Math.sqrt(k) * before) / Math.sqrt(k + 1)]
  return value
}

/** Sum of squares of the orthonormal polynomials below degree n: the inverse of a node's weight. */
function weightSum(n: number, x: number): number {
  let sum = 0
  for (let k = 0; k < n; k++) sum += hermite(k, x) ** 2
  return sum
}
