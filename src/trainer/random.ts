/**
 * Seeded random numbers whose whole state is one array, so that a run resumes to the last bit.
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state, period of at least 2^32.
 */

export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number
  /** Standard normal (Box-Muller, one value per two uniforms: no cached half, so that the state stays one array). */
  normal(): number
  /** Uniform integer in [0, below). */
  integer(below: number): number
  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[]
  /** Four 32-bit words; hand them to `randomFrom` to continue the stream. */
  state(): [number, number, number, number]
}

/** A stream for `seed` and, when several are needed, `stream`: different pairs give unrelated streams. */
export function randomOf(seed: number, stream = 0): Random {
  const random = randomFrom([Math.floor(seed / 2 ** 32) | 0, seed | 0, stream | 0, 1])
  for (let i = 0; i < 15; i++) random.uniform()
  return random
}

/**
 * The seed of one batch of samples, apart from those of everything else that `seed` decides; both are whole numbers from 0.
 * Modulo 2^53: beyond it numbers lie two and more apart, and batches that follow each other would be the same.
 */
export const seedOf = (seed: number, batch: number): number =>
  Number(BigInt.asUintN(53, BigInt(seed) * 1_000_003n + BigInt(batch)))

export function randomFrom(state: readonly [number, number, number, number]): Random {
  let [a, b, c, d] = state.map((word) => word | 0) as [number, number, number, number]
  const uniform = (): number => {
    const t = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 4294967296
  }
  const integer = (below: number): number => Math.floor(uniform() * below)
  return {
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle: (items) => {
      for (let i = items.length - 1; i > 0; i--) {
        const j = integer(i + 1)
        ;[items[i], items[j]] = [items[j]!, items[i]!]
      }
      return items
    },
    state: () => [a, b, c, d],
  }
}
