/**
 * Seeded random numbers: sfc32 (Chris Doty-Humphrey's "small fast counting" generator, PractRand), its state filled by
 * splitmix32 from one number, so that the same seed gives the same stream on every machine. Not for secrets.
 */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number
  /** Standard normal, by Marsaglia's polar method. */
  normal(): number
  /** Uniform whole number in 0 .. n - 1. */
  integer(n: number): number
}

/** @param seed any finite number; its fraction counts too */
export function createRandom(seed: number): Random {
  let mixed = (seed ^ Math.imul(Math.floor(seed / 4294967296), 0x9e3779b9) ^ Math.floor((seed % 1) * 4294967296)) | 0
  const splitmix = () => {
    mixed = (mixed + 0x9e3779b9) | 0
    let z = mixed ^ (mixed >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let a = splitmix()
  let b = splitmix()
  let c = splitmix()
  let counter = 1
  const bits = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) bits()

  let spare = Number.NaN
  const next = () => bits() / 4294967296
  return {
    next,
    integer: (n) => Math.floor(next() * n),
    normal() {
      if (!Number.isNaN(spare)) {
        const kept = spare
        spare = Number.NaN
        return kept
      }
      for (;;) {
        const x = 2 * next() - 1
        const y = 2 * next() - 1
        const square = x * x + y * y
        if (square >= 1 || square === 0) continue
        const scale = Math.sqrt((-2 * Math.log(square)) / square)
        spare = y * scale
        return x * scale
      }
    },
  }
}

/** Puts the values in random order, in place (Fisher-Yates). */
export function shuffle<T extends { length: number; [index: number]: unknown }>(values: T, random: Random): T {
  const list = values as { length: number; [index: number]: unknown }
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const kept = list[i]
    list[i] = list[j]
    list[j] = kept
  }
  return values
}
