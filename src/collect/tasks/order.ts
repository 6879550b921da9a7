/** The order in which targets stand on the screen, drawn from a stored seed. */

/** mulberry32: small, well mixed, and the same in browser and server. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A permutation of 0..n-1 (Fisher-Yates); the same seed gives the same order. */
export function orderOf(seed: number, n: number): number[] {
  const next = generator(seed)
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

/** What the work screen calls targets, given in stored order: A is the first that one sees. */
export const namesOnScreen = (order: readonly number[]): string[] =>
  order.map((_, target) => String.fromCharCode('A'.charCodeAt(0) + order.indexOf(target)))
