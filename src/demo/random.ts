/** Numbers drawn from a seed: another seed, another course; the same seed, the same one. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number
  pick<T>(from: readonly T[]): T
  shuffle<T>(items: readonly T[]): T[]
  /** Normal, mean 0, deviation 1. */
  normal(): number
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded by a hash of the words. */
export function randomOf(...words: (string | number)[]): Random {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1]
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + t) | 0
    return (t >>> 0) / 2 ** 32
  }
  for (const character of words.join(' ')) {
    a = (a ^ character.codePointAt(0)!) | 0
    next()
  }
  for (let i = 0; i < 12; i++) next()
  return {
    next,
    pick: (from) => from[Math.floor(next() * from.length)]!,
    shuffle(items) {
      const mixed = [...items]
      for (let i = mixed.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1))
        const [x, y] = [mixed[i]!, mixed[j]!]
        mixed[i] = y
        mixed[j] = x
      }
      return mixed
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  }
}
