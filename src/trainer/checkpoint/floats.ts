/** Half precision to and from float32: IEEE 754 binary16 and bfloat16 (the upper half of a float32). */

const bits = new Uint32Array(1)
const float = new Float32Array(bits.buffer)

/** One binary16 as a number. */
export function float16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

let table: Float32Array | undefined

/** All 65,536 values, made once: decoding a tensor is then a look-up. */
export function float16Table(): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, half) => float16(half))
  return table
}

export function decodeFloat16(halves: Uint16Array): Float32Array {
  const values = float16Table()
  const out = new Float32Array(halves.length)
  for (let i = 0; i < halves.length; i++) out[i] = values[halves[i]]
  return out
}

export function decodeBfloat16(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length)
  const words = new Uint32Array(out.buffer)
  for (let i = 0; i < halves.length; i++) words[i] = halves[i] << 16
  return out
}

/** Rounds to nearest, ties to even, as PyTorch does. */
export function encodeBfloat16(values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) {
    float[0] = values[i]
    const word = bits[0]
    out[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  }
  return out
}
