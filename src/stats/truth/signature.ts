/**
 * Random starts that depend on what was answered, not on what things are called or in which order they came: every item,
 * worker and class gets a number made from its answers alone, and the start is drawn from that number.
 *
 * The numbers are colours of Weisfeiler and Leman's refinement (1968) on the graph of answers: in each round an item's
 * colour is mixed from the multiset of (worker, class) colours of its answers, and so on for workers and classes.
 * Permuting rows, workers, items or class names permutes the colours with them. What has the same colour after three
 * rounds gets the same start: nothing in the data tells it apart.
 */
import type { Labels } from './labels.ts'

export interface Signatures {
  item: Int32Array
  worker: Int32Array
  class: Int32Array
}

const rounds = 3

/** Mixes whole numbers into one of 32 bits (the finaliser of MurmurHash3). */
function mix(...parts: number[]): number {
  let h = 0x9e3779b9
  for (const part of parts) {
    h = Math.imul(h ^ part, 0x85ebca6b)
    h ^= h >>> 13
    h = Math.imul(h, 0xc2b2ae35)
    h ^= h >>> 16
  }
  return h | 0
}

/** Uniform in (0, 1), decided by the numbers given. */
export const uniform = (...parts: number[]): number => ((mix(...parts) >>> 0) + 0.5) / 4294967296

export function signatures({ items, workers, classes, start, worker, label }: Labels): Signatures {
  let colour = { item: new Int32Array(items), worker: new Int32Array(workers), class: new Int32Array(classes) }
  for (let round = 0; round < rounds; round++) {
    const next = { item: new Int32Array(items), worker: new Int32Array(workers), class: new Int32Array(classes) }
    for (let i = 0; i < items; i++) {
      for (let o = start[i]!; o < start[i + 1]!; o++) {
        const w = worker[o]!
        const l = label[o]!
        // sums of mixed numbers: the same whatever the order of the answers
        next.item[i]! += mix(1, colour.worker[w]!, colour.class[l]!)
        next.worker[w]! += mix(2, colour.item[i]!, colour.class[l]!)
        next.class[l]! += mix(3, colour.item[i]!, colour.worker[w]!)
      }
    }
    for (const key of ['item', 'worker', 'class'] as const)
      next[key].forEach((sum, n) => {
        next[key][n] = mix(round, colour[key][n]!, sum)
      })
    colour = next
  }
  return colour
}
